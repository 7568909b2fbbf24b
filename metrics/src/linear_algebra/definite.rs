//! Positive semi-definiteness.

use ndarray::ArrayView2;
use ndarray_linalg::{Cholesky, UPLO};

/// How far below 0 an eigenvalue may be, relative to the trace: what rounding to single precision can do.
const TOLERANCE: f64 = 1e-6;

/// Whether a symmetric matrix, of which only the lower triangle is read, is positive semi-definite but for rounding:
/// no eigenvalue is below minus a millionth of the trace.
pub fn is_positive_semidefinite(matrix: ArrayView2<'_, f64>) -> bool {
    let trace = matrix.diag().sum();
    if trace == 0.0 {
        return matrix.iter().all(|value| *value == 0.0);
    }
    let mut shifted = matrix.to_owned();
    shifted.diag_mut().mapv_inplace(|value| value + TOLERANCE * trace);
    trace > 0.0 && trace.is_finite() && shifted.cholesky(UPLO::Lower).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn by_hand() {
        assert!(is_positive_semidefinite(array![[2.0, 1.0], [1.0, 2.0]].view()));
        assert!(is_positive_semidefinite(array![[1.0, 1.0], [1.0, 1.0]].view()));
        assert!(is_positive_semidefinite(Array2::zeros((3, 3)).view()));
        // Eigenvalues 3 and -1e-7: single precision's rounding; then 3 and -1.
        assert!(is_positive_semidefinite(array![[3.0, 0.0], [0.0, -1e-7]].view()));
        assert!(!is_positive_semidefinite(array![[1.0, 2.0], [2.0, 1.0]].view()));
        assert!(!is_positive_semidefinite(array![[0.0, 1.0], [1.0, 0.0]].view()));
        assert!(!is_positive_semidefinite(array![[-1.0]].view()));
        assert!(!is_positive_semidefinite(array![[f64::MAX, 0.0], [0.0, f64::MAX]].view()));
    }
}
