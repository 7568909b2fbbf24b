//! Gram matrices: products of a matrix with its own transpose, at half the cost of a general product.

use std::ffi::c_int;

use cblas_sys::{CBLAS_LAYOUT, CBLAS_TRANSPOSE, CBLAS_UPLO, cblas_dsyrk, cblas_ssyrk};
// OpenBLAS, which `cblas_sys` only declares, is linked by this crate.
use ndarray::{ArrayView2, ArrayViewMut2};
use ndarray_linalg as _;

/// Whose inner products a Gram matrix holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Between {
    /// `X Xᵀ`: the rows of `X`.
    Rows,
    /// `Xᵀ X`: the columns of `X`.
    Columns,
}

/// The symmetric rank-k update of BLAS in one precision.
type Syrk<T> = unsafe extern "C" fn(
    CBLAS_LAYOUT,
    CBLAS_UPLO,
    CBLAS_TRANSPOSE,
    c_int,
    c_int,
    T,
    *const T,
    c_int,
    T,
    *mut T,
    c_int,
);

/// A precision that Gram matrices are computed in.
pub(crate) trait Precision: Copy {
    /// Nought and one.
    const UNITS: [Self; 2];
    /// The routine for this precision.
    const SYRK: Syrk<Self>;
}

impl Precision for f32 {
    const UNITS: [Self; 2] = [0.0, 1.0];
    const SYRK: Syrk<Self> = cblas_ssyrk;
}

impl Precision for f64 {
    const UNITS: [Self; 2] = [0.0, 1.0];
    const SYRK: Syrk<Self> = cblas_dsyrk;
}

/// Adds `scale` times the Gram matrix of `x` to the upper triangle of `target`, whose lower triangle stays as it is.
///
/// # Panics
/// If `target` is not square of the size that `between` asks for, or a matrix is not row-major and contiguous: the
/// callers own and shape both.
pub(crate) fn add_gram<T: Precision>(
    scale: T,
    x: ArrayView2<'_, T>,
    between: Between,
    target: ArrayViewMut2<'_, T>,
) {
    update(scale, x, between, T::UNITS[1], target);
}

/// Writes `scale` times the Gram matrix of `x` into the upper triangle of `target`, whose lower triangle stays as it is.
///
/// # Panics
/// As [`add_gram`].
pub(crate) fn write_gram<T: Precision>(
    scale: T,
    x: ArrayView2<'_, T>,
    between: Between,
    target: ArrayViewMut2<'_, T>,
) {
    update(scale, x, between, T::UNITS[0], target);
}

/// `target = scale · Gram + keep · target` in the upper triangle.
fn update<T: Precision>(
    scale: T,
    x: ArrayView2<'_, T>,
    between: Between,
    keep: T,
    mut target: ArrayViewMut2<'_, T>,
) {
    let (rows, columns) = x.dim();
    let (order, depth, transpose) = match between {
        Between::Rows => (rows, columns, CBLAS_TRANSPOSE::CblasNoTrans),
        Between::Columns => (columns, rows, CBLAS_TRANSPOSE::CblasTrans),
    };
    assert_eq!(target.dim(), (order, order), "shape of the Gram matrix");
    if order == 0 {
        return;
    }
    let int = |length: usize| c_int::try_from(length).expect("a matrix side below 2^31");
    let source = x.as_slice().expect("a row-major matrix").as_ptr();
    let destination = target.as_slice_mut().expect("a row-major Gram matrix").as_mut_ptr();
    // SAFETY: `source` is rows x columns with leading dimension `columns`; `destination` is order x order.
    unsafe {
        T::SYRK(
            CBLAS_LAYOUT::CblasRowMajor,
            CBLAS_UPLO::CblasUpper,
            transpose,
            int(order),
            int(depth),
            scale,
            source,
            int(columns.max(1)),
            keep,
            destination,
            int(order),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn both_gram_matrices_by_hand() {
        let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let mut rows = Array2::ones((2, 2));
        add_gram(2.0, x.view(), Between::Rows, rows.view_mut());
        assert_eq!(rows, array![[29.0, 65.0], [1.0, 155.0]]);
        write_gram(1.0, x.view(), Between::Rows, rows.view_mut());
        assert_eq!(rows, array![[14.0, 32.0], [1.0, 77.0]]);
        let mut columns = Array2::zeros((3, 3));
        add_gram(1.0, x.view(), Between::Columns, columns.view_mut());
        assert_eq!(columns, array![[17.0, 22.0, 27.0], [0.0, 29.0, 36.0], [0.0, 0.0, 45.0]]);
    }

    #[test]
    fn single_precision_by_hand() {
        let x = array![[1.0_f32, 2.0], [3.0, 4.0]];
        let mut rows = Array2::from_elem((2, 2), 9.0_f32);
        write_gram(0.5, x.view(), Between::Rows, rows.view_mut());
        assert_eq!(rows, array![[2.5, 5.5], [9.0, 12.5]]);
    }
}
