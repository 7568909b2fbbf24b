use super::*;
use image::{GrayAlphaImage, GrayImage, ImageBuffer, Luma, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

fn as_pil(encoded: &[u8]) -> Result<DecodedImage, DecodeError> {
    decode_rgb(encoded, Treatment::AsPil)
}

fn upright(encoded: &[u8], background: Option<[u8; 3]>) -> DecodedImage {
    decode_rgb(encoded, Treatment::Upright { background }).unwrap()
}

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
        let decoded = as_pil(&encode(&image, format)).unwrap();
        assert_eq!((decoded.width, decoded.height), (7, 5), "{format:?}");
        assert_eq!(decoded.pixels, image.as_bytes(), "{format:?}");
    }
}

#[test]
fn jpeg_is_near_what_went_in() {
    let image = gradient(16, 16);
    let decoded = as_pil(&encode(&image, ImageFormat::Jpeg)).unwrap();
    let distance = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b));
    let mean = decoded.pixels.iter().zip(image.as_bytes()).map(distance).sum::<f64>() / 768.0;
    assert!(mean < 8.0, "mean error {mean} of 255 is more than JPEG at quality 75 makes");
}

#[test]
fn grey_is_replicated_and_alpha_dropped() {
    let grey = DynamicImage::ImageLuma8(GrayImage::from_raw(2, 1, vec![10, 200]).unwrap());
    let decoded = as_pil(&encode(&grey, ImageFormat::Png)).unwrap();
    assert_eq!(decoded.pixels, [10, 10, 10, 200, 200, 200]);

    let rgba = RgbaImage::from_pixel(1, 1, Rgba([1, 2, 3, 0]));
    let decoded = as_pil(&encode(&DynamicImage::ImageRgba8(rgba), ImageFormat::Png)).unwrap();
    assert_eq!(decoded.pixels, [1, 2, 3]);

    let grey_alpha = GrayAlphaImage::from_raw(1, 1, vec![77, 3]).unwrap();
    let grey_alpha = DynamicImage::ImageLumaA8(grey_alpha);
    let decoded = as_pil(&encode(&grey_alpha, ImageFormat::Png)).unwrap();
    assert_eq!(decoded.pixels, [77; 3]);
}

#[test]
fn sixteen_bit_grey_is_clipped_as_by_pil_or_keeps_the_high_byte() {
    let grey = ImageBuffer::<Luma<u16>, _>::from_raw(3, 1, vec![0x12ff, 0xfe80, 0x0042]).unwrap();
    let encoded = encode(&DynamicImage::ImageLuma16(grey), ImageFormat::Png);
    let pixels = as_pil(&encoded).unwrap().pixels;
    assert_eq!(pixels, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x42, 0x42, 0x42]);
    let pixels = upright(&encoded, None).pixels;
    assert_eq!(pixels, [0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe, 0, 0, 0]);
    let colour =
        ImageBuffer::<Rgba<u16>, _>::from_raw(1, 1, vec![0x12ff, 0xfe80, 0x42, 9]).unwrap();
    let encoded = encode(&DynamicImage::ImageRgba16(colour), ImageFormat::Png);
    assert_eq!(as_pil(&encoded).unwrap().pixels, [0x12, 0xfe, 0]);
}

#[test]
fn alpha_is_blended_where_a_background_is_given() {
    let rgba = RgbaImage::from_raw(2, 1, vec![1, 2, 3, 0, 10, 20, 30, 255]).unwrap();
    let encoded = encode(&DynamicImage::ImageRgba8(rgba), ImageFormat::Png);
    assert_eq!(upright(&encoded, Some([255, 0, 9])).pixels, [255, 0, 9, 10, 20, 30]);
    assert_eq!(upright(&encoded, None).pixels, [1, 2, 3, 10, 20, 30]);
}

#[test]
fn empty_and_foreign_bytes_are_told_apart() {
    assert_eq!(as_pil(b""), Err(DecodeError::Empty));
    assert_eq!(as_pil(b"a text file called x.png"), Err(DecodeError::NotAnImage));
    assert!(matches!(as_pil(b"GIF89a\x01\0\x01\0\0\0\0"), Err(DecodeError::Unsupported(_))));
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
            assert!(as_pil(&whole[..kept]).is_err(), "{format:?} cut to {kept} bytes");
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
    assert_eq!(as_pil(&cut), Err(DecodeError::Truncated));
}

#[test]
fn declared_sizes_beyond_the_limits_are_refused_before_memory_is_taken() {
    // A header that claims 60 000 x 60 000 RGB pixels, 10.8 GB, and next to nothing behind it.
    let image = RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8, y as u8, 0]));
    let mut png = encode(&DynamicImage::ImageRgb8(image), ImageFormat::Png);
    png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(as_pil(&png), Err(DecodeError::TooLarge { width: 60_000, height: 60_000 }));
    let wide = DynamicImage::ImageLuma8(GrayImage::new(MAX_SIDE + 1, 1));
    let encoded = encode(&wide, ImageFormat::Png);
    assert_eq!(as_pil(&encoded), Err(DecodeError::TooLarge { width: MAX_SIDE + 1, height: 1 }));
}

/// The checksum of PNG's chunks.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
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
            let _ = as_pil(&bytes);
            let _ = as_pil(&bytes[..(bytes.len() as f64 * kept) as usize]);
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

/// A picture as PIL sees it, from a file that `tests/golden/make_images.py` wrote.
fn pil_pixels(name: &str) -> DecodedImage {
    let bytes = std::fs::read(golden("pixels").join(format!("{name}.ppm"))).unwrap();
    let mut parts = bytes.splitn(4, |&byte| byte == b'\n');
    assert_eq!(parts.next(), Some(&b"P6"[..]));
    let sides = std::str::from_utf8(parts.next().unwrap()).unwrap();
    let (width, height) = sides.split_once(' ').unwrap();
    assert_eq!(parts.next(), Some(&b"255"[..]));
    DecodedImage {
        pixels: parts.next().unwrap().to_vec(),
        width: width.parse().unwrap(),
        height: height.parse().unwrap(),
    }
}

fn golden(folder: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder)
}

/// What PIL's pixels and ours have in common.
enum Agreement {
    /// Every byte.
    Exact,
    /// No byte differs by more, nor do all of them on average.
    Levels { most: u8, mean: f64 },
    /// Ours is refused, with this in the message.
    Refused(&'static str),
}

/// Every file of `tests/golden/images`; bounds are about twice what was measured.
fn agreement(name: &str) -> Agreement {
    use Agreement::*;
    match name {
        "jpeg.tif" => Levels { most: 3, mean: 0.06 },
        "cmyk.jpg" => Levels { most: 2, mean: 0.05 },
        "cmyk.tif" => Levels { most: 1, mean: 0.6 },
        "palette.tif" => Refused("unsupported image"),
        "float.tif" => Refused("unsupported image"),
        "few_levels.pgm" => Refused("white is 15 instead of 255"),
        _ => Exact,
    }
}

#[test]
fn pixels_are_those_of_pil() {
    let mut names: Vec<String> = std::fs::read_dir(golden("images"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 45, "{} images", names.len());
    let wrong: Vec<String> = names.iter().filter_map(|name| disagreement(name)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn disagreement(name: &str) -> Option<String> {
    assert!(has_image_extension(Path::new(name)), "{name}");
    let ours = as_pil(&std::fs::read(golden("images").join(name)).unwrap());
    let ours = match (agreement(name), ours) {
        (Agreement::Refused(part), Err(error)) if error.to_string().contains(part) => return None,
        (Agreement::Refused(_), other) => return Some(format!("{name}: {other:?}")),
        (_, Err(error)) => return Some(format!("{name}: {error}")),
        (_, Ok(ours)) => ours,
    };
    let pil = pil_pixels(name);
    if (ours.width, ours.height) != (pil.width, pil.height) {
        return Some(format!("{name}: {}x{}", ours.width, ours.height));
    }
    let differences = || ours.pixels.iter().zip(&pil.pixels).map(|(a, b)| a.abs_diff(*b));
    let largest = differences().max().unwrap_or(0);
    let mean = differences().map(f64::from).sum::<f64>() / ours.pixels.len() as f64;
    let agree = match agreement(name) {
        Agreement::Exact => largest == 0,
        Agreement::Levels { most, mean: bound } => largest <= most && mean <= bound,
        Agreement::Refused(_) => false,
    };
    let found = format!("{name}: differs by {largest} levels at most, {mean:.3} on average");
    println!("{found}");
    (!agree).then_some(found)
}
