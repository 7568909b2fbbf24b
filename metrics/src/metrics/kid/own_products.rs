//! Kernel sums from products of each pair of subsets of its own: for subsets that cover many images few times.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::Pair;
use super::kernel_sums::{KernelSums, Part, Run};
use crate::linear_algebra::{Between, one_thread_a_call, write_gram};

/// The sums of every pair of subsets of the features, `[n, d]` and `[m, d]`.
pub(super) fn sums(sides: [ArrayView2<'_, f32>; 2], pairs: &[Pair]) -> Vec<KernelSums> {
    let of_pair = |room: &mut Room, pair: &Pair| room.sums(sides, pair);
    // A pair a thread, also where that leaves threads without one: products by several threads have other last digits on
    // some processors.
    one_thread_a_call(|| pairs.par_iter().map_init(Room::default, of_pair).collect())
}

/// Room for one pair, kept from pair to pair.
#[derive(Default)]
struct Room {
    /// Features of the pair, `[2 · size, d]`, the generated images first.
    features: Array2<f32>,
    /// Their products by d, `[2 · size, 2 · size]`, the upper triangle.
    gram: Array2<f32>,
}

impl Room {
    fn sums(&mut self, sides: [ArrayView2<'_, f32>; 2], pair: &Pair) -> KernelSums {
        let (size, d) = (pair[0].len(), sides[0].ncols());
        if self.features.dim() != (2 * size, d) {
            self.features = Array2::zeros((2 * size, d));
            self.gram = Array2::zeros((2 * size, 2 * size));
        }
        let images = sides
            .iter()
            .zip(pair)
            .flat_map(|(side, images)| images.iter().map(|&image| side.row(image)));
        for (mut row, image) in self.features.outer_iter_mut().zip(images) {
            row.assign(&image);
        }
        write_gram(1.0 / d as f32, self.features.view(), Between::Rows, self.gram.view_mut());
        sums_of_gram(self.gram.view())
    }
}

/// The sums of two sets from the upper triangle of their common Gram matrix.
fn sums_of_gram(gram: ArrayView2<'_, f32>) -> KernelSums {
    let size = gram.nrows() / 2;
    let [mut within_x, mut between, mut within_y] = [(); 3].map(|()| Part::new(size, size));
    for (row, products) in gram.outer_iter().enumerate() {
        let products = &products.to_slice().expect("a row-major matrix")[row + 1..];
        if row < size {
            let (near, far) = products.split_at(size - row - 1);
            within_x.add(row, near);
            between.add(row, far);
        } else {
            within_y.add(row - size, products);
        }
    }
    let mut sums = KernelSums::new(size);
    let [x, y] = [0, 1].map(|set| Run { set, first: 0 });
    sums.add(x, x, &within_x);
    sums.add(x, y, &between);
    sums.add(y, y, &within_y);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random_state::RandomState;

    #[test]
    fn the_sums_by_brute_force() {
        let mut random = RandomState::new(51);
        // Less than the lanes of a sum, and lanes that do not come out even.
        for size in [2, 7, 73, 197] {
            let gram = Array2::from_shape_simple_fn((2 * size, 2 * size), || {
                (random.uniform() - 0.3) as f32
            });
            let k = |i: usize, j: usize| (f64::from(gram[[i.min(j), i.max(j)]]) + 1.0).powi(3);
            let sums = sums_of_gram(gram.view());
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
