//! Kernel sums of all pairs of subsets at once, from the products of all images: for subsets that cover few images
//! many times.

mod block;
mod in_order;

use std::ptr;
use std::sync::Mutex;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, s};
use rayon::prelude::*;

use super::Pair;
use super::kernel_sums::{KernelSums, Part};
use crate::linear_algebra::{Between, one_thread_a_call, write_gram};
use block::{Block, Held};
use in_order::InOrder;

/// Blocks that the images of both sides are to make, so that there are tiles for many threads.
const BLOCKS: usize = 8;

/// Images in a block at the least and at the most: products of fewer are slower, of more not faster, and a tile of the
/// most takes 16 MB.
const BLOCK: [usize; 2] = [256, 2000];

/// Time to go through a tile for the subsets' products, for every product of the tile, in multiplications.
const SEARCH: f64 = 40.0;

/// Time of a multiplication among a pair's own features, which have to be gathered, beside one for a tile.
const GATHERED: f64 = 1.06;

/// Whether tiles take less time than products of each pair's own for `subsets` pairs of subsets of `size`, given
/// `images` of both sides together with `d` features.
///
/// That is where all images have fewer products than the subsets, or about as many. The constants fit times that were
/// measured for 2000 to 10 000 images a side and d from 32 to 2048.
pub(super) fn pay_off(images: usize, d: usize, subsets: usize, size: usize) -> bool {
    let [images, d, subsets, size] = [images, d, subsets, size].map(|count| count as f64);
    let of_all = images * images / 2.0;
    let of_subsets = subsets * (2.0 * size) * (2.0 * size) / 2.0;
    of_all * (d + SEARCH) <= of_subsets * d * GATHERED
}

/// The sums of every pair of subsets of the features, `[n, d]` and `[m, d]`.
///
/// Every tile is computed once, on one thread, which needs room for no other. They are added in a fixed order, so that
/// nothing depends on the number of threads.
pub(super) fn sums(sides: [ArrayView2<'_, f32>; 2], pairs: &[Pair]) -> Vec<KernelSums> {
    let images: usize = sides.iter().map(|side| side.nrows()).sum();
    sums_of_blocks(sides, pairs, images.div_ceil(BLOCKS).clamp(BLOCK[0], BLOCK[1]))
}

/// [`sums`] by tiles of at most `most` images a side.
fn sums_of_blocks(sides: [ArrayView2<'_, f32>; 2], pairs: &[Pair], most: usize) -> Vec<KernelSums> {
    let sides = sides.each_ref().map(|side| side.as_standard_layout());
    let sides = sides.each_ref().map(|side| side.view());
    let blocks: Vec<Block> =
        (0..2).flat_map(|side| Block::all(side, sides[side].nrows(), pairs, most)).collect();
    let tiles = Tile::all(&blocks);
    let sums = Mutex::new(InOrder::new(&tiles, pairs));
    one_thread_a_call(|| {
        tiles.iter().enumerate().par_bridge().for_each_init(
            Vec::new,
            |products, (number, tile)| {
                tile.write_products(sides, products);
                let parts = tile.parts(products);
                sums.lock().expect("no thread panicked").add(number, parts);
            },
        );
    });
    sums.into_inner().expect("no thread panicked").finish()
}

/// Products of the images of two blocks: a part of the upper triangle of all images' Gram matrix.
struct Tile<'a> {
    rows: &'a Block,
    columns: &'a Block,
}

impl<'a> Tile<'a> {
    /// All tiles; those on the diagonal, half as much work as the others, come last to fill up the threads.
    fn all(blocks: &'a [Block]) -> Vec<Self> {
        let above = |(number, columns)| {
            blocks[..number].iter().map(move |rows: &'a Block| Self { rows, columns })
        };
        let diagonal = blocks.iter().map(|block| Self { rows: block, columns: block });
        blocks.iter().enumerate().flat_map(above).chain(diagonal).collect()
    }

    fn is_diagonal(&self) -> bool {
        ptr::eq(self.rows, self.columns)
    }

    /// Writes the products `x·y / d` row by row; on the diagonal only those in the upper triangle.
    fn write_products(&self, sides: [ArrayView2<'_, f32>; 2], products: &mut Vec<f32>) {
        let [rows, columns] = [self.rows, self.columns]
            .map(|block| sides[block.side].slice_move(s![block.images.clone(), ..]));
        let (dim, scale) = ((rows.nrows(), columns.nrows()), 1.0 / rows.ncols() as f32);
        products.resize(dim.0 * dim.1, 0.0);
        let mut products = ArrayViewMut2::from_shape(dim, products).expect("room as resized");
        if self.is_diagonal() {
            write_gram(scale, rows, Between::Rows, products);
        } else {
            general_mat_mul(scale, &rows, &columns.t(), 0.0, &mut products);
        }
    }

    /// The sums of every pair of subsets over the products: row by row, so that a row stays in the
    /// nearest cache for all subsets that hold its image.
    fn parts(&self, products: &[f32]) -> Vec<Part> {
        let width = self.columns.images.len();
        let members = self.rows.members.iter().zip(&self.columns.members);
        let mut parts: Vec<Part> = members
            .map(|(rows, columns)| Part::new(rows.places.len(), columns.places.len()))
            .collect();
        let mut of_subset = Vec::with_capacity(width);
        for &Held { place, pair, member } in &self.rows.held {
            let row = &products[place * width..][..width];
            let first = if self.is_diagonal() { member + 1 } else { 0 };
            let columns = &self.columns.members[pair].places[first..];
            of_subset.clear();
            of_subset.extend(columns.iter().map(|&column| row[column as usize]));
            parts[pair].add(member, &of_subset);
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::kid::{draw, own_products};
    use crate::random_state::RandomState;
    use ndarray::Array2;

    #[test]
    fn tiles_and_own_products_have_the_same_sums() {
        let mut random = RandomState::new(61);
        // Whole numbers and d a power of 2: all kernels and sums are exact.
        let mut side = |n| {
            Array2::from_shape_simple_fn((n, 16), || (random.uniform() * 7.0).floor() as f32 - 3.0)
        };
        let (n, m) = (23, 17);
        let (x, y) = (side(n), side(m));
        let sides = [x.view(), y.view()];
        for size in [2, 5, 9, m] {
            let pairs: Vec<Pair> =
                (0..6).map(|_| [n, m].map(|images| draw(&mut random, images, size))).collect();
            let expected = own_products::sums(sides, &pairs);
            // Blocks of one image, of unequal numbers, one for each side.
            for most in [1, 5, 8, 2000] {
                assert_eq!(sums_of_blocks(sides, &pairs, most), expected, "{size}, {most}");
            }
        }
    }

    #[test]
    fn tiles_are_added_in_order_whichever_is_done_first() {
        let mut random = RandomState::new(62);
        let side = Array2::from_shape_simple_fn((40, 8), || random.randn() as f32);
        let pairs: Vec<Pair> =
            (0..3).map(|_| [(); 2].map(|()| draw(&mut random, 40, 20))).collect();
        let blocks: Vec<Block> = (0..2).flat_map(|set| Block::all(set, 40, &pairs, 8)).collect();
        let tiles = Tile::all(&blocks);
        let sums_of = |numbers: &mut dyn Iterator<Item = usize>| {
            let mut sums = InOrder::new(&tiles, &pairs);
            for number in numbers {
                let mut products = Vec::new();
                tiles[number].write_products([side.view(); 2], &mut products);
                sums.add(number, tiles[number].parts(&products));
            }
            sums.finish()
        };
        let forwards = sums_of(&mut (0..tiles.len()));
        assert_eq!(sums_of(&mut (0..tiles.len()).rev()), forwards);
    }

    #[test]
    fn tiles_pay_off_where_subsets_cover_few_images_many_times() {
        for (images, d, subsets, expected) in [
            (20_000, 2048, 100, true),
            (22_000, 2048, 100, false),
            (20_000, 160, 100, false),
            (4_000, 160, 100, true),
            (20_000, 2048, 50, false),
            (usize::MAX, 2048, 100, false),
            (usize::MAX, 2048, usize::MAX, false),
        ] {
            assert_eq!(pay_off(images, d, subsets, 1000), expected, "{images}, {d}, {subsets}");
        }
    }
}
