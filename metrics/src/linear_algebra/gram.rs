//! Gram matrices: products of a matrix with its own transpose, at half the cost of a general product.

use std::ffi::c_int;

use cblas_sys::{CBLAS_LAYOUT, CBLAS_TRANSPOSE, CBLAS_UPLO, cblas_dsyrk};
// OpenBLAS, which `cblas_sys` only declares, is linked by this crate.
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use ndarray_linalg as _;

/// Whose inner products a Gram matrix holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Between {
    /// `X Xᵀ`: the rows of `X`.
    Rows,
    /// `Xᵀ X`: the columns of `X`.
    Columns,
}

/// Adds `scale` times the Gram matrix of `x` to the upper triangle of `target`, whose lower triangle stays as it is.
///
/// # Panics
/// If `target` is not square of the size that `between` asks for, or a matrix is not row-major and contiguous: the
/// callers own and shape both.
pub(crate) fn add_gram(
    scale: f64,
    x: ArrayView2<'_, f64>,
    between: Between,
    mut target: ArrayViewMut2<'_, f64>,
) {
    let (rows, columns) = x.dim();
    let (order, depth, transpose) = match between {
        Between::Rows => (rows, columns, CBLAS_TRANSPOSE::CblasNoTrans),
        Between::Columns => (columns, rows, CBLAS_TRANSPOSE::CblasTrans),
    };
    assert_eq!(target.dim(), (order, order), "shape of the Gram matrix");
    if order == 0 || depth == 0 {
        return;
    }
    let int = |length: usize| c_int::try_from(length).expect("a matrix side below 2^31");
    let source = x.as_slice().expect("a row-major matrix").as_ptr();
    let destination = target.as_slice_mut().expect("a row-major Gram matrix").as_mut_ptr();
    // SAFETY: `source` is rows x columns with leading dimension `columns`; `destination` is order x order.
    unsafe {
        cblas_dsyrk(
            CBLAS_LAYOUT::CblasRowMajor,
            CBLAS_UPLO::CblasUpper,
            transpose,
            int(order),
            int(depth),
            scale,
            source,
            int(columns),
            1.0,
            destination,
            int(order),
        );
    }
}

/// Completes a symmetric matrix of which only the upper triangle is filled.
pub(crate) fn copy_upper_to_lower(matrix: &mut Array2<f64>) {
    for row in 1..matrix.nrows() {
        for column in 0..row {
            matrix[[row, column]] = matrix[[column, row]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn both_gram_matrices_by_hand() {
        let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let mut rows = Array2::ones((2, 2));
        add_gram(2.0, x.view(), Between::Rows, rows.view_mut());
        assert_eq!(rows, array![[29.0, 65.0], [1.0, 155.0]]);
        let mut columns = Array2::zeros((3, 3));
        add_gram(1.0, x.view(), Between::Columns, columns.view_mut());
        copy_upper_to_lower(&mut columns);
        assert_eq!(columns, x.t().dot(&x));
    }
}
