//! Eigenvalues and eigenvectors of symmetric matrices.

use std::ffi::{c_char, c_int};

use ndarray::{Array1, Array2, ArrayView2, ShapeBuilder};

use crate::error::MetricsError;

/// The eigendecomposition `A = V diag(λ) Vᵀ` of a symmetric matrix.
#[derive(Clone, Debug)]
pub struct SymmetricEigen {
    /// Eigenvalues λ in ascending order, `[n]`.
    pub values: Array1<f64>,
    /// Orthonormal eigenvectors, one per column in the order of `values`, `[n, n]`.
    pub vectors: Array2<f64>,
}

/// Eigenvalues and eigenvectors of a symmetric matrix, of which only the lower triangle is read.
///
/// # Errors
/// [`MetricsError::LinearAlgebra`] if the matrix is not square or not finite, or LAPACK's `dsyevd` does not converge.
pub fn symmetric_eigen(matrix: ArrayView2<'_, f64>) -> Result<SymmetricEigen, MetricsError> {
    let (values, vectors) = dsyevd(matrix, Job::Vectors)?;
    Ok(SymmetricEigen { values, vectors })
}

/// Eigenvalues of a symmetric matrix in ascending order, `[n]`; only the lower triangle is read.
///
/// # Errors
/// As [`symmetric_eigen`].
pub fn symmetric_eigenvalues(matrix: ArrayView2<'_, f64>) -> Result<Array1<f64>, MetricsError> {
    dsyevd(matrix, Job::Values).map(|(values, _)| values)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
    Values,
    Vectors,
}

/// Runs LAPACK's `dsyevd`; the second matrix holds the eigenvectors only if they were asked for.
fn dsyevd(
    matrix: ArrayView2<'_, f64>,
    job: Job,
) -> Result<(Array1<f64>, Array2<f64>), MetricsError> {
    let n = matrix.nrows();
    let failure = |reason: String| MetricsError::LinearAlgebra { routine: "dsyevd", n, reason };
    if !matrix.is_square() {
        return Err(failure(format!("it has {} columns", matrix.ncols())));
    }
    if !matrix.iter().all(|value| value.is_finite()) {
        return Err(failure("it holds a value that is not finite".to_owned()));
    }
    let order = c_int::try_from(n).map_err(|_| failure("it is too large".to_owned()))?;
    if n == 0 {
        return Ok((Array1::zeros(0), Array2::zeros((0, 0))));
    }

    // Fortran stores columns: to it a row-major matrix is its transpose, and the lower triangle the upper one.
    let mut columns: Vec<f64> = matrix.iter().copied().collect();
    let mut values = vec![0.0; n];
    let mut call = |work: &mut [f64], lwork: c_int, iwork: &mut [c_int], liwork: c_int| {
        let letter = if job == Job::Vectors { b'V' } else { b'N' } as c_char;
        let mut info = 0;
        // SAFETY: `columns` is n x n with leading dimension n, `values` has n elements, and `work` and `iwork` have
        // the lengths stated, or the lengths are -1, which asks LAPACK for the lengths it needs.
        unsafe {
            lapack_sys::dsyevd_(
                &letter,
                &(b'U' as c_char),
                &order,
                columns.as_mut_ptr(),
                &order,
                values.as_mut_ptr(),
                work.as_mut_ptr(),
                &lwork,
                iwork.as_mut_ptr(),
                &liwork,
                &mut info,
            );
        }
        if info == 0 { Ok(()) } else { Err(failure(format!("lapack reports info = {info}"))) }
    };

    let (mut work, mut iwork) = ([0.0], [0]);
    call(&mut work, -1, &mut iwork, -1)?;
    if !(1.0..=f64::from(c_int::MAX)).contains(&work[0]) {
        return Err(failure("it is too large".to_owned()));
    }
    let (lwork, liwork) = (work[0] as c_int, iwork[0].max(1));
    call(&mut vec![0.0; lwork as usize], lwork, &mut vec![0; liwork as usize], liwork)?;

    let vectors =
        Array2::from_shape_vec((n, n).f(), columns).map_err(|error| failure(error.to_string()))?;
    Ok((Array1::from_vec(values), vectors))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random_state::RandomState;
    use ndarray::{Axis, array};

    #[test]
    fn two_by_two_by_hand() {
        let eigen =
            symmetric_eigen(array![[2.0, 1.0], [1.0, 2.0]].view()).expect("a symmetric matrix");
        assert!(
            (eigen.values[0] - 1.0).abs() < 1e-14 && (eigen.values[1] - 3.0).abs() < 1e-14,
            "{:?}",
            eigen.values
        );
    }

    #[test]
    fn vectors_rebuild_the_matrix() {
        let mut random = RandomState::new(1);
        let x = Array2::from_shape_simple_fn((30, 20), || random.randn());
        let matrix = x.t().dot(&x);
        let SymmetricEigen { values, vectors } =
            symmetric_eigen(matrix.view()).expect("a symmetric matrix");
        let rebuilt = (&vectors * &values.view().insert_axis(Axis(0))).dot(&vectors.t());
        let largest =
            (&rebuilt - &matrix).iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        assert!(largest < 1e-12 * values[19], "{largest}");
        let only = symmetric_eigenvalues(matrix.view()).expect("a symmetric matrix");
        assert!((&only - &values).iter().all(|difference| difference.abs() < 1e-12 * values[19]));
    }

    #[test]
    fn unusable_matrices_are_errors() {
        assert!(symmetric_eigen(array![[1.0, 2.0]].view()).is_err());
        assert!(symmetric_eigen(array![[f64::NAN]].view()).is_err());
        assert!(symmetric_eigen(array![[f64::INFINITY, 0.0], [0.0, 1.0]].view()).is_err());
        assert_eq!(
            symmetric_eigenvalues(Array2::zeros((0, 0)).view()).expect("an empty matrix").len(),
            0
        );
    }
}
