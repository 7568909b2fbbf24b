//! Squared Euclidean distances between many points, block by block.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use crate::error::MetricsError;

/// Points of either side in a block: the product of two blocks runs at full speed and takes 8 MiB.
const BLOCK: usize = 1024;

/// Columns that one thread goes through together, so that what is noted of them stays in its cache.
const COLUMNS: usize = 128;

/// Squared distances up to this share of the squared norms are rounding, and count as 0: without it a point would lie
/// at some distance from its own copy, and be inside or outside of a ball without extent by chance.
const ROUNDING: f64 = 1e-12;

/// Points, `[n, d]`, with their squared norms.
pub(crate) struct Points<'a> {
    rows: ArrayView2<'a, f32>,
    squared_norms: Vec<f64>,
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
}

/// Squared distances of some points (rows) to some others (columns), both in consecutive order.
pub(crate) struct Distances {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Row by row.
    values: Vec<f64>,
}

/// Hands over the squared distances of every point of `left` (rows) to every one of `right` (columns), block by block.
pub(crate) fn for_each_block(
    left: &Points<'_>,
    right: &Points<'_>,
    mut visit: impl FnMut(&Distances),
) {
    let (mut row_block, mut column_block) = (Block::default(), Block::default());
    let mut distances = Distances::none();
    for rows in left.ranges() {
        row_block.load(left, &rows);
        for columns in right.ranges() {
            column_block.load(right, &columns);
            let products = distances.resize(rows.clone(), columns);
            row_block.write_products(&column_block, products);
            distances.complete(left, right);
            visit(&distances);
        }
    }
}

/// [`for_each_block`] of the points among themselves: every pair comes with its row below its column. Blocks wholly
/// on the other side are left out.
pub(crate) fn for_each_block_of_pairs(points: &Points<'_>, mut visit: impl FnMut(&Distances)) {
    let (mut row_block, mut column_block) = (Block::default(), Block::default());
    let mut distances = Distances::none();
    for rows in points.ranges() {
        row_block.load(points, &rows);
        for columns in points.ranges().filter(|columns| columns.start >= rows.start) {
            column_block.load(points, &columns);
            // Not the symmetric product on the diagonal, which rounds otherwise: a copy of a neighbour on the surface of
            // a ball is to stay there.
            let products = distances.resize(rows.clone(), columns);
            row_block.write_products(&column_block, products);
            distances.complete(points, points);
            visit(&distances);
        }
    }
}

/// Some points in `f64`, in a space that is used again and again.
#[derive(Default)]
struct Block {
    values: Vec<f64>,
    dim: (usize, usize),
}

impl Block {
    fn load(&mut self, points: &Points<'_>, range: &Range<usize>) {
        self.dim = (range.len(), points.rows.ncols());
        self.values.resize(self.dim.0 * self.dim.1, 0.0);
        let slots = self.values.par_chunks_mut(self.dim.1.max(1));
        slots.zip(range.clone()).for_each(|(slots, point)| {
            for (slot, value) in slots.iter_mut().zip(points.rows.row(point)) {
                *slot = f64::from(*value);
            }
        });
    }

    fn view(&self) -> ArrayView2<'_, f64> {
        ArrayView2::from_shape(self.dim, &self.values).expect("a block as large as its points")
    }

    /// `-2 x·y` of these points and the others.
    fn write_products(&self, other: &Self, mut products: ArrayViewMut2<'_, f64>) {
        general_mat_mul(-2.0, &self.view(), &other.view().t(), 0.0, &mut products);
    }
}

impl Distances {
    fn none() -> Self {
        Self { rows: 0..0, columns: 0..0, values: Vec::new() }
    }

    /// Makes room for other points.
    fn resize(&mut self, rows: Range<usize>, columns: Range<usize>) -> ArrayViewMut2<'_, f64> {
        let dim = (rows.len(), columns.len());
        (self.rows, self.columns) = (rows, columns);
        self.values.resize(dim.0 * dim.1, 0.0);
        ArrayViewMut2::from_shape(dim, &mut self.values).expect("as much room as points")
    }

    /// Makes `|x - y|² = |x|² + |y|² - 2 x·y` of `-2 x·y`.
    fn complete(&mut self, left: &Points<'_>, right: &Points<'_>) {
        let own = &left.squared_norms[self.rows.clone()];
        let others = &right.squared_norms[self.columns.clone()];
        self.values.par_chunks_mut(others.len()).zip(own).for_each(|(row, own)| {
            for (value, other) in row.iter_mut().zip(others) {
                let norms = own + other;
                let squared = norms + *value;
                *value = if squared <= ROUNDING * norms { 0.0 } else { squared };
            }
        });
    }

    /// Gives every row the `per` places that all points of the rows' side have in `notes`:
    /// `visit(places, row, distances, first column)`.
    pub(crate) fn by_rows<T: Send>(
        &self,
        notes: &mut [T],
        per: usize,
        visit: impl Fn(&mut [T], usize, &[f64], usize) + Sync,
    ) {
        let notes = &mut notes[self.rows.start * per..self.rows.end * per];
        let distances = self.values.par_chunks(self.columns.len());
        notes.par_chunks_mut(per).zip(distances).zip(self.rows.clone()).for_each(
            |((places, distances), row)| visit(places, row, distances, self.columns.start),
        );
    }

    /// Gives some columns at a time the `per` places each that all points of the columns' side have in `notes`, and goes
    /// through their rows: `visit(places, row, distances, first column)`.
    pub(crate) fn by_columns<T: Send>(
        &self,
        notes: &mut [T],
        per: usize,
        visit: impl Fn(&mut [T], usize, &[f64], usize) + Sync,
    ) {
        let notes = &mut notes[self.columns.start * per..self.columns.end * per];
        notes.par_chunks_mut(COLUMNS * per).enumerate().for_each(|(chunk, places)| {
            let first = chunk * COLUMNS;
            let end = first + places.len() / per;
            let rows = self.values.chunks_exact(self.columns.len());
            for (distances, row) in rows.zip(self.rows.clone()) {
                visit(places, row, &distances[first..end], self.columns.start + first);
            }
        });
    }
}
