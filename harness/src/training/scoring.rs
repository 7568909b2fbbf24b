//! Scores of a generator as a run has them, in training and when they are checked.

use bench_data::files::hexadecimal;
use bench_metrics::{Evidence, GaussianStatistics, ImageBatch, Panel};
use bench_models::Sampler;
use bench_models::images::ImageShape;
use bench_reports::record::MetricValues;
use sha2::{Digest, Sha256};

use super::config::RunConfig;
use super::error::RunError;
use super::extractors::Extractors;
use super::runner;
use crate::evaluation::{Measured, Measurement};
use crate::progress::{Busy, Progress};

/// A generator whose images are less diverse than this has collapsed: they are all alike.
pub const COLLAPSED: f64 = 0.01;

/// Before this step they may be alike because training has hardly begun.
pub const EARLIEST_COLLAPSE: u64 = 100;

/// What a generator is scored by.
pub(crate) struct Scale<'a> {
    pub(crate) config: &'a RunConfig,
    /// The metrics, as far as extractor and images allow.
    pub(crate) panel: &'a Panel,
    /// What its images are compared with.
    pub(crate) measured: &'a Measured,
}

/// What came of it.
pub(crate) struct Scores {
    pub(crate) values: MetricValues,
    pub(crate) n_generated: u64,
    pub(crate) n_reference: u64,
    /// SHA-256 of the pixels of all generated images, in order.
    pub(crate) images_sha256: String,
    /// The variance of the features of generated images, summed over all features, as a share of that of the reference
    /// images; missing where those do not vary.
    pub(crate) diversity: Option<f64>,
}

impl Scores {
    /// What is to be said of a generator that has collapsed after so many steps.
    pub(crate) fn collapse(&self, step: u64) -> Option<String> {
        let diversity = self.diversity.filter(|diversity| *diversity < COLLAPSED)?;
        if step < EARLIEST_COLLAPSE {
            return None;
        }
        Some(format!(
            "collapsed at step {step}: the features of its images vary {:.2} % as much as those of reference images \
             (below {} % all images are alike)",
            100.0 * diversity,
            100.0 * COLLAPSED
        ))
    }
}

/// Scores the images of `sampler`.
///
/// # Errors
/// [`RunError::Stopped`] if a signal asked for the end; those of the extractor and the metrics.
pub(crate) fn score(
    sampler: &Sampler,
    scale: &Scale,
    extractors: &mut Extractors,
    label: String,
) -> Result<Scores, RunError> {
    let Scale { config, panel, measured } = *scale;
    let ImageShape { height, width, channels } = sampler.shape();
    let protocol = config.evaluation.plan.protocol;
    let extractor = extractors.under(protocol).map_err(RunError::Features)?;
    let mut measurement = Measurement::new(extractor);
    let wanted = config.evaluation.generated();
    let mut progress = Progress::of_images(label, wanted);
    let (mut scored, mut digest) = (0, Sha256::new());
    sampler.sample(wanted, |pixels| -> Result<(), RunError> {
        runner::go_on()?;
        let n = pixels.len() / sampler.shape().len();
        digest.update(pixels);
        measurement.push(&ImageBatch::new(pixels, n, height, width, channels)?)?;
        scored += n as u64;
        progress.set(scored, "");
        Ok(())
    })?;
    progress.clear();
    let _busy = Busy::of("computing metrics");
    let generated = measurement.finish()?;
    let evidence = Evidence {
        generated: generated.sample(),
        reference: Some(measured.sample()),
        held_out: None,
    };
    Ok(Scores {
        values: panel.compute(&evidence)?,
        n_generated: generated.n(),
        n_reference: measured.n(),
        images_sha256: hexadecimal(&digest.finalize()),
        diversity: diversity(&generated.gaussian, &measured.gaussian),
    })
}

/// See [`Scores::diversity`].
fn diversity(generated: &GaussianStatistics, reference: &GaussianStatistics) -> Option<f64> {
    let variance = |statistics: &GaussianStatistics| statistics.covariance().diag().sum();
    let share = variance(generated) / variance(reference);
    share.is_finite().then_some(share)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn statistics(scale: f32) -> GaussianStatistics {
        let features = Array2::from_shape_fn((8, 3), |(i, j)| scale * ((3 * i + j) % 5) as f32);
        GaussianStatistics::from_features(features.view()).unwrap()
    }

    #[test]
    fn diversity_is_a_share_of_the_variance_and_little_of_it_is_a_collapse() {
        let share = diversity(&statistics(0.05), &statistics(1.0));
        assert!((share.unwrap() - 0.0025).abs() < 1e-8, "{share:?}");
        assert_eq!(diversity(&statistics(1.0), &statistics(0.0)), None);
        let scores = |diversity| Scores {
            values: MetricValues::new(),
            n_generated: 8,
            n_reference: 8,
            images_sha256: String::new(),
            diversity,
        };
        let said = scores(share).collapse(100).unwrap();
        assert!(said.starts_with("collapsed at step 100: ") && said.contains(" 0.25 % "), "{said}");
        assert_eq!(scores(share).collapse(99), None);
        assert_eq!(scores(Some(COLLAPSED)).collapse(100), None);
        assert_eq!(scores(None).collapse(100), None);
    }
}
