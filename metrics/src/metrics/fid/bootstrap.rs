//! Confidence interval of FID.

use ndarray::{Array2, ArrayView2, Axis};

use super::{Side, distance};
use crate::error::MetricsError;
use crate::random_state::RandomState;
use crate::statistics::{GaussianStatistics, Moments, quantile};

/// Share of the resampled distances below the interval, and above it.
const TAIL: f64 = 0.025;

/// Where FID lies for 95 % of the sets of so many images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end, at least 0.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The 95 % bootstrap confidence interval of `fid`, the distance of `generated`, `[n, d]`, from `reference`, `[m, d]`:
/// of the expected FID of n images against m.
///
/// Both sides are drawn anew `resamples` times, with replacement, by one `RandomState(seed)`, first the generated images,
/// then the reference images. FID falls with the number of different images, and a resample has fewer of them: resampled
/// distances lie above `fid` by about as much as `fid` does above the distance of the distributions. The interval is
/// therefore that of the 2.5th and 97.5th percentile of their deviations from their own mean, around `fid`.
///
/// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 10 and 13.
///
/// # Errors
/// [`MetricsError::Parameter`] if there are fewer than 2 resamples, [`MetricsError::TooFewImages`] if a side has fewer
/// than 2 images, [`MetricsError::Dimension`], [`MetricsError::NonFinite`], [`MetricsError::LinearAlgebra`].
pub fn confidence_interval(
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    fid: f64,
    resamples: usize,
    seed: u32,
) -> Result<Interval, MetricsError> {
    if resamples < 2 {
        let (parameter, value) = ("the number of bootstrap resamples", resamples.to_string());
        return Err(MetricsError::Parameter { parameter, value, allowed: "at least 2" });
    }
    let mut random = RandomState::new(seed);
    let mut distances = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        let generated = Resample::draw(generated, &mut random)?;
        let reference = Resample::draw(reference, &mut random)?;
        distances.push(distance(&generated.side(), &reference.side())?);
    }
    let offset = fid - distances.iter().sum::<f64>() / resamples as f64;
    let end = |share| (quantile(&distances, share) + offset).max(0.0);
    Ok(Interval { low: end(TAIL), high: end(1.0 - TAIL) })
}

/// As many images as there are, drawn with replacement.
struct Resample {
    gaussian: GaussianStatistics,
    /// Features of the images that were drawn, `[images, d]`, and how often.
    features: Array2<f32>,
    counts: Vec<u32>,
}

impl Resample {
    fn draw(features: ArrayView2<'_, f32>, random: &mut RandomState) -> Result<Self, MetricsError> {
        let n = features.nrows();
        let mut counts = vec![0; n];
        for _ in 0..n {
            counts[random.randint(n)] += 1;
        }
        let drawn: Vec<usize> = (0..n).filter(|&image| counts[image] > 0).collect();
        counts.retain(|count| *count > 0);
        let features = features.select(Axis(0), &drawn);
        let mut moments = Moments::new(features.ncols());
        moments.push_counted(features.view(), &counts)?;
        Ok(Self { gaussian: moments.finish()?, features, counts })
    }

    fn side(&self) -> Side<'_> {
        Side::counted(&self.gaussian, self.features.view(), &self.counts)
    }
}
