//! The two triangles of a symmetric matrix.

use ndarray::{Array2, ArrayView2};

/// Side of the tiles in which both triangles are gone through, so that neither is read along its columns.
const TILE: usize = 32;

/// Completes a symmetric matrix of which only the upper triangle is filled.
///
/// # Panics
/// If the matrix is not square: the callers shape it.
pub(crate) fn copy_upper_to_lower(matrix: &mut Array2<f64>) {
    assert!(matrix.is_square(), "shape of a symmetric matrix");
    for_each_mirrored(matrix.nrows(), |row, column| {
        matrix[[column, row]] = matrix[[row, column]];
    });
}

/// The largest difference between two mirrored elements of a square matrix.
///
/// # Panics
/// As [`copy_upper_to_lower`].
pub(crate) fn asymmetry(matrix: ArrayView2<'_, f64>) -> f64 {
    assert!(matrix.is_square(), "shape of a symmetric matrix");
    let mut largest = 0.0_f64;
    for_each_mirrored(matrix.nrows(), |row, column| {
        largest = largest.max((matrix[[row, column]] - matrix[[column, row]]).abs());
    });
    largest
}

/// Visits every place above the diagonal, tile by tile.
fn for_each_mirrored(n: usize, mut visit: impl FnMut(usize, usize)) {
    for first_row in (0..n).step_by(TILE) {
        for first_column in (first_row..n).step_by(TILE) {
            for row in first_row..n.min(first_row + TILE) {
                for column in first_column.max(row + 1)..n.min(first_column + TILE) {
                    visit(row, column);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_tiles_are_mirrored() {
        let n = 2 * TILE + 3;
        let mut matrix =
            Array2::from_shape_fn((n, n), |(i, j)| if j < i { -1.0 } else { (i * n + j) as f64 });
        assert_eq!(asymmetry(matrix.view()), ((n - 2) * n + n - 1) as f64 + 1.0);
        copy_upper_to_lower(&mut matrix);
        assert_eq!(asymmetry(matrix.view()), 0.0);
        assert_eq!(
            matrix,
            Array2::from_shape_fn((n, n), |(i, j)| (i.min(j) * n + i.max(j)) as f64)
        );
    }
}
