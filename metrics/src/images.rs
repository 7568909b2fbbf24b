//! Images as they pass between crates.

use crate::error::MetricsError;

/// Borrowed images: `u8`, N x H x W x C, row-major, grey (C = 1) or RGB (C = 3).
#[derive(Clone, Copy, Debug)]
pub struct ImageBatch<'a> {
    pixels: &'a [u8],
    n: usize,
    height: usize,
    width: usize,
    channels: usize,
}

impl<'a> ImageBatch<'a> {
    /// Takes `pixels` as `n` images of `height` x `width` x `channels`; `n` may be 0.
    ///
    /// # Errors
    /// [`MetricsError::BadImageBatch`] if the number of bytes is not N·H·W·C, a side is 0, or C is neither 1 nor 3.
    pub fn new(
        pixels: &'a [u8],
        n: usize,
        height: usize,
        width: usize,
        channels: usize,
    ) -> Result<Self, MetricsError> {
        let refuse = |reason| MetricsError::BadImageBatch {
            n,
            height,
            width,
            channels,
            pixels: pixels.len(),
            reason,
        };
        if channels != 1 && channels != 3 {
            return Err(refuse("give grey (1 channel) or rgb (3 channels) images"));
        }
        if height == 0 || width == 0 {
            return Err(refuse("give images with at least one row and one column"));
        }
        let bytes =
            [height, width, channels].iter().try_fold(n, |product, &dim| product.checked_mul(dim));
        if bytes != Some(pixels.len()) {
            return Err(refuse("give one byte per image, row, column and channel"));
        }
        Ok(Self { pixels, n, height, width, channels })
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Rows of an image.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns of an image.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Channels of an image: 1 or 3.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Bytes of an image.
    pub(crate) fn bytes_per_image(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// The pixels of all images.
    pub(crate) fn pixels(&self) -> &'a [u8] {
        self.pixels
    }

    /// The images' pixels one after another, each H x W x C.
    pub fn images(&self) -> std::slice::ChunksExact<'a, u8> {
        self.pixels.chunks_exact(self.bytes_per_image())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_checked() {
        assert!(ImageBatch::new(&[0; 24], 2, 2, 2, 3).is_ok());
        assert!(ImageBatch::new(&[], 0, 2, 2, 3).is_ok());
        for (bytes, n, height, width, channels) in [
            (24, 2, 2, 2, 2),
            (23, 2, 2, 2, 3),
            (0, 2, 0, 2, 3),
            (0, 2, 2, 0, 3),
            (24, usize::MAX, 2, 2, 3),
        ] {
            let pixels = vec![0; bytes];
            assert!(
                ImageBatch::new(&pixels, n, height, width, channels).is_err(),
                "{n} {height} {width} {channels}"
            );
        }
    }
}
