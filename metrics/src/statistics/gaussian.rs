//! The mean and covariance of a set of features.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use super::Moments;
use crate::error::MetricsError;
use crate::linear_algebra::asymmetry;

/// How far a covariance may be from symmetry, relative to its largest element: single precision's rounding.
const SYMMETRY_TOLERANCE: f64 = 1e-6;

/// The Gaussian that FID fits to features: their mean and covariance.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianStatistics {
    mean: Array1<f64>,
    covariance: Array2<f64>,
    n: Option<u64>,
}

impl GaussianStatistics {
    /// Takes statistics computed elsewhere: the mean `[d]`, the covariance `[d, d]` with divisor n - 1 (ddof 1), and
    /// the number of images if it is known.
    ///
    /// # Errors
    /// [`MetricsError::Dimension`] if the covariance is not d x d with d at least 1, [`MetricsError::NonFinite`],
    /// and [`MetricsError::NotSymmetric`] if mirrored elements differ by more than a millionth of the largest.
    pub fn new(
        mean: Array1<f64>,
        covariance: Array2<f64>,
        n: Option<u64>,
    ) -> Result<Self, MetricsError> {
        let d = mean.len();
        if d == 0 {
            return Err(MetricsError::Dimension { what: "the mean", expected: 1, found: 0 });
        }
        for side in covariance.shape() {
            if *side != d {
                return Err(MetricsError::Dimension {
                    what: "the covariance",
                    expected: d,
                    found: *side,
                });
            }
        }
        if !mean.iter().all(|value| value.is_finite()) {
            return Err(MetricsError::NonFinite { what: "the mean" });
        }
        if !covariance.iter().all(|value| value.is_finite()) {
            return Err(MetricsError::NonFinite { what: "the covariance" });
        }
        let largest = covariance.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        if asymmetry(covariance.view()) > SYMMETRY_TOLERANCE * largest {
            return Err(MetricsError::NotSymmetric { what: "the covariance" });
        }
        Ok(Self { mean, covariance, n })
    }

    /// The statistics of `features`, `[n, d]`.
    ///
    /// # Errors
    /// [`MetricsError::TooFewImages`] if n is below 2, [`MetricsError::NonFinite`].
    pub fn from_features(features: ArrayView2<'_, f32>) -> Result<Self, MetricsError> {
        let mut moments = Moments::new(features.ncols());
        moments.push(features)?;
        moments.finish()
    }

    /// Mean of the features, `[d]`.
    pub fn mean(&self) -> ArrayView1<'_, f64> {
        self.mean.view()
    }

    /// Covariance of the features with divisor n - 1, `[d, d]`.
    pub fn covariance(&self) -> ArrayView2<'_, f64> {
        self.covariance.view()
    }

    /// Number of images behind the statistics, unless unknown.
    pub fn n(&self) -> Option<u64> {
        self.n
    }

    /// Number of features of an image.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn only_sound_statistics_pass() {
        let sound = array![[2.0, 0.5], [0.5, 1.0]];
        assert!(GaussianStatistics::new(array![0.0, 0.0], sound.clone(), None).is_ok());
        let refused = [
            GaussianStatistics::new(array![0.0], sound.clone(), None),
            GaussianStatistics::new(array![], Array2::zeros((0, 0)), None),
            GaussianStatistics::new(array![0.0, f64::NAN], sound, None),
            GaussianStatistics::new(array![0.0, 0.0], array![[2.0, 0.5], [0.4, 1.0]], None),
            GaussianStatistics::new(
                array![0.0, 0.0],
                array![[2.0, f64::INFINITY], [0.5, 1.0]],
                None,
            ),
            GaussianStatistics::new(
                array![0.0, 0.0],
                array![[2.0, 0.5, 0.0], [0.5, 1.0, 0.0]],
                None,
            ),
        ];
        for (case, result) in refused.iter().enumerate() {
            assert!(result.is_err(), "case {case}");
        }
    }
}
