//! The metrics, and the registry that help texts, tables and docs are derived from.
//!
//! A metric is a file in this folder and a line in [`METRICS`].

pub mod fid;
pub mod fid_infinity;
pub mod inception_score;
pub mod kid;
pub mod prdc;

use ndarray::ArrayView2;

use crate::error::MetricsError;
use crate::extractor::Activations;
use crate::protocol::Parameters;
use crate::statistics::GaussianStatistics;

/// All metrics, in the order in which they are shown.
pub const METRICS: &[&dyn Metric] = &[
    &fid::Fid,
    &kid::Kid,
    &inception_score::InceptionScore,
    &prdc::Prdc,
    &fid_infinity::FidInfinity,
];

/// Results of a metric by key, in the order of [`Metric::keys`] and [`Metric::keys_on_request`].
pub type Values = Vec<(&'static str, f64)>;

/// Which way a metric improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smaller values are better.
    LowerIsBetter,
    /// Larger values are better.
    HigherIsBetter,
}

/// What is known of one set of images.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample<'a> {
    /// Features and logits of every image.
    pub activations: Option<&'a Activations>,
    /// Mean and covariance of the features.
    pub gaussian: Option<&'a GaussianStatistics>,
}

/// What metrics are computed from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// The images of the model under evaluation.
    pub generated: Sample<'a>,
    /// The images that they are compared with, if there are any.
    pub reference: Option<Sample<'a>>,
}

/// A number, or a few that belong together, that says how good generated images are.
pub trait Metric: Sync {
    /// Name on the command line: lower-case letters, and hyphens between words.
    fn name(&self) -> &'static str;

    /// Name in tables and figures.
    fn title(&self) -> &'static str;

    /// Unit of the values; empty for a bare number.
    fn unit(&self) -> &'static str {
        ""
    }

    /// Which way the metric improves.
    fn direction(&self) -> Direction;

    /// One line for help texts: what it measures, and the paper it is from.
    fn doc(&self) -> &'static str;

    /// Keys of the values, the leading one first; names of columns and JSON fields.
    fn keys(&self) -> &'static [&'static str];

    /// Keys of further values, which are there only if the parameters ask for them.
    fn keys_on_request(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the images are compared with reference images.
    fn needs_reference(&self) -> bool;

    /// Whether every generated image's features or logits are needed, and not their mean and covariance alone.
    fn needs_activations(&self) -> bool;

    /// Whether every reference image's are needed.
    fn needs_reference_activations(&self) -> bool {
        self.needs_reference() && self.needs_activations()
    }

    /// Whether class logits are needed, which some extractors do not give.
    fn needs_logits(&self) -> bool {
        false
    }

    /// Whether the metric is cheap enough to be computed unless others are asked for.
    fn by_default(&self) -> bool {
        true
    }

    /// Computes the values, each finite, in the order of [`keys`](Self::keys) and then of
    /// [`keys_on_request`](Self::keys_on_request). A value that is not defined for so few images is left out.
    ///
    /// # Errors
    /// [`MetricsError::MissingEvidence`], and what the metric's own function names.
    fn compute(
        &self,
        evidence: &Evidence<'_>,
        parameters: &Parameters,
    ) -> Result<Values, MetricsError>;
}

/// The metric called `name`.
///
/// # Errors
/// [`MetricsError::UnknownName`] if there is none.
pub fn find(name: &str) -> Result<&'static dyn Metric, MetricsError> {
    METRICS.iter().copied().find(|metric| metric.name() == name).ok_or_else(|| {
        MetricsError::UnknownName {
            kind: "metric",
            name: name.to_owned(),
            known: METRICS.iter().map(|metric| metric.name()).collect::<Vec<_>>().join(", "),
        }
    })
}

impl<'a> Sample<'a> {
    fn features(&self) -> Option<ArrayView2<'a, f32>> {
        self.activations.map(|activations| activations.features.view())
    }
}

impl<'a> Evidence<'a> {
    fn gaussians(
        &self,
        metric: &'static str,
    ) -> Result<(&'a GaussianStatistics, &'a GaussianStatistics), MetricsError> {
        let missing = |what| MetricsError::MissingEvidence { metric, what };
        let generated =
            self.generated.gaussian.ok_or_else(|| missing("statistics of the generated images"))?;
        let reference = self.reference.and_then(|reference| reference.gaussian);
        Ok((generated, reference.ok_or_else(|| missing("statistics of reference images"))?))
    }

    fn generated_logits(&self, metric: &'static str) -> Result<ArrayView2<'a, f32>, MetricsError> {
        let logits = self.generated_activations(metric)?.logits.view();
        match logits.ncols() {
            0 => Err(MetricsError::MissingLogits { metric }),
            _ => Ok(logits),
        }
    }

    fn generated_activations(&self, metric: &'static str) -> Result<&'a Activations, MetricsError> {
        let what = "the activations of every generated image";
        self.generated.activations.ok_or(MetricsError::MissingEvidence { metric, what })
    }

    fn reference_activations(&self, metric: &'static str) -> Result<&'a Activations, MetricsError> {
        let what = "the activations of every reference image";
        let reference = self.reference.and_then(|reference| reference.activations);
        reference.ok_or(MetricsError::MissingEvidence { metric, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Protocol;
    use ndarray::Array2;
    use std::collections::BTreeSet;

    fn all_keys(metric: &dyn Metric) -> Vec<&'static str> {
        [metric.keys(), metric.keys_on_request()].concat()
    }

    #[test]
    fn names_titles_and_keys_are_unique() {
        let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name()).collect();
        let titles: BTreeSet<_> = METRICS.iter().map(|metric| metric.title()).collect();
        let keys: Vec<_> = METRICS.iter().flat_map(|metric| all_keys(*metric)).collect();
        assert_eq!((names.len(), titles.len()), (METRICS.len(), METRICS.len()));
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn every_metric_is_named_and_documented() {
        for metric in METRICS {
            let name = metric.name();
            let is_word =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
            assert!(name.split('-').all(is_word), "{name}");
            assert!(!metric.title().is_empty() && !metric.keys().is_empty(), "{name}");
            assert!(
                metric.doc().len() > 20 && metric.doc().len() < 120 && !metric.doc().contains('\n'),
                "{name}"
            );
            assert!(
                all_keys(*metric)
                    .iter()
                    .all(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_')),
                "{name}"
            );
            assert_eq!(find(name).expect("a registered name").name(), name);
        }
        assert!(find("fd").err().expect("no such metric").to_string().contains("fid, kid, is"));
    }

    #[test]
    fn every_metric_yields_its_keys_and_the_same_alone_and_together() {
        let features = Array2::from_shape_fn((60, 4), |(i, j)| ((i * 7 + j * 3) % 11) as f32);
        let generated = Activations { logits: features.clone(), features };
        let reference = Activations {
            features: generated.features.mapv(|x| x * 0.5 + 1.0),
            logits: generated.logits.clone(),
        };
        let (generated_gaussian, reference_gaussian) = (
            GaussianStatistics::from_features(generated.features.view()).expect("enough features"),
            GaussianStatistics::from_features(reference.features.view()).expect("enough features"),
        );
        let evidence = Evidence {
            generated: Sample {
                activations: Some(&generated),
                gaussian: Some(&generated_gaussian),
            },
            reference: Some(Sample {
                activations: Some(&reference),
                gaussian: Some(&reference_gaussian),
            }),
        };
        let parameters = Parameters { kid_subset_size: 20, ..Protocol::TorchFidelity.parameters() };
        let asking = Parameters { bootstrap: Some(5), ..parameters };
        for metric in METRICS {
            let values = metric.compute(&evidence, &parameters).expect("complete evidence");
            assert_eq!(values.iter().map(|(key, _)| *key).collect::<Vec<_>>(), metric.keys());
            assert!(values.iter().all(|(_, value)| value.is_finite()), "{values:?}");
            assert_eq!(metric.compute(&evidence, &parameters).expect("complete evidence"), values);
            let everything = metric.compute(&evidence, &asking).expect("complete evidence");
            assert_eq!(
                everything.iter().map(|(key, _)| *key).collect::<Vec<_>>(),
                all_keys(*metric)
            );
            assert!(everything.starts_with(&values), "{everything:?}");

            let nothing = metric.compute(&Evidence::default(), &parameters);
            assert!(
                matches!(nothing, Err(MetricsError::MissingEvidence { .. })),
                "{}",
                metric.name()
            );
            let alone = metric.compute(&Evidence { reference: None, ..evidence }, &parameters);
            assert_eq!(alone.is_err(), metric.needs_reference(), "{}", metric.name());
            let statistics = Evidence {
                generated: Sample { activations: None, ..evidence.generated },
                reference: evidence.reference.map(|sample| Sample { activations: None, ..sample }),
            };
            assert_eq!(
                metric.compute(&statistics, &parameters).is_err(),
                metric.needs_activations(),
                "{}",
                metric.name()
            );
            let against_statistics =
                Evidence { generated: evidence.generated, reference: statistics.reference };
            assert_eq!(
                metric.compute(&against_statistics, &parameters).is_err(),
                metric.needs_reference_activations(),
                "{}",
                metric.name()
            );
            let without_logits =
                Activations { logits: Array2::zeros((generated.len(), 0)), ..generated.clone() };
            let sample = Sample { activations: Some(&without_logits), ..evidence.generated };
            let result = metric.compute(&Evidence { generated: sample, ..evidence }, &parameters);
            assert_eq!(
                matches!(result, Err(MetricsError::MissingLogits { .. })),
                metric.needs_logits(),
                "{}",
                metric.name()
            );
        }
    }
}
