//! Encoded images (PNG, JPEG, BMP, WebP, TIFF, PGM, PPM) to RGB pixels.

mod jpeg;
mod orientation;
mod rgb;

use std::ffi::OsStr;
use std::io::Cursor;
use std::path::Path;

use image::codecs::pnm::PnmDecoder;
use image::error::{ImageError, LimitErrorKind};
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageFormat, ImageReader, Limits};

pub(super) use jpeg::is_cmyk as is_cmyk_jpeg;
pub use orientation::Orientation;

/// Extensions of image files, those of pytorch-fid, in lower case; any case is accepted.
pub const IMAGE_EXTENSIONS: [&str; 9] =
    ["png", "jpg", "jpeg", "bmp", "webp", "tif", "tiff", "pgm", "ppm"];

/// Most pixels of an image that is decoded: where PIL raises its `DecompressionBombError`, twice its
/// `MAX_IMAGE_PIXELS`.
pub const MAX_PIXELS: u64 = 178_956_970;

/// Longest side of an image that is decoded, in pixels; JPEG knows no longer one.
pub const MAX_SIDE: u32 = 65_535;

/// Most memory that a decoder may take for all but the pixels, in bytes.
const MAX_DECODER_BYTES: u64 = 64 << 20;

/// Largest encoded image that is read, in bytes.
pub const MAX_ENCODED_BYTES: u64 = 1 << 29;

/// How what is not plain 8-bit RGB becomes so.
///
/// Under either, grey is replicated to three channels, palettes are expanded, 16-bit colours keep their high byte, CMYK
/// becomes RGB by PIL's formula, colour profiles are not applied, TIFF's own orientation is, and of an animation or of
/// several pages the first is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Treatment {
    /// As `PIL.Image.open(file).convert("RGB")`, and so as pytorch-fid and torch-fidelity: alpha is dropped and not
    /// blended, 16-bit grey is clipped at 255, and EXIF orientation is not applied.
    #[default]
    AsPil,
    /// As people see it: EXIF orientation is applied, 16-bit grey keeps its high byte, and alpha is dropped unless there
    /// is a colour to blend it with.
    Upright {
        /// The colour behind what is transparent.
        background: Option<[u8; 3]>,
    },
}

/// A decoded image: RGB, one byte a channel, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedImage {
    /// `[height, width, 3]` bytes.
    pub pixels: Vec<u8>,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// Why bytes are not a usable image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes start like no image format.
    #[error("the contents are not an image, whatever the name says")]
    NotAnImage,
    /// The operating system refuses to read the file, for this reason.
    #[error("{0}")]
    Unreadable(String),
    /// The file is another one than it was before.
    #[error("the file was changed while it was read")]
    Changed,
    /// It lies below more folders than so many.
    #[error("it lies below more than {0} folders")]
    TooDeep(usize),
    /// The file is of another kind than a regular file.
    #[error("not a regular file")]
    NotAFile,
    /// The file stops before the image does.
    #[error("the image is cut off before its end")]
    Truncated,
    /// More pixels than [`MAX_PIXELS`] or a side longer than [`MAX_SIDE`].
    #[error(
        "{width}x{height} pixels are too large: the limits are {MAX_PIXELS} pixels, as PIL's against decompression \
         bombs, and {MAX_SIDE} a side"
    )]
    TooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// More bytes than [`MAX_ENCODED_BYTES`].
    #[error("the file is larger than 512 MiB")]
    TooManyBytes,
    /// A format or a kind of pixel that is not read.
    #[error("unsupported image: {0}")]
    Unsupported(String),
    /// The decoder found an error.
    #[error("damaged image: {0}")]
    Damaged(String),
}

impl DecodeError {
    /// What to do about it, a fragment that ends an error message.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } | Self::TooManyBytes => "scale the image down",
            Self::Unsupported(_) => "convert it to an 8-bit PNG",
            Self::Unreadable(_) => "check the file, its permissions and where it links to",
            Self::Changed => "start again once nothing writes there",
            Self::TooDeep(_) => "move it, or leave it out",
            Self::NotAFile => "replace it by the image itself",
            _ => "replace or remove the file",
        }
    }
}

/// Whether a file's name has one of [`IMAGE_EXTENSIONS`].
#[must_use]
pub fn has_image_extension(name: &Path) -> bool {
    name.extension().and_then(OsStr::to_str).is_some_and(|extension| {
        IMAGE_EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Decodes one image to RGB. The format is told from the contents.
///
/// Under [`Treatment::AsPil`] the pixels are PIL's very bytes, in JPEG too, with two exceptions: CMYK in TIFF, which may be
/// rounded to the next level, and CMYK in JPEG, which may differ by a few levels. The tests beside this function hold it
/// to that.
///
/// # Errors
/// A [`DecodeError`] for bytes that are not a whole image within [`MAX_PIXELS`] and [`MAX_SIDE`], which is found out
/// before memory is taken. Floating-point pixels, TIFF with a palette, and PGM and PPM of other than 255 levels are
/// [`DecodeError::Unsupported`].
pub fn decode_rgb(encoded: &[u8], treatment: Treatment) -> Result<DecodedImage, DecodeError> {
    if encoded.is_empty() {
        return Err(DecodeError::Empty);
    }
    if encoded.len() as u64 > MAX_ENCODED_BYTES {
        return Err(DecodeError::TooManyBytes);
    }
    let format = image::guess_format(encoded).map_err(|_| DecodeError::NotAnImage)?;
    let image = decode_stored(encoded, format, treatment)?;
    let is_turned = format == ImageFormat::Tiff || treatment != Treatment::AsPil;
    match Orientation::of(encoded, format).filter(|_| is_turned) {
        Some(orientation) => Ok(orientation.apply(image)),
        None => Ok(image),
    }
}

/// The image as it is stored, neither turned nor mirrored.
fn decode_stored(
    encoded: &[u8],
    format: ImageFormat,
    treatment: Treatment,
) -> Result<DecodedImage, DecodeError> {
    match format {
        // The JPEG decoder fills what is missing with grey where PIL refuses the file.
        ImageFormat::Jpeg if !ends_as_jpeg(encoded) => return Err(DecodeError::Truncated),
        ImageFormat::Jpeg => {
            if let Some(decoded) = jpeg::decode_rgb(encoded)? {
                return Ok(decoded);
            }
        }
        ImageFormat::Pnm => check_levels(encoded)?,
        _ => {}
    }
    let mut reader = ImageReader::with_format(Cursor::new(encoded), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(reason)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    // The pixels once in the decoder and once beside it.
    limits.max_alloc = Some(MAX_DECODER_BYTES + 2 * decoder.total_bytes());
    decoder.set_limits(limits).map_err(reason)?;
    let image = DynamicImage::from_decoder(decoder).map_err(reason)?;
    let image = match image {
        // PIL knows no alpha in 16-bit grey whose transparency is one level.
        DynamicImage::ImageLumaA16(grey) if is_grey_png(encoded, format) => {
            let levels = grey.pixels().map(|pixel| pixel.0[0]).collect();
            ImageBuffer::from_raw(width, height, levels)
                .map_or(DynamicImage::ImageLumaA16(grey), DynamicImage::ImageLuma16)
        }
        other => other,
    };
    Ok(DecodedImage { pixels: rgb::pixels(image, treatment)?, width, height })
}

/// Whether this is a PNG whose header says grey without alpha; a level of it may be transparent all the same.
pub(super) fn is_grey_png(encoded: &[u8], format: ImageFormat) -> bool {
    const COLOUR_TYPE: usize = 25;
    format == ImageFormat::Png && encoded.get(COLOUR_TYPE) == Some(&0)
}

pub(super) fn check_size(width: u32, height: u32) -> Result<(), DecodeError> {
    if width == 0 || height == 0 {
        return Err(DecodeError::Damaged("the image has no pixels".to_owned()));
    }
    if !is_decoded(width, height) {
        return Err(DecodeError::TooLarge { width, height });
    }
    Ok(())
}

/// Whether an image of this size is within the limits.
fn is_decoded(width: u32, height: u32) -> bool {
    width.max(height) <= MAX_SIDE && u64::from(width) * u64::from(height) <= MAX_PIXELS
}

/// The decoder of the PNM family hands samples out as they are, whatever value stands for white.
fn check_levels(encoded: &[u8]) -> Result<(), DecodeError> {
    let header = PnmDecoder::new(encoded).map_err(reason)?.into_inner().1;
    match (header.as_bitmap(), header.maximal_sample()) {
        (Some(_), _) | (None, 255) => Ok(()),
        (None, white) => Err(DecodeError::Unsupported(format!("white is {white} instead of 255"))),
    }
}

fn reason(error: ImageError) -> DecodeError {
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::InsufficientMemory => {
                DecodeError::Damaged("it asks for more memory than its pixels take".to_owned())
            }
            other => DecodeError::Unsupported(format!("{other:?}")),
        },
        ImageError::Unsupported(kind) => DecodeError::Unsupported(kind.to_string()),
        ImageError::IoError(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated
        }
        other => DecodeError::Damaged(other.to_string()),
    }
}

/// Whether a JPEG file has an end-of-image marker (`FF D9`) after its first scan.
///
/// Segments before the scan are stepped over by their lengths, since a thumbnail inside one of
/// them has an end of its own; within a scan `FF D9` cannot stand for anything else (ISO/IEC
/// 10918-1, B.1.1.2).
fn ends_as_jpeg(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: u8 = 0xd9;
    let mut at = 2;
    while let Some(&[first, marker]) = bytes.get(at..at + 2) {
        match (first, marker) {
            (0xff, START_OF_SCAN) => {
                return bytes[at..].windows(2).rev().any(|pair| pair == [0xff, END_OF_IMAGE]);
            }
            // Fill bytes, and anything a lenient decoder steps over.
            (0xff, 0xff) | (0..=0xfe, _) => at += 1,
            (0xff, 0x00 | 0x01 | 0xd0..=0xd9) => at += 2,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    return false;
                };
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    false
}

#[cfg(test)]
mod tests;
