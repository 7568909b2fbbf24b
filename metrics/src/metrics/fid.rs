//! Fréchet Inception Distance.

use ndarray::{Array2, ArrayView2, Axis, s};
use ndarray_linalg::{Cholesky, UPLO};

use super::{Direction, Evidence, Metric, Values};
use crate::error::MetricsError;
use crate::linear_algebra::{symmetric_eigen, symmetric_eigenvalues};
use crate::protocol::Parameters;
use crate::statistics::GaussianStatistics;

/// Ratio of the smallest to the largest pivot of a Cholesky factor, squared, above which the factor is trusted.
const WELL_CONDITIONED: f64 = 1e-10;

/// Fréchet distance between Gaussians fitted to the features of generated and reference images.
pub struct Fid;

impl Metric for Fid {
    fn name(&self) -> &'static str {
        "fid"
    }

    fn title(&self) -> &'static str {
        "FID"
    }

    fn direction(&self) -> Direction {
        Direction::LowerIsBetter
    }

    fn doc(&self) -> &'static str {
        "distance of Gaussians fitted to generated and reference features (Heusel et al. 2017)"
    }

    fn keys(&self) -> &'static [&'static str] {
        &["fid"]
    }

    fn needs_reference(&self) -> bool {
        true
    }

    fn needs_activations(&self) -> bool {
        false
    }

    fn compute(&self, evidence: &Evidence<'_>, _: &Parameters) -> Result<Values, MetricsError> {
        let (generated, reference) = evidence.gaussians(self.name())?;
        Ok(vec![("fid", frechet_distance(generated, reference)?)])
    }
}

/// The squared Fréchet (2-Wasserstein) distance of two Gaussians,
/// `|m1 - m2|² + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)`: at least 0, and finite for singular covariances too.
///
/// With `S1 = Rᵀ R`, the trace of the root is the sum of the square roots of the eigenvalues of the symmetric matrix
/// `R S2 Rᵀ`, real by construction; eigenvalues that rounding made negative count as 0.
///
/// Source: Dowson and Landau, "The Fréchet distance between multivariate normal distributions", 1982; Heusel et al.,
/// "GANs Trained by a Two Time-Scale Update Rule", 2017, section 4.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::NonFinite`] if the distance
/// overflows, [`MetricsError::LinearAlgebra`].
pub fn frechet_distance(
    first: &GaussianStatistics,
    second: &GaussianStatistics,
) -> Result<f64, MetricsError> {
    if first.dim() != second.dim() {
        return Err(MetricsError::Dimension {
            what: "the second set of features",
            expected: first.dim(),
            found: second.dim(),
        });
    }
    let shift = &first.mean() - &second.mean();
    let traces = first.covariance().diag().sum() + second.covariance().diag().sum();
    let distance = shift.dot(&shift) + traces - 2.0 * trace_of_root(first, second)?;
    if distance.is_finite() {
        Ok(distance.max(0.0))
    } else {
        Err(MetricsError::NonFinite { what: "the fid" })
    }
}

/// `tr (S1 S2)^(1/2)`.
fn trace_of_root(
    first: &GaussianStatistics,
    second: &GaussianStatistics,
) -> Result<f64, MetricsError> {
    // The smaller set has the lower rank if any is deficient, and the factor of lower rank is the more exact.
    let images = |side: &GaussianStatistics| side.n().unwrap_or(u64::MAX);
    let (factored, other) =
        if images(first) <= images(second) { (first, second) } else { (second, first) };
    let full_rank = images(factored) > factored.dim() as u64;
    let factor = match full_rank.then(|| cholesky_factor(factored.covariance())).flatten() {
        Some(factor) => factor,
        None => eigen_factor(factored.covariance())?,
    };
    let product = factor.t().dot(&other.covariance().dot(&factor));
    if !product.iter().all(|value| value.is_finite()) {
        return Err(MetricsError::NonFinite { what: "the product of the covariances" });
    }
    Ok(symmetric_eigenvalues(product.view())?.iter().map(|value| value.max(0.0).sqrt()).sum())
}

/// A lower triangular `L` with `S = L Lᵀ`, `[d, d]`, if `S` is positive definite and well conditioned.
fn cholesky_factor(covariance: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
    let factor = covariance.cholesky(UPLO::Lower).ok()?;
    let pivots = factor.diag();
    let (smallest, largest) = pivots
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), &pivot| (low.min(pivot), high.max(pivot)));
    (smallest > 0.0 && (smallest / largest).powi(2) > WELL_CONDITIONED).then_some(factor)
}

/// A factor `F` with `S = F Fᵀ`, `[d, rank]`, from the eigenvectors of the eigenvalues above rounding.
fn eigen_factor(covariance: ArrayView2<'_, f64>) -> Result<Array2<f64>, MetricsError> {
    let eigen = symmetric_eigen(covariance)?;
    let largest = eigen.values.last().copied().unwrap_or(0.0).max(0.0);
    let rounding = largest * f64::EPSILON * eigen.values.len() as f64;
    let null = eigen.values.iter().take_while(|&&value| value <= rounding).count();
    let roots = eigen.values.slice(s![null..]).mapv(f64::sqrt);
    Ok(&eigen.vectors.slice(s![.., null..]) * &roots.insert_axis(Axis(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random_state::RandomState;

    #[test]
    fn both_factors_rebuild_the_covariance() {
        let mut random = RandomState::new(5);
        let features = Array2::from_shape_simple_fn((60, 12), || random.randn() as f32);
        let gaussian = GaussianStatistics::from_features(features.view()).expect("enough features");
        let triangular =
            cholesky_factor(gaussian.covariance()).expect("a positive definite covariance");
        let spectral = eigen_factor(gaussian.covariance()).expect("a symmetric covariance");
        for factor in [triangular, spectral] {
            let rebuilt = factor.dot(&factor.t());
            assert!(
                (&rebuilt - &gaussian.covariance())
                    .iter()
                    .all(|difference| difference.abs() < 1e-13)
            );
        }
    }

    #[test]
    fn singular_covariances_have_factors_of_their_rank() {
        let mut random = RandomState::new(6);
        let features = Array2::from_shape_simple_fn((5, 12), || random.randn() as f32);
        let gaussian = GaussianStatistics::from_features(features.view()).expect("enough features");
        assert!(cholesky_factor(gaussian.covariance()).is_none());
        assert_eq!(
            eigen_factor(gaussian.covariance()).expect("a symmetric covariance").dim(),
            (12, 4)
        );
        assert_eq!(
            eigen_factor(Array2::zeros((3, 3)).view()).expect("a symmetric covariance").dim(),
            (3, 0)
        );
    }
}
