//! The metrics, and the registry that help texts, tables and docs are derived from.
//!
//! A metric is a file in this folder and a line in [`METRICS`].

pub mod clipped;
pub mod cmmd;
pub mod fid;
pub mod fid_infinity;
pub mod fld;
pub mod inception_score;
pub mod kid;
mod measure;
pub mod mifid;
pub mod mind;
mod nearest;
mod parameter;
pub mod prdc;
pub mod precision_recall;
pub mod sfid;
pub mod vendi;

use ndarray::ArrayView2;

use crate::error::MetricsError;
use crate::extractor::Activations;
use crate::statistics::GaussianStatistics;

pub use measure::{Direction, Measure};
pub use parameter::{Parameter, SEED, Settings};

/// All metrics, in the order in which they are shown.
pub const METRICS: &[&dyn Metric] = &[
    &fid::Fid,
    &kid::Kid,
    &inception_score::InceptionScore,
    &prdc::Prdc,
    &fid_infinity::FidInfinity,
    &sfid::Sfid,
    &cmmd::Cmmd,
    &mind::Mind,
    &precision_recall::PrecisionRecall,
    &clipped::ClippedDensityCoverage,
    &vendi::Vendi,
    &mifid::Mifid,
    &fld::Fld,
];

/// Values of a metric by key, in the order of its [measures](Metric::measures) and their keys.
pub type Values = Vec<(&'static str, f64)>;

/// What of the images' numbers a metric's values depend on, so that values at other numbers cannot stand beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bias {
    /// Values depend on the number of generated images.
    pub by_generated: bool,
    /// Values depend on the number of reference images.
    pub by_reference: bool,
    /// Values are of a covariance, which is singular unless there are more images than features.
    pub by_covariance: bool,
    /// Values are of distances to nearest neighbours, which are 0 and mean nothing between images that are the same.
    pub by_repeats: bool,
}

/// What is known of one set of images.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample<'a> {
    /// Features and logits of every image.
    pub activations: Option<&'a Activations>,
    /// Mean and covariance of the features.
    pub gaussian: Option<&'a GaussianStatistics>,
    /// Mean and covariance of spatial features, which few extractors give.
    pub spatial: Option<&'a GaussianStatistics>,
}

/// What metrics are computed from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// The images of the model under evaluation.
    pub generated: Sample<'a>,
    /// The images that they are compared with, if there are any.
    pub reference: Option<Sample<'a>>,
    /// Images like the reference images and none of them, if there are any.
    pub held_out: Option<Sample<'a>>,
}

/// A number, or a few that belong together, that says how good generated images are.
pub trait Metric: Sync {
    /// Name on the command line: lower-case letters, and hyphens between words.
    fn name(&self) -> &'static str;

    /// Name in tables and figures.
    fn title(&self) -> &'static str;

    /// One line for help texts: what it measures, and the paper it is from.
    fn doc(&self) -> &'static str;

    /// What it measures, the leading one first.
    fn measures(&self) -> &'static [Measure];

    /// What can be set of it.
    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    /// How its values depend on the numbers of images.
    fn bias(&self) -> Bias {
        Bias::default()
    }

    /// Whether the images are compared with reference images.
    fn needs_reference(&self) -> bool {
        true
    }

    /// Whether every generated image's features or logits are needed, and not their mean and covariance alone.
    fn needs_activations(&self) -> bool {
        true
    }

    /// Whether every reference image's are needed.
    fn needs_reference_activations(&self) -> bool {
        self.needs_reference() && self.needs_activations()
    }

    /// Whether images are needed that are like the reference images and none of them.
    fn needs_held_out(&self) -> bool {
        false
    }

    /// Whether spatial features are needed, which InceptionV3 gives under protocol adm.
    fn needs_spatial(&self) -> bool {
        false
    }

    /// Whether class logits are needed, which some extractors do not give.
    fn needs_logits(&self) -> bool {
        false
    }

    /// Whether the metric is cheap enough to be computed unless others are asked for.
    fn by_default(&self) -> bool {
        false
    }

    /// Computes the values, each finite, in the order of [`measures`](Self::measures). A spread or a further value that
    /// is not asked for, or not defined for so few images, is left out.
    ///
    /// # Errors
    /// [`MetricsError::MissingEvidence`], and what the metric's own function names.
    fn compute(&self, evidence: &Evidence<'_>, settings: &Settings)
    -> Result<Values, MetricsError>;
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

/// Checks that two sides have equally many features, at least one, and at least `needed` images each.
fn check_sides(
    what: &'static str,
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    needed: usize,
) -> Result<(), MetricsError> {
    let (expected, found) = (generated.ncols().max(1), reference.ncols());
    if generated.ncols() != found || found == 0 {
        let what = "the second set of features";
        return Err(MetricsError::Dimension { what, expected, found });
    }
    let found = generated.nrows().min(reference.nrows());
    if found < needed {
        return Err(MetricsError::TooFewImages { what, needed, found, hint: "give more images" });
    }
    Ok(())
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

    fn held_out_activations(&self, metric: &'static str) -> Result<&'a Activations, MetricsError> {
        let what = "the activations of held-out images";
        let held_out = self.held_out.and_then(|held_out| held_out.activations);
        held_out.ok_or(MetricsError::MissingEvidence { metric, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use std::collections::BTreeSet;

    fn all_keys(metric: &dyn Metric) -> Vec<&'static str> {
        metric.measures().iter().flat_map(Measure::keys).collect()
    }

    fn keys_of(values: &Values) -> Vec<&'static str> {
        values.iter().map(|(key, _)| *key).collect()
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
    fn every_parameter_is_named_documented_and_starts_within_its_bounds() {
        for metric in METRICS {
            let mut names = BTreeSet::new();
            for parameter in metric.parameters() {
                let Parameter { name, doc, default, least, most, .. } = *parameter;
                assert!(names.insert(name), "{name} twice in {}", metric.name());
                assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
                assert!(doc.len() > 10 && !doc.contains('\n') && least < most, "{name}");
                assert!(default.is_none_or(|value| (least..=most).contains(&value)), "{name}");
                let settings = || Settings::defaults(*metric);
                assert_eq!(settings().with(name, most).expect("in bounds").get(name), Some(most));
                if most < u64::MAX {
                    let error = settings().with(name, most + 1).expect_err("out of bounds");
                    assert!(error.to_string().contains(name), "{error}");
                }
            }
            let error = Settings::defaults(*metric).with("colour", 1).expect_err("no parameter");
            assert!(error.to_string().contains("colour"), "{error}");
        }
    }

    #[test]
    fn every_metric_is_named_and_documented() {
        for metric in METRICS {
            let name = metric.name();
            let is_word =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
            assert!(name.split('-').all(is_word), "{name}");
            assert!(!metric.title().is_empty() && !metric.measures().is_empty(), "{name}");
            assert!(metric.measures().iter().all(|measure| !measure.title.is_empty()), "{name}");
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
        let spatial = Array2::zeros((60, 0));
        let generated = Activations { logits: features.clone(), features, spatial };
        let reference = Activations {
            features: generated.features.mapv(|x| x * 0.5 + 1.0),
            ..generated.clone()
        };
        let held_out = Activations {
            features: generated.features.mapv(|x| x * 0.5 + 1.5),
            ..generated.clone()
        };
        let (generated_gaussian, reference_gaussian) = (
            GaussianStatistics::from_features(generated.features.view()).expect("enough features"),
            GaussianStatistics::from_features(reference.features.view()).expect("enough features"),
        );
        let evidence = Evidence {
            generated: Sample {
                activations: Some(&generated),
                gaussian: Some(&generated_gaussian),
                spatial: Some(&generated_gaussian),
            },
            reference: Some(Sample {
                activations: Some(&reference),
                gaussian: Some(&reference_gaussian),
                spatial: Some(&reference_gaussian),
            }),
            held_out: Some(Sample { activations: Some(&held_out), ..Sample::default() }),
        };
        for metric in METRICS {
            let mut parameters = Settings::defaults(*metric);
            parameters.shrink_to(20, metric.title());
            // Those that ask for more values, and not for others.
            let asks =
                |parameter: &&Parameter| parameter.default.is_none() && parameter.needs_images;
            let off = metric.parameters().iter().filter(asks);
            let asking = off.fold(parameters.clone(), |settings, parameter| {
                settings.with(parameter.name, 5).expect("within its bounds")
            });
            let values = metric.compute(&evidence, &parameters).expect("complete evidence");
            let leading: Vec<_> = metric.measures().iter().map(|measure| measure.key).collect();
            let found = keys_of(&values);
            assert!(leading.iter().all(|key| found.contains(key)), "{found:?}");
            assert!(values.iter().all(|(_, value)| value.is_finite()), "{values:?}");
            assert_eq!(metric.compute(&evidence, &parameters).expect("complete evidence"), values);
            let everything = metric.compute(&evidence, &asking).expect("complete evidence");
            assert_eq!(keys_of(&everything), all_keys(*metric));
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
                held_out: evidence.held_out,
            };
            assert_eq!(
                metric.compute(&statistics, &parameters).is_err(),
                metric.needs_activations(),
                "{}",
                metric.name()
            );
            let against_statistics = Evidence { generated: evidence.generated, ..statistics };
            assert_eq!(
                metric.compute(&against_statistics, &parameters).is_err(),
                metric.needs_reference_activations(),
                "{}",
                metric.name()
            );
            let alone = metric.compute(&Evidence { held_out: None, ..evidence }, &parameters);
            assert_eq!(alone.is_err(), metric.needs_held_out(), "{}", metric.name());
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
