//! What a set of images looks like from outside: sizes, and which images are the same.

use std::collections::{BTreeMap, HashSet};

use bench_metrics::ImageBatch;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Sizes and digests of the images of a set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    digests: Vec<ImageDigest>,
    sizes: BTreeMap<ImageSize, u64>,
}

/// The first 16 bytes of the SHA-256 of an image's shape and pixels: equal for images that are the
/// same pixel for pixel, and by no known accident for others.
pub type ImageDigest = [u8; 16];

/// Width and height of an image in pixels.
pub type ImageSize = (u32, u32);

impl Inventory {
    /// Takes note of further images.
    pub fn push(&mut self, images: &ImageBatch<'_>) {
        let extents = [images.height(), images.width(), images.channels()];
        let pixels: Vec<&[u8]> = images.images().collect();
        self.digests.par_extend(pixels.par_iter().map(|pixels| digest(extents, pixels)));
        let size = (images.width() as u32, images.height() as u32);
        if !pixels.is_empty() {
            *self.sizes.entry(size).or_default() += pixels.len() as u64;
        }
    }

    /// The inventory of images with these digests, in order, of which so many have each size.
    #[must_use]
    pub fn from_parts(digests: Vec<ImageDigest>, sizes: BTreeMap<ImageSize, u64>) -> Self {
        Self { digests, sizes }
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// The digests, in the order of the images.
    #[must_use]
    pub fn digests(&self) -> &[ImageDigest] {
        &self.digests
    }

    /// How many images have each size.
    #[must_use]
    pub fn sizes(&self) -> &BTreeMap<ImageSize, u64> {
        &self.sizes
    }

    /// How many images are the same as an earlier one of the set.
    #[must_use]
    pub fn repeated(&self) -> usize {
        self.digests.len() - self.distinct().len()
    }

    /// How many images of this set are the same as one of `other`.
    #[must_use]
    pub fn found_in(&self, other: &Self) -> usize {
        let others = other.distinct();
        self.digests.iter().filter(|digest| others.contains(*digest)).count()
    }

    fn distinct(&self) -> HashSet<&ImageDigest> {
        self.digests.iter().collect()
    }
}

fn digest(extents: [usize; 3], pixels: &[u8]) -> ImageDigest {
    let mut hasher = Sha256::new();
    for extent in extents {
        hasher.update((extent as u64).to_le_bytes());
    }
    hasher.update(pixels);
    let digest = hasher.finalize();
    let mut first = ImageDigest::default();
    first.copy_from_slice(&digest[..16]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(images: &[(&[u8], usize, usize)]) -> Inventory {
        let mut inventory = Inventory::default();
        for (pixels, height, width) in images {
            inventory.push(&ImageBatch::new(pixels, 1, *height, *width, 1).unwrap());
        }
        inventory
    }

    #[test]
    fn the_same_pixels_in_another_shape_are_another_image() {
        let set = inventory(&[(&[1, 2], 1, 2), (&[1, 2], 2, 1), (&[1, 2], 1, 2), (&[3], 1, 1)]);
        assert_eq!((set.len(), set.repeated()), (4, 1));
        assert_eq!(set.sizes(), &BTreeMap::from([((1, 1), 1), ((1, 2), 1), ((2, 1), 2)]));
        let other = inventory(&[(&[1, 2], 1, 2), (&[4], 1, 1)]);
        assert_eq!((set.found_in(&other), other.found_in(&set)), (2, 1));
    }

    #[test]
    fn batches_do_not_matter() {
        let pixels = [1, 2, 3, 4, 1, 2];
        let mut whole = Inventory::default();
        whole.push(&ImageBatch::new(&pixels, 3, 1, 2, 1).unwrap());
        let parts: Vec<_> = pixels.chunks(2).map(|image| (image, 1, 2)).collect();
        assert_eq!(whole, inventory(&parts));
    }
}
