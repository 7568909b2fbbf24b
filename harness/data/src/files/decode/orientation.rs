//! How a stored image is turned or mirrored to stand upright.

use std::io::Cursor;

use image::codecs::tiff::TiffDecoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};

use super::DecodedImage;

/// A turn, a mirroring, or both; never neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(image::metadata::Orientation);

impl Orientation {
    /// That of an encoded image, by its EXIF data or TIFF's own tag; `None` where it stands upright or does not say.
    #[must_use]
    pub fn of(encoded: &[u8], format: ImageFormat) -> Option<Self> {
        let bytes = Cursor::new(encoded);
        let found = match format {
            // The reader of all formats would hide the tag.
            ImageFormat::Tiff => TiffDecoder::new(bytes).ok()?.orientation(),
            _ => ImageReader::with_format(bytes, format).into_decoder().ok()?.orientation(),
        };
        Self::new(found.ok()?)
    }

    fn new(found: image::metadata::Orientation) -> Option<Self> {
        (found != image::metadata::Orientation::NoTransforms).then_some(Self(found))
    }

    /// Whether columns become rows.
    #[must_use]
    pub fn swaps_sides(self) -> bool {
        use image::metadata::Orientation as Turn;
        let turns = [Turn::Rotate90, Turn::Rotate270, Turn::Rotate90FlipH, Turn::Rotate270FlipH];
        turns.contains(&self.0)
    }

    /// The image turned.
    pub(super) fn apply(self, image: DecodedImage) -> DecodedImage {
        let DecodedImage { pixels, width, height } = image;
        let stored = RgbImage::from_raw(width, height, pixels);
        let stored = stored.expect("a decoded image is as long as its sides say");
        let mut turned = DynamicImage::ImageRgb8(stored);
        turned.apply_orientation(self.0);
        let (width, height) = (turned.width(), turned.height());
        DecodedImage { pixels: turned.into_bytes(), width, height }
    }
}
