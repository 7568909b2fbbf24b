//! Square roots of symmetric matrices.

use ndarray::{Array2, ArrayView2, Axis};

use super::eigen::symmetric_eigen;
use crate::error::MetricsError;

/// The symmetric positive semi-definite square root `S = V sqrt(L) Vᵀ` of `A = V L Vᵀ`, so that `S S = A`.
///
/// `A` is to be symmetric positive semi-definite, singular or not; only its lower triangle is read. Eigenvalues
/// below 0, as rounding makes them, count as 0, so that the result is always real.
///
/// # Errors
/// [`MetricsError::LinearAlgebra`] if the matrix is not square or not finite.
pub fn symmetric_square_root(matrix: ArrayView2<'_, f64>) -> Result<Array2<f64>, MetricsError> {
    let eigen = symmetric_eigen(matrix)?;
    // V diag(l^1/4) has the wanted root as its Gram matrix, exactly symmetric but for the product's rounding.
    let fourth_roots = eigen.values.mapv(|value| value.max(0.0).sqrt().sqrt());
    let half = &eigen.vectors * &fourth_roots.insert_axis(Axis(0));
    Ok(half.dot(&half.t()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random_state::RandomState;
    use ndarray::array;

    fn assert_squares_to(root: &Array2<f64>, matrix: &Array2<f64>, tolerance: f64) {
        let largest = (root.dot(root) - matrix)
            .iter()
            .fold(0.0_f64, |largest, value| largest.max(value.abs()));
        assert!(largest <= tolerance, "{largest} > {tolerance}");
    }

    #[test]
    fn diagonal_by_hand() {
        let root = symmetric_square_root(array![[4.0, 0.0], [0.0, 9.0]].view())
            .expect("a symmetric matrix");
        assert!(
            (&root - &array![[2.0, 0.0], [0.0, 3.0]])
                .iter()
                .all(|difference| difference.abs() < 1e-14)
        );
    }

    #[test]
    fn full_rank_and_singular_roots_square_to_the_matrix() {
        let mut random = RandomState::new(2);
        for rows in [40, 5] {
            let x = Array2::from_shape_simple_fn((rows, 20), || random.randn());
            let matrix = x.t().dot(&x);
            let root = symmetric_square_root(matrix.view()).expect("a symmetric matrix");
            assert_squares_to(&root, &matrix, 1e-11);
        }
    }

    #[test]
    fn negative_eigenvalues_count_as_zero() {
        let root = symmetric_square_root(array![[-1e-9, 0.0], [0.0, 1.0]].view())
            .expect("a symmetric matrix");
        assert!(
            (&root - &array![[0.0, 0.0], [0.0, 1.0]])
                .iter()
                .all(|difference| difference.abs() < 1e-14)
        );
    }
}
