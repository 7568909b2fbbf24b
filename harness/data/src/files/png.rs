//! Images to PNG files.

use std::io;
use std::path::Path;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::{FileError, write_whole};

/// Writes an image, `[height, width, channels]` bytes with 1 (grey) or 3 (RGB) channels, to `path` as PNG; see
/// [`write_whole`].
///
/// # Errors
/// [`FileError::Io`] where the file cannot be written, or the pixels do not fit the sides.
pub fn write(path: &Path, pixels: &[u8], width: usize, height: usize) -> Result<(), FileError> {
    let grey = pixels.len() == width * height;
    let color = if grey { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(pixels, width as u32, height as u32, color)
        .map_err(|error| FileError::io("encode", path, io::Error::other(error)))?;
    write_whole(path, &bytes)
}
