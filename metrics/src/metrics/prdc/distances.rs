//! Squared Euclidean distances between many points, block by block.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, s};

use crate::error::MetricsError;

/// Points of either side in a block: the product of two blocks runs at full speed and takes 8 MiB.
const BLOCK: usize = 1024;

/// Squared distances up to this share of the squared norms are rounding, and count as 0: without it a point would lie
/// at some distance from its own copy, and be inside or outside of a ball without extent by chance.
const ROUNDING: f64 = 1e-12;

/// Points, `[n, d]`, with their squared norms.
pub(crate) struct Points<'a> {
    rows: ArrayView2<'a, f32>,
    squared_norms: Vec<f64>,
}

/// Some of the points in `f64`.
struct Block<'p> {
    rows: Array2<f64>,
    squared_norms: &'p [f64],
}

impl<'a> Points<'a> {
    /// # Errors
    /// [`MetricsError::NonFinite`].
    pub(crate) fn new(rows: ArrayView2<'a, f32>) -> Result<Self, MetricsError> {
        let squared_norms: Vec<f64> = rows
            .outer_iter()
            .map(|row| row.iter().map(|value| f64::from(*value).powi(2)).sum())
            .collect();
        if squared_norms.iter().all(|norm| norm.is_finite()) {
            Ok(Self { rows, squared_norms })
        } else {
            Err(MetricsError::NonFinite { what: "a feature" })
        }
    }

    /// Number of points.
    pub(crate) fn len(&self) -> usize {
        self.squared_norms.len()
    }

    fn ranges(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let n = self.len();
        (0..n).step_by(BLOCK).map(move |start| start..n.min(start + BLOCK))
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        Block {
            rows: self.rows.slice(s![range.clone(), ..]).mapv(f64::from),
            squared_norms: &self.squared_norms[range],
        }
    }
}

/// Hands over the squared distances of every point of `left` (rows) to every one of `right` (columns), block by block:
/// `visit(first row, first column, distances)`.
pub(crate) fn for_each_block(
    left: &Points<'_>,
    right: &Points<'_>,
    mut visit: impl FnMut(usize, usize, ArrayView2<'_, f64>),
) {
    for rows in left.ranges() {
        let block = left.block(rows.clone());
        for columns in right.ranges() {
            let distances = block.squared_distances(&right.block(columns.clone()));
            visit(rows.start, columns.start, distances.view());
        }
    }
}

/// [`for_each_block`] of the points among themselves. Every pair comes at least once with its row below its column;
/// blocks wholly on the other side are left out.
pub(super) fn for_each_block_of_pairs(
    points: &Points<'_>,
    mut visit: impl FnMut(usize, usize, ArrayView2<'_, f64>),
) {
    for rows in points.ranges() {
        let block = points.block(rows.clone());
        for columns in points.ranges().filter(|columns| columns.start >= rows.start) {
            let distances = block.squared_distances(&points.block(columns.clone()));
            visit(rows.start, columns.start, distances.view());
        }
    }
}

impl Block<'_> {
    /// `|x - y|² = |x|² + |y|² - 2 x·y`, `[own points, other points]`.
    fn squared_distances(&self, other: &Block<'_>) -> Array2<f64> {
        let mut distances = Array2::zeros((self.rows.nrows(), other.rows.nrows()));
        general_mat_mul(-2.0, &self.rows, &other.rows.t(), 0.0, &mut distances);
        for (mut row, own) in distances.outer_iter_mut().zip(self.squared_norms) {
            for (value, other) in row.iter_mut().zip(other.squared_norms) {
                let norms = own + other;
                let squared = norms + *value;
                *value = if squared <= ROUNDING * norms { 0.0 } else { squared };
            }
        }
        distances
    }
}
