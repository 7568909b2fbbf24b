//! Images beside each other in the matrix of all products, and the subsets that hold them.

use std::ops::Range;

use crate::metrics::kid::Pair;
use crate::metrics::kid::kernel_sums::Run;

/// Images of one side that follow one another.
pub(super) struct Block {
    /// The side: 0 for generated, 1 for reference images.
    pub(super) side: usize,
    /// Their numbers in the side.
    pub(super) images: Range<usize>,
    /// For every pair of subsets, which of the images its subset holds.
    pub(super) members: Vec<Members>,
    /// The same image by image.
    pub(super) held: Vec<Held>,
}

/// Images of a block in one subset.
pub(super) struct Members {
    /// Where they are in the subset.
    pub(super) run: Run,
    /// Their places in the block, ascending.
    pub(super) places: Vec<u32>,
}

/// An image of a block in one subset.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Held {
    /// Its place in the block.
    pub(super) place: usize,
    /// The pair of subsets that holds it.
    pub(super) pair: usize,
    /// Its place among the members of that subset.
    pub(super) member: usize,
}

impl Block {
    /// The `n` images of a side in as few blocks, as equal in length, as `most` images in a block allow.
    pub(super) fn all(side: usize, n: usize, pairs: &[Pair], most: usize) -> Vec<Self> {
        let blocks = n.div_ceil(most);
        let bounds = |block| n * block / blocks..n * (block + 1) / blocks;
        (0..blocks).map(|block| Self::new(side, bounds(block), pairs)).collect()
    }

    fn new(side: usize, images: Range<usize>, pairs: &[Pair]) -> Self {
        let members: Vec<Members> =
            pairs.iter().map(|pair| Members::new(side, &images, &pair[side])).collect();
        let of_pair = |(pair, members): (usize, &Members)| -> Vec<Held> {
            let places = members.places.iter().enumerate();
            places.map(|(member, &place)| Held { place: place as usize, pair, member }).collect()
        };
        let mut held: Vec<Held> = members.iter().enumerate().flat_map(of_pair).collect();
        held.sort_unstable();
        Self { side, images, members, held }
    }
}

impl Members {
    /// Those of a subset of the side.
    fn new(side: usize, images: &Range<usize>, subset: &[usize]) -> Self {
        let [first, end] =
            [images.start, images.end].map(|bound| subset.partition_point(|&image| image < bound));
        let places = subset[first..end].iter().map(|image| (image - images.start) as u32);
        Self { run: Run { set: side, first }, places: places.collect() }
    }
}
