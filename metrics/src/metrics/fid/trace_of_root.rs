//! The trace of the square root of a product of two covariances.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis, s};
use ndarray_linalg::{Cholesky, UPLO};

use super::Side;
use crate::error::MetricsError;
use crate::linear_algebra::{
    Between, copy_upper_to_lower, symmetric_eigen, symmetric_eigenvalues, triangular_congruence,
    write_gram,
};
use crate::statistics::GaussianStatistics;

/// Ratio of the smallest to the largest pivot of a Cholesky factor, squared, above which the factor is trusted.
const WELL_CONDITIONED: f64 = 1e-10;

/// `tr (S1 S2)^(1/2)`, from the eigenvalues of `R S2 Rᵀ` with `S1 = Rᵀ R`, or of the same with the sides exchanged.
///
/// Where a side has no more images than features and they are at hand, R has a row less than there are images; where
/// both sides have, `S2 = Qᵀ Q` too, and `R Qᵀ Q Rᵀ` is the Gram matrix of `R Qᵀ`: nothing of size d x d is computed.
pub(super) fn trace_of_root(first: &Side<'_>, second: &Side<'_>) -> Result<f64, MetricsError> {
    let product = match (first.short_root(), second.short_root()) {
        (Some(one), Some(other)) => smaller_gram(&one, &other),
        (Some(root), None) => congruence(root.view(), second.gaussian().covariance()),
        (None, Some(root)) => congruence(root.view(), first.gaussian().covariance()),
        (None, None) => product_of_covariances(first.gaussian(), second.gaussian())?,
    };
    if !product.iter().all(|value| value.is_finite()) {
        return Err(MetricsError::NonFinite { what: "the product of the covariances" });
    }
    Ok(symmetric_eigenvalues(product.view())?.iter().map(|value| value.max(0.0).sqrt()).sum())
}

/// `R Qᵀ Q Rᵀ` or `Q Rᵀ R Qᵀ`, whose eigenvalues but for zeros are the same: the one with fewer rows.
fn smaller_gram(one: &Array2<f64>, other: &Array2<f64>) -> Array2<f64> {
    let (fewer, more) = if one.nrows() <= other.nrows() { (one, other) } else { (other, one) };
    let mut product = Array2::zeros((fewer.nrows(), more.nrows()));
    general_mat_mul(1.0, fewer, &more.t(), 0.0, &mut product);
    let mut gram = Array2::zeros((fewer.nrows(), fewer.nrows()));
    write_gram(1.0, product.view(), Between::Rows, gram.view_mut());
    copy_upper_to_lower(&mut gram);
    gram
}

/// `R S Rᵀ`.
fn congruence(root: ArrayView2<'_, f64>, covariance: ArrayView2<'_, f64>) -> Array2<f64> {
    root.dot(&covariance.dot(&root.t()))
}

/// `R S2 Rᵀ` with a factor of either covariance; its lower triangle at least.
fn product_of_covariances(
    first: &GaussianStatistics,
    second: &GaussianStatistics,
) -> Result<Array2<f64>, MetricsError> {
    // The smaller set has the lower rank if any is deficient, and the factor of lower rank is the more exact.
    let images = |side: &GaussianStatistics| side.n().unwrap_or(u64::MAX);
    let (factored, other) =
        if images(first) <= images(second) { (first, second) } else { (second, first) };
    let full_rank = images(factored) > factored.dim() as u64;
    match full_rank.then(|| cholesky_factor(factored.covariance())).flatten() {
        Some(factor) => Ok(triangular_congruence(factor.view(), other.covariance())),
        None => {
            let factor = eigen_factor(factored.covariance())?;
            Ok(congruence(factor.t(), other.covariance()))
        }
    }
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
