//! Inner products of the features of subsets.

use ndarray::{Array2, ArrayView2, Axis, concatenate};

use crate::linear_algebra::{Between, write_gram};

/// Images of both sides up to which all their products are kept: 12 000 are 576 MB, of which half is ever touched.
const MOST_IMAGES: usize = 12_000;

/// Where the products `x·y / d` of pairs of subsets come from, in `f32`.
pub(super) enum Products<'a> {
    /// From one matrix of all images' products, `[n + m, n + m]` with the generated images first and the upper triangle
    /// filled: fewer products where the subsets cover few images many times.
    Once { n: usize, gram: Array2<f32> },
    /// Computed for each pair of subsets.
    Each { sides: [ArrayView2<'a, f32>; 2] },
}

/// Room for the products of one pair, kept from pair to pair.
#[derive(Default)]
pub(super) struct Room {
    /// Features of the pair, `[2 · size, d]`.
    features: Array2<f32>,
    /// Their products, `[2 · size, 2 · size]`, the upper triangle.
    gram: Array2<f32>,
}

/// The products of one pair of subsets: generated images first, the upper triangle.
pub(super) enum PairProducts<'a> {
    /// A matrix of their own.
    Own(&'a Array2<f32>),
    /// Ascending rows of a larger matrix, which are its columns too.
    Among { gram: &'a Array2<f32>, images: Vec<usize> },
}

impl<'a> Products<'a> {
    /// The products of `subsets` pairs of subsets of `size` of the features, `[n, d]` and `[m, d]`.
    pub(super) fn new(
        generated: ArrayView2<'a, f32>,
        reference: ArrayView2<'a, f32>,
        subsets: usize,
        size: usize,
    ) -> Self {
        let n = generated.nrows();
        let all = n + reference.nrows();
        let of_subsets = (4 * subsets as u128).saturating_mul((size as u128).pow(2));
        if all <= MOST_IMAGES && (all as u128).pow(2) <= of_subsets {
            let features = concatenate(Axis(0), &[generated, reference]).expect("equal widths");
            let mut gram = Array2::zeros((all, all));
            write_products(features.as_standard_layout().view(), &mut gram);
            return Self::Once { n, gram };
        }
        Self::Each { sides: [generated, reference] }
    }

    /// The products of one pair: images of the generated and of the reference side.
    pub(super) fn of_pair<'r>(
        &'r self,
        pair: &[Vec<usize>; 2],
        room: &'r mut Room,
    ) -> PairProducts<'r> {
        match self {
            Self::Once { n, gram } => {
                let reference = pair[1].iter().map(|image| *n + image);
                let mut images: Vec<usize> = pair[0].iter().copied().chain(reference).collect();
                images.sort_unstable();
                PairProducts::Among { gram, images }
            }
            Self::Each { sides } => {
                let (images, d) = (pair[0].len() + pair[1].len(), sides[0].ncols());
                if room.features.dim() != (images, d) {
                    room.features = Array2::zeros((images, d));
                    room.gram = Array2::zeros((images, images));
                }
                let mut rows = room.features.outer_iter_mut();
                for (side, images) in sides.iter().zip(pair) {
                    for (&image, mut row) in images.iter().zip(&mut rows) {
                        row.assign(&side.row(image));
                    }
                }
                write_products(room.features.view(), &mut room.gram);
                PairProducts::Own(&room.gram)
            }
        }
    }
}

fn write_products(features: ArrayView2<'_, f32>, gram: &mut Array2<f32>) {
    write_gram(1.0 / features.ncols() as f32, features, Between::Rows, gram.view_mut());
}

impl PairProducts<'_> {
    /// Products of image `row` of the pair with those behind it. `space`, as long as the pair, may be used.
    pub(super) fn behind<'s>(&'s self, row: usize, space: &'s mut [f32]) -> &'s [f32] {
        match self {
            Self::Own(gram) => &gram.as_slice().expect("a row-major matrix")[row * gram.ncols()..]
                [row + 1..gram.ncols()],
            Self::Among { gram, images } => {
                let width = gram.ncols();
                let row_of_gram =
                    &gram.as_slice().expect("a row-major matrix")[images[row] * width..][..width];
                let space = &mut space[..images.len() - row - 1];
                for (slot, &column) in space.iter_mut().zip(&images[row + 1..]) {
                    *slot = row_of_gram[column];
                }
                space
            }
        }
    }
}
