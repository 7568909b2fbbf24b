//! From the images that a source has to the images that are asked for.

use super::native::NativeImages;
use super::pixels::HashedPixels;
use super::resize::{self, Shape};
use super::{LoadOptions, luma};

/// How the images of a split are resized and coloured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conversion {
    /// Number of images.
    pub(super) n: usize,
    from: Shape,
    /// The images that are asked for.
    pub(super) to: Shape,
}

impl Conversion {
    pub(super) fn new(native: &NativeImages, options: &LoadOptions<'_>) -> Self {
        let NativeImages { height, width, channels, .. } = *native;
        let from = Shape { height, width, channels };
        let (height, width) =
            options.size.map_or((height, width), |side| (side as usize, side as usize));
        let channels = options.channels.map_or(channels, usize::from);
        let to = Shape { height, width, channels };
        Self { n: native.images.count(from.len()), from, to }
    }

    /// Whether images keep their size.
    pub(super) fn keeps_size(&self) -> bool {
        (self.from.height, self.from.width) == (self.to.height, self.to.width)
    }

    /// Whether images keep their colours: grey may become RGB.
    pub(super) fn keeps_colour(&self) -> bool {
        self.to.channels >= self.from.channels
    }

    /// Resizes and colours images, in this order, and hashes what comes out.
    pub(super) fn apply(&self, images: Vec<u8>) -> HashedPixels {
        let Self { n, from, to } = *self;
        let resized = match self.keeps_size() {
            true => images,
            false => resize::bilinear_all(&images, from, to.height, to.width),
        };
        let coloured: Vec<u8> = match (from.channels, to.channels) {
            (1, 3) => resized.iter().flat_map(|&grey| [grey; 3]).collect(),
            (3, 1) => resized.as_chunks::<3>().0.iter().map(luma).collect(),
            _ => resized,
        };
        HashedPixels::new(coloured.into(), n, to)
    }
}
