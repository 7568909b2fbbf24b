//! Sums over the kernel matrices of two sets of images.

use std::ops::Range;

use super::products::PairProducts;

/// Partial sums of a row that grow side by side, so that they fill vector registers.
const LANES: usize = 8;

/// Sums of the kernel `(p + 1)³` over the pairs of two sets x and y of equally many images, where p is their scaled
/// inner product; pairs of an image with itself are left out.
pub(super) struct KernelSums {
    /// Pairs within x, within y.
    pub(super) within: [Within; 2],
    /// Pairs of an image of x and one of y.
    pub(super) between: Between,
}

/// Sums over the pairs within one set.
pub(super) struct Within {
    /// For every image, over its pairs.
    pub(super) rows: Vec<f64>,
    /// Of the squares, over unordered pairs.
    pub(super) squares: f64,
}

/// Sums over the pairs of two sets.
pub(super) struct Between {
    /// For every image of x, over y.
    pub(super) rows: Vec<f64>,
    /// For every image of y, over x.
    pub(super) columns: Vec<f64>,
    /// Of the squares, over all pairs.
    pub(super) squares: f64,
}

/// Sums over some rows of the upper triangle of the kernel matrix of x and y together, each row cut in two.
struct Rows {
    /// For every row, over the columns before the cut; and of the squares.
    near: Vec<f64>,
    near_squares: f64,
    /// The same over the columns from the cut on.
    far: Vec<f64>,
    far_squares: f64,
    /// For every column, over the rows.
    columns: Vec<f64>,
}

impl KernelSums {
    /// The sums for sets of `size` images.
    pub(super) fn of(size: usize, products: &PairProducts<'_>) -> Self {
        let x = Rows::sum(products, 0..size, size, 2 * size);
        let y = Rows::sum(products, size..2 * size, 2 * size, 2 * size);
        // A pair within a set lies in the row of its first image and in the column of its second.
        let both = |rows: &[f64], columns: &[f64]| -> Vec<f64> {
            rows.iter().zip(columns).map(|(row, column)| row + column).collect()
        };
        Self {
            within: [
                Within { rows: both(&x.near, &x.columns[..size]), squares: x.near_squares },
                Within { rows: both(&y.near, &y.columns[size..]), squares: y.near_squares },
            ],
            between: Between {
                columns: x.columns[size..].to_vec(),
                rows: x.far,
                squares: x.far_squares,
            },
        }
    }

    /// The unbiased estimate of the squared maximum mean discrepancy.
    pub(super) fn squared_mmd(&self) -> f64 {
        let m = self.between.rows.len() as f64;
        let within: f64 = self.within.iter().map(|side| side.rows.iter().sum::<f64>()).sum();
        within / (m * (m - 1.0)) - 2.0 * self.between.rows.iter().sum::<f64>() / (m * m)
    }
}

impl Rows {
    /// The sums over `rows` of a matrix of `width` columns.
    fn sum(products: &PairProducts<'_>, rows: Range<usize>, cut: usize, width: usize) -> Self {
        let mut sums = Self {
            near: Vec::with_capacity(rows.len()),
            near_squares: 0.0,
            far: Vec::with_capacity(rows.len()),
            far_squares: 0.0,
            columns: vec![0.0; width],
        };
        let mut space = vec![0.0; width];
        for row in rows {
            sums.add_row(row, cut, products.behind(row, &mut space));
        }
        sums
    }

    /// Adds a row, given the products behind its diagonal.
    fn add_row(&mut self, row: usize, cut: usize, products: &[f32]) {
        let (near, far) = products.split_at(cut - row - 1);
        let (near_columns, far_columns) = self.columns[row + 1..].split_at_mut(near.len());
        let (sum, squares) = add_kernels(near, near_columns);
        self.near.push(sum);
        self.near_squares += squares;
        let (sum, squares) = add_kernels(far, far_columns);
        self.far.push(sum);
        self.far_squares += squares;
    }
}

/// Adds the kernel of every product to its column; returns the sum and the sum of squares.
fn add_kernels(products: &[f32], columns: &mut [f64]) -> (f64, f64) {
    let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
    let whole = products.len() / LANES * LANES;
    let (products, last_products) = products.split_at(whole);
    let (columns, last_columns) = columns.split_at_mut(whole);
    for (products, columns) in products.chunks_exact(LANES).zip(columns.chunks_exact_mut(LANES)) {
        for lane in 0..LANES {
            let kernel = kernel(products[lane]);
            columns[lane] += kernel;
            sums[lane] += kernel;
            squares[lane] += kernel * kernel;
        }
    }
    for ((product, column), lane) in last_products.iter().zip(last_columns).zip(0..) {
        let kernel = kernel(*product);
        *column += kernel;
        sums[lane] += kernel;
        squares[lane] += kernel * kernel;
    }
    (sums.iter().sum(), squares.iter().sum())
}

/// `(p + 1)³`.
fn kernel(product: f32) -> f64 {
    let base = f64::from(product) + 1.0;
    base * base * base
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random_state::RandomState;
    use ndarray::Array2;

    #[test]
    fn the_sums_by_brute_force() {
        let mut random = RandomState::new(51);
        // Less than the lanes, and lanes that do not come out even.
        for size in [2, 7, 73, 197] {
            let gram = Array2::from_shape_simple_fn((2 * size, 2 * size), || {
                (random.uniform() - 0.3) as f32
            });
            let k = |i: usize, j: usize| kernel(gram[[i.min(j), i.max(j)]]);
            let sums = KernelSums::of(size, &PairProducts::Own(&gram));
            let near = |found: f64, expected: f64| {
                assert!((found - expected).abs() < 1e-12 * expected.abs(), "{found} {expected}");
            };
            for (side, start) in sums.within.iter().zip([0, size]) {
                let set = start..start + size;
                for i in set.clone() {
                    let others = set.clone().filter(|&j| j != i);
                    near(side.rows[i - start], others.map(|j| k(i, j)).sum());
                }
                let pairs = set.clone().flat_map(|i| (i + 1..set.end).map(move |j| (i, j)));
                near(side.squares, pairs.map(|(i, j)| k(i, j).powi(2)).sum());
            }
            let (x, y) = (0..size, size..2 * size);
            for i in 0..size {
                near(sums.between.rows[i], y.clone().map(|j| k(i, j)).sum());
                near(sums.between.columns[i], x.clone().map(|j| k(j, size + i)).sum());
            }
            let pairs = x.flat_map(|i| y.clone().map(move |j| (i, j)));
            near(sums.between.squares, pairs.map(|(i, j)| k(i, j).powi(2)).sum());
        }
    }
}
