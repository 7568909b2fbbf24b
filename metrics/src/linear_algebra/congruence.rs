//! Products `F S Fᵀ` of a symmetric matrix with a factor on either side.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, s};

/// Columns computed in one product: wide enough for full speed, narrow enough to leave out most of the zeros.
const BLOCK: usize = 256;

/// The lower triangle of `Lᵀ S L` for a lower triangular `L` and a symmetric `S`, `[n, n]` both.
///
/// What lies above the diagonal of the result is unspecified. By blocks, without the zeros of `L` and without what only
/// the upper triangle needs, this takes n³ multiplications and additions instead of the 4 n³ of two general products.
///
/// # Panics
/// If the shapes differ: the callers shape both.
pub(crate) fn triangular_congruence(
    factor: ArrayView2<'_, f64>,
    symmetric: ArrayView2<'_, f64>,
) -> Array2<f64> {
    let n = symmetric.nrows();
    assert_eq!(factor.dim(), (n, n), "shape of the factor");
    // Of S L, rows from a block's own on: the rest meets zeros of Lᵀ.
    let mut half = Array2::zeros((n, n));
    for start in (0..n).step_by(BLOCK) {
        let block = start..n.min(start + BLOCK);
        general_mat_mul(
            1.0,
            &symmetric.slice(s![start.., start..]),
            &factor.slice(s![start.., block.clone()]),
            0.0,
            &mut half.slice_mut(s![start.., block]),
        );
    }
    let mut product = Array2::zeros((n, n));
    for start in (0..n).step_by(BLOCK) {
        let end = n.min(start + BLOCK);
        general_mat_mul(
            1.0,
            &factor.slice(s![start.., start..end]).t(),
            &half.slice(s![start.., ..end]),
            0.0,
            &mut product.slice_mut(s![start..end, ..end]),
        );
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random_state::RandomState;

    #[test]
    fn the_lower_triangle_is_that_of_two_general_products() {
        let mut random = RandomState::new(7);
        for n in [1, 5, BLOCK, 2 * BLOCK + 37] {
            let x = Array2::from_shape_simple_fn((n, n), || random.randn());
            let symmetric = &x + &x.t();
            let factor =
                Array2::from_shape_fn((n, n), |(i, j)| if j <= i { x[[j, i]] } else { 0.0 });
            let expected = factor.t().dot(&symmetric).dot(&factor);
            let found = triangular_congruence(factor.view(), symmetric.view());
            // Rounding of sums of n² products of magnitude 1.
            let tolerance = 1e-14 * (n * n) as f64;
            for ((i, j), value) in found.indexed_iter().filter(|((i, j), _)| j <= i) {
                assert!((value - expected[[i, j]]).abs() < tolerance, "n = {n}: {i}, {j}");
            }
        }
    }
}
