//! FID extrapolated to infinitely many images.

use ndarray::{ArrayView2, Axis};

use super::fid::{Side, distance};
use super::{Direction, Evidence, Measure, Metric, Parameter, SEED, Settings, Values};
use crate::error::MetricsError;
use crate::random_state::RandomState;
use crate::statistics::GaussianStatistics;

/// Numbers of images at which FID is computed.
const SIZES: usize = 15;
/// The smallest of them, unless that is more than half of the images.
const SMALLEST: usize = 5000;
/// Images below which the sizes would not all differ.
const FEWEST: usize = 2 * SIZES;

/// The part of FID that does not depend on the number of generated images.
pub struct FidInfinity;

const MEASURES: &[Measure] = &[Measure {
    key: "fid_infinity",
    title: "FID∞",
    unit: "",
    direction: Direction::LowerIsBetter,
    decimals: 2,
    spread: None,
    further: &[],
}];

const PARAMETERS: &[Parameter] = &[SEED];

impl Metric for FidInfinity {
    fn name(&self) -> &'static str {
        "fid-infinity"
    }

    fn title(&self) -> &'static str {
        "FID∞"
    }

    fn doc(&self) -> &'static str {
        "FID extrapolated to infinitely many generated images (Chong and Forsyth 2020)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn needs_reference_activations(&self) -> bool {
        false
    }

    /// It takes as long as many FIDs.
    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let (_, reference) = evidence.gaussians(self.name())?;
        let generated = evidence.generated_activations(self.name())?.features.view();
        let fid = frechet_distance_at_infinity(generated, reference, settings.seed()?)?;
        Ok(vec![("fid_infinity", fid)])
    }
}

/// The Fréchet distance of the distribution behind `generated`, `[n, d]`, from `reference`, without the part that falls
/// with the number of generated images. It may be slightly negative.
///
/// FID is computed at 15 evenly spaced numbers of images from 5000, or from half of them if that is less, to n. Each
/// subset is drawn by the same `RandomState(seed)`, without replacement. Of the line through the distances over 1/N,
/// fitted by least squares, the result is the value at 1/N = 0. The bias is linear in 1/N only where N is well above d;
/// that of the reference images stays in.
///
/// Source: Chong and Forsyth, "Effectively Unbiased FID and Inception Score and Where to Find Them", 2020, section 4.
///
/// # Errors
/// [`MetricsError::TooFewImages`] if n is below 30, [`MetricsError::Dimension`] if the features differ in number,
/// [`MetricsError::NonFinite`], [`MetricsError::LinearAlgebra`].
pub fn frechet_distance_at_infinity(
    generated: ArrayView2<'_, f32>,
    reference: &GaussianStatistics,
    seed: u32,
) -> Result<f64, MetricsError> {
    let n = generated.nrows();
    if n < FEWEST {
        return Err(MetricsError::TooFewImages {
            what: "fid-infinity",
            needed: FEWEST,
            found: n,
            hint: "give more images",
        });
    }
    let mut random = RandomState::new(seed);
    let mut points = Vec::with_capacity(SIZES);
    for size in sizes(n) {
        let subset = generated.select(Axis(0), &random.choice(n, size));
        let gaussian = GaussianStatistics::from_features(subset.view())?;
        let side = Side::new(&gaussian, Some(subset.view()));
        points.push((1.0 / size as f64, distance(&side, &Side::new(reference, None))?));
    }
    Ok(intercept(&points))
}

/// From the smallest number of images to all of them, evenly spaced.
fn sizes(n: usize) -> impl Iterator<Item = usize> {
    let smallest = SMALLEST.min(n / 2);
    (0..SIZES).map(move |i| smallest + i * (n - smallest) / (SIZES - 1))
}

/// Where the least-squares line through the points `(x, y)` meets x = 0.
fn intercept(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let common: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    mean_y - common / spread * mean_x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_end_with_all_images_and_differ() {
        for n in [FEWEST, 101, 9_999, 10_000, 50_000] {
            let sizes: Vec<usize> = sizes(n).collect();
            assert!(sizes.windows(2).all(|pair| pair[0] < pair[1]), "{sizes:?}");
            assert_eq!((sizes[0], sizes[SIZES - 1]), (SMALLEST.min(n / 2), n));
        }
    }

    #[test]
    fn a_line_is_met_exactly() {
        let points = [(0.5, 4.0), (0.25, 3.5), (0.125, 3.25)];
        assert!((intercept(&points) - 3.0).abs() < 1e-14);
    }
}
