//! Distributions of the latent.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use crate::ModelError;
use crate::recipe;

/// Bound of the normal distribution that truncated latents are drawn from.
const TRUNCATION_BOUND: f64 = 2.0;

/// What each component of a latent is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Latent {
    /// N(0, 1).
    Normal,
    /// U(-1, 1).
    Uniform,
}

impl Latent {
    /// `count` independent components.
    pub fn draw(self, count: usize, rng: impl Rng) -> Vec<f32> {
        match self {
            Self::Normal => rng.sample_iter(StandardNormal).take(count).collect(),
            Self::Uniform => rng.random_iter::<f32>().map(|x| 2.0 * x - 1.0).take(count).collect(),
        }
    }

    /// Refuses thresholds that [`draw_truncated`] cannot use.
    ///
    /// # Errors
    /// [`ModelError::Recipe`] if the threshold is not positive or the latent not normal.
    pub(crate) fn check_truncation(self, threshold: f64) -> Result<(), ModelError> {
        if self != Self::Normal {
            return recipe::refuse("truncation", threshold, "only normal latents can be truncated");
        }
        if !(threshold.is_finite() && threshold > 0.0) {
            return recipe::refuse("truncation", threshold, "it must be finite and positive");
        }
        Ok(())
    }
}

/// `count` components of truncated latents (Brock et al. 2019, section 3.1, in the form of their
/// code): N(0, 1) restricted to `[-2, 2]`, times `threshold`.
pub fn draw_truncated(threshold: f64, count: usize, mut rng: impl Rng) -> Vec<f32> {
    (0..count)
        .map(|_| {
            loop {
                let z: f64 = StandardNormal.sample(&mut rng);
                if z.abs() <= TRUNCATION_BOUND {
                    break (threshold * z) as f32;
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::{Purpose, Streams};

    const COUNT: usize = 200_000;

    fn moments(values: &[f32]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n;
        (mean, variance)
    }

    /// Tolerances of five standard errors of 200 000 draws.
    #[test]
    fn distributions_have_their_moments_and_bounds() {
        let rng = || Streams::new(3).at(Purpose::GridLatents, 0);
        // 1 - 4 phi(2) / (2 Phi(2) - 1), which scipy.stats.truncnorm(-2, 2).var() gives too.
        let truncated: f64 = 0.773_741_303_550_301_3;
        for (values, variance, bound) in [
            (Latent::Normal.draw(COUNT, rng()), 1.0_f64, f64::INFINITY),
            (Latent::Uniform.draw(COUNT, rng()), 1.0 / 3.0, 1.0),
            (draw_truncated(0.85, COUNT, rng()), 0.85 * 0.85 * truncated, 1.7),
        ] {
            let (mean, measured) = moments(&values);
            let error = 5.0 / (COUNT as f64).sqrt();
            assert!(mean.abs() < error * variance.sqrt(), "{mean}");
            assert!((measured - variance).abs() < error * variance * 2f64.sqrt(), "{measured}");
            let largest = values.iter().fold(0f64, |m, &x| m.max(f64::from(x).abs()));
            assert!(largest <= bound + 1e-6, "{largest}");
            assert!(largest > 0.99 * bound.min(3.0), "{largest}");
        }
    }

    #[test]
    fn impossible_truncations_are_refused() {
        assert!(Latent::Normal.check_truncation(0.5).is_ok());
        for threshold in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Latent::Normal.check_truncation(threshold).is_err());
        }
        assert!(Latent::Uniform.check_truncation(0.5).is_err());
    }
}
