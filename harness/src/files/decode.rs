//! Encoded images (PNG, JPEG, BMP, WebP, TIFF) to RGB pixels, by the rules of PIL's `convert("RGB")`.

use std::ffi::OsStr;
use std::io::Cursor;
use std::path::Path;

use image::error::{ImageError, LimitErrorKind};
use image::{DynamicImage, ImageFormat, ImageReader, Limits};

/// Extensions of image files, in lower case; any case is accepted.
pub const IMAGE_EXTENSIONS: [&str; 7] = ["png", "jpg", "jpeg", "bmp", "webp", "tif", "tiff"];

/// Longest side of an image that is decoded, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// Most memory that decoding one image may take, in bytes.
pub const MAX_DECODED_BYTES: u64 = 1 << 30;

/// Largest encoded image that is read, in bytes.
pub const MAX_ENCODED_BYTES: u64 = 1 << 29;

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
    /// The file is of another kind than a regular file.
    #[error("not a regular file")]
    NotAFile,
    /// The file stops before the image does.
    #[error("the image is cut off before its end")]
    Truncated,
    /// Larger than the limits of this module.
    #[error("larger than {MAX_SIDE} pixels a side, 1 GiB decoded or 512 MiB encoded")]
    TooLarge,
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
            Self::TooLarge | Self::Unsupported(_) => "convert it to an 8-bit PNG of moderate size",
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

/// Decodes one image to RGB, as `PIL.Image.open(file).convert("RGB")` does.
///
/// The format is told from the contents. Grey is replicated to three channels, alpha is dropped
/// (not blended), palettes are expanded, 16-bit channels keep their high byte, CMYK JPEGs are
/// converted by the decoder, EXIF orientation is not applied, and of an animation the first frame
/// is taken.
///
/// Lossless formats give PIL's very bytes, except 16-bit grey, which PIL clips at 255. JPEG is
/// decoded by another library than PIL's (libjpeg-turbo): pixels differ by at most a few levels,
/// about 0.3 on average where the chroma is subsampled and 0.02 where it is not.
///
/// # Errors
/// A [`DecodeError`] for bytes that are not a whole image within [`MAX_SIDE`] and
/// [`MAX_DECODED_BYTES`]; floating-point pixels are [`DecodeError::Unsupported`].
pub fn decode_rgb(encoded: &[u8]) -> Result<DecodedImage, DecodeError> {
    if encoded.is_empty() {
        return Err(DecodeError::Empty);
    }
    if encoded.len() as u64 > MAX_ENCODED_BYTES {
        return Err(DecodeError::TooLarge);
    }
    let format = image::guess_format(encoded).map_err(|_| DecodeError::NotAnImage)?;
    // The JPEG decoder fills what is missing with grey where PIL refuses the file.
    if format == ImageFormat::Jpeg && !ends_as_jpeg(encoded) {
        return Err(DecodeError::Truncated);
    }
    let mut reader = ImageReader::with_format(Cursor::new(encoded), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let image = reader.decode().map_err(reason)?;
    let (width, height) = (image.width(), image.height());
    if width == 0 || height == 0 {
        return Err(DecodeError::Damaged("the image has no pixels".to_owned()));
    }
    Ok(DecodedImage { pixels: rgb_pixels(image)?, width, height })
}

fn rgb_pixels(image: DynamicImage) -> Result<Vec<u8>, DecodeError> {
    let high = |value: u16| (value >> 8) as u8;
    Ok(match image {
        DynamicImage::ImageRgb8(rgb) => rgb.into_raw(),
        DynamicImage::ImageLuma8(grey) => grey.as_raw().iter().flat_map(|&l| [l; 3]).collect(),
        DynamicImage::ImageLumaA8(grey) => grey.pixels().flat_map(|p| [p.0[0]; 3]).collect(),
        DynamicImage::ImageRgba8(rgba) => {
            rgba.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2]]).collect()
        }
        DynamicImage::ImageLuma16(grey) => {
            grey.as_raw().iter().flat_map(|&l| [high(l); 3]).collect()
        }
        DynamicImage::ImageLumaA16(grey) => grey.pixels().flat_map(|p| [high(p.0[0]); 3]).collect(),
        DynamicImage::ImageRgb16(rgb) => rgb.as_raw().iter().map(|&value| high(value)).collect(),
        DynamicImage::ImageRgba16(rgba) => {
            rgba.pixels().flat_map(|p| [high(p.0[0]), high(p.0[1]), high(p.0[2])]).collect()
        }
        other => {
            let kind = format!("pixels of type {:?}", other.color());
            return Err(DecodeError::Unsupported(kind));
        }
    })
}

fn reason(error: ImageError) -> DecodeError {
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory => {
                DecodeError::TooLarge
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
mod tests {
    use super::*;
    use image::{GrayAlphaImage, GrayImage, ImageBuffer, Luma, RgbImage, Rgba, RgbaImage};
    use proptest::prelude::*;

    fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn gradient(width: u32, height: u32) -> DynamicImage {
        let pixel = |x, y| image::Rgb([(x * 9) as u8, (y * 9) as u8, ((x + y) * 5) as u8]);
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, pixel))
    }

    #[test]
    fn lossless_formats_give_the_pixels_that_went_in() {
        let image = gradient(7, 5);
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP] {
            let decoded = decode_rgb(&encode(&image, format)).unwrap();
            assert_eq!((decoded.width, decoded.height), (7, 5), "{format:?}");
            assert_eq!(decoded.pixels, image.as_bytes(), "{format:?}");
        }
    }

    #[test]
    fn jpeg_is_near_what_went_in() {
        let image = gradient(16, 16);
        let decoded = decode_rgb(&encode(&image, ImageFormat::Jpeg)).unwrap();
        let distance = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b));
        let mean = decoded.pixels.iter().zip(image.as_bytes()).map(distance).sum::<f64>() / 768.0;
        assert!(mean < 8.0, "mean error {mean} of 255 is more than JPEG at quality 75 makes");
    }

    #[test]
    fn grey_is_replicated_and_alpha_dropped() {
        let grey = DynamicImage::ImageLuma8(GrayImage::from_raw(2, 1, vec![10, 200]).unwrap());
        let decoded = decode_rgb(&encode(&grey, ImageFormat::Png)).unwrap();
        assert_eq!(decoded.pixels, [10, 10, 10, 200, 200, 200]);

        let rgba = RgbaImage::from_pixel(1, 1, Rgba([1, 2, 3, 0]));
        let decoded =
            decode_rgb(&encode(&DynamicImage::ImageRgba8(rgba), ImageFormat::Png)).unwrap();
        assert_eq!(decoded.pixels, [1, 2, 3]);

        let grey_alpha = GrayAlphaImage::from_raw(1, 1, vec![77, 3]).unwrap();
        let grey_alpha = DynamicImage::ImageLumaA8(grey_alpha);
        let decoded = decode_rgb(&encode(&grey_alpha, ImageFormat::Png)).unwrap();
        assert_eq!(decoded.pixels, [77; 3]);
    }

    #[test]
    fn sixteen_bit_channels_keep_the_high_byte() {
        let grey = ImageBuffer::<Luma<u16>, _>::from_raw(2, 1, vec![0x12ff, 0xfe80]).unwrap();
        let encoded = encode(&DynamicImage::ImageLuma16(grey), ImageFormat::Png);
        assert_eq!(decode_rgb(&encoded).unwrap().pixels, [0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe]);
    }

    #[test]
    fn empty_and_foreign_bytes_are_told_apart() {
        assert_eq!(decode_rgb(b""), Err(DecodeError::Empty));
        assert_eq!(decode_rgb(b"a text file called x.png"), Err(DecodeError::NotAnImage));
        assert!(matches!(
            decode_rgb(b"GIF89a\x01\0\x01\0\0\0\0"),
            Err(DecodeError::Unsupported(_))
        ));
    }

    #[test]
    fn a_truncated_image_is_refused_in_every_format() {
        let image = gradient(40, 40);
        for format in [
            ImageFormat::Png,
            ImageFormat::Jpeg,
            ImageFormat::Bmp,
            ImageFormat::Tiff,
            ImageFormat::WebP,
        ] {
            let whole = encode(&image, format);
            for kept in [whole.len() / 4, whole.len() / 2, whole.len() * 3 / 4] {
                assert!(decode_rgb(&whole[..kept]).is_err(), "{format:?} cut to {kept} bytes");
            }
        }
    }

    #[test]
    fn a_jpeg_thumbnail_is_no_end_of_the_image() {
        let whole = encode(&gradient(16, 16), ImageFormat::Jpeg);
        let thumbnail = [0xff, 0xe1, 0, 6, 0xff, 0xd9, 0, 0];
        let mut cut = whole[..2].to_vec();
        cut.extend_from_slice(&thumbnail);
        cut.extend_from_slice(&whole[2..whole.len() - 2]);
        assert_eq!(decode_rgb(&cut), Err(DecodeError::Truncated));
    }

    #[test]
    fn declared_sizes_beyond_the_limits_are_refused_before_memory_is_taken() {
        let mut png = encode(&gradient(2, 2), ImageFormat::Png);
        png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        assert!(decode_rgb(&png).is_err());
        let wide = DynamicImage::ImageLuma8(GrayImage::new(MAX_SIDE + 1, 1));
        let encoded = encode(&wide, ImageFormat::Png);
        assert_eq!(decode_rgb(&encoded), Err(DecodeError::TooLarge));
    }

    proptest! {
        #[test]
        fn damaged_images_give_an_answer(
            at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            kept in 0.0..1.0_f64,
        ) {
            let formats = [
                ImageFormat::Png,
                ImageFormat::Jpeg,
                ImageFormat::Bmp,
                ImageFormat::Tiff,
                ImageFormat::WebP,
            ];
            for format in formats {
                let mut bytes = encode(&gradient(19, 11), format);
                for (place, value) in &at {
                    let place = place.index(bytes.len());
                    bytes[place] = *value;
                }
                let _ = decode_rgb(&bytes);
                let _ = decode_rgb(&bytes[..(bytes.len() as f64 * kept) as usize]);
            }
        }
    }

    #[test]
    fn extensions_in_any_case() {
        assert!(has_image_extension(Path::new("A/B.PNG")));
        assert!(has_image_extension(Path::new("b.JpEg")));
        assert!(!has_image_extension(Path::new("png")));
        assert!(!has_image_extension(Path::new("a.gif")));
    }
}
