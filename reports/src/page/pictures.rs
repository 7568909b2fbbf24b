//! Pictures inside the page: as they are where there is room, smaller where there is not.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, RgbImage};

use crate::grid::PADDING;

/// Quality of pictures that are made smaller, of 100.
const QUALITY: u8 = 85;
/// Width of a small figure, in pixels: its text can still be read.
const SMALL_WIDTH: u32 = 520;

/// A picture as the page holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    /// `data:image/…;base64,…`.
    pub(super) uri: String,
    /// Width and height in pixels, where they are known.
    pub(super) size: Option<(u32, u32)>,
    /// Whether it is less than the file it was made from.
    pub(super) reduced: bool,
}

impl Picture {
    /// The bytes of an image file as they are; `kind` is `png`, `svg+xml` and the like.
    pub(super) fn whole(kind: &str, bytes: &[u8]) -> Self {
        Self { uri: uri(kind, bytes), size: None, reduced: false }
    }
}

/// A PNG of a figure at a width that takes less room; `None` for what is no image.
pub(super) fn small_figure(png: &[u8]) -> Option<Picture> {
    let image = image::load_from_memory_with_format(png, ImageFormat::Png).ok()?;
    let small = match image.width() > SMALL_WIDTH {
        true => image.resize(SMALL_WIDTH, u32::MAX, FilterType::Triangle),
        false => image,
    };
    let size = (small.width(), small.height());
    let mut encoded = Vec::new();
    small.write_to(&mut Cursor::new(&mut encoded), ImageFormat::Png).ok()?;
    let jpeg = jpeg(&small.to_rgb8())?;
    let (kind, bytes) = if jpeg.len() < encoded.len() { ("jpeg", jpeg) } else { ("png", encoded) };
    Some(Picture { uri: uri(kind, &bytes), size: Some(size), reduced: true })
}

/// A sample grid of images with sides of `side` pixels: whole where it takes at most `room` bytes, else the upper left
/// of it, as many whole images as there is room for; `None` for what is no image.
pub(super) fn samples(png: &[u8], side: u32, room: usize) -> Option<Picture> {
    let image = image::load_from_memory_with_format(png, ImageFormat::Png).ok()?;
    let whole = (image.width(), image.height());
    if png.len() <= room {
        return Some(Picture { size: Some(whole), ..Picture::whole("png", png) });
    }
    let cuts = [8, 6, 4, 3, 2].map(|images| cut(&image, side, images));
    let mut smallest = None;
    for cut in cuts {
        let bytes = jpeg(&cut)?;
        let fits = bytes.len() <= room;
        smallest =
            Some(Picture { uri: uri("jpeg", &bytes), size: Some(cut.dimensions()), reduced: true });
        if fits {
            break;
        }
    }
    smallest
}

/// The upper left of a grid with so many images a side; the shape of the images is unknown where `side` is 0.
fn cut(grid: &DynamicImage, side: u32, images: u32) -> RgbImage {
    let padding = PADDING as u32;
    let length = padding + images * (side.max(1) + padding);
    let (width, height) = match side {
        0 => (grid.width().min(images * 32), grid.height().min(images * 32)),
        _ => (grid.width().min(length), grid.height().min(length)),
    };
    grid.crop_imm(0, 0, width, height).to_rgb8()
}

fn jpeg(image: &RgbImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(image).ok()?;
    Some(bytes)
}

fn uri(kind: &str, bytes: &[u8]) -> String {
    format!("data:image/{kind};base64,{}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::{samples, small_figure};
    use crate::grid::sample_grid;

    /// 64 images of noise, which takes as much room as images can.
    fn grid() -> Vec<u8> {
        let mut state = 1_u32;
        let pixels: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(64 * 32 * 32 * 3)
        .collect();
        sample_grid(&pixels, 64, 32, 32, 3, 8).expect("a grid")
    }

    #[test]
    fn a_grid_without_room_is_cut_between_images() {
        let grid = grid();
        let whole = samples(&grid, 32, grid.len()).expect("a picture");
        assert_eq!((whole.size, whole.reduced), (Some((274, 274)), false));
        let part = samples(&grid, 32, 20_000).expect("a picture");
        assert!(part.reduced && part.uri.len() < 27_000, "{}", part.uri.len());
        let (width, height) = part.size.expect("a size");
        assert_eq!([(width - 2) % 34, (height - 2) % 34], [0, 0]);
        assert_eq!(samples(&grid, 32, 1).and_then(|picture| picture.size), Some((70, 70)));
        assert_eq!(samples(b"no image", 32, 1), None);
    }

    #[test]
    fn small_figures_keep_their_shape() {
        let picture = small_figure(&grid()).expect("a picture");
        assert_eq!(picture.size, Some((274, 274)), "smaller ones are not enlarged");
        assert_eq!(small_figure(b"no image"), None);
    }
}
