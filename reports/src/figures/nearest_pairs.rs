//! Generated images above the training images that they are nearest to.

use image::RgbImage;
use image::imageops::thumbnail;

use super::heading::Heading;
use super::palette::{CAUTION, INK, MUTED};
use super::plot::SMALL;
use super::scene::{Align, Picture, Scene, Text};
use super::{MARGIN, paint};
use crate::error::ReportError;

/// An image to be shown small: 8-bit RGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thumbnail<'a> {
    /// Rows of RGB triples, `height * width * 3` bytes.
    pub rgb: &'a [u8],
    /// Columns of pixels.
    pub width: u32,
    /// Rows of pixels.
    pub height: u32,
}

/// A generated image and the training image nearest to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearestPair<'a> {
    /// The generated image.
    pub generated: Thumbnail<'a>,
    /// The training image.
    pub training: Thumbnail<'a>,
    /// Distance of their features.
    pub distance: f64,
    /// Whether the distance is below the threshold of memorisation.
    pub memorized: bool,
}

const NAME: &str = "nearest-pairs";

/// Side of the square that an image is fitted into, in units.
const CELL: f64 = 72.0;
/// Space between the two images of a pair.
const PAIR_GAP: f64 = 3.0;
/// Space between pairs.
const GAP: f64 = 8.0;
/// Pairs beside each other.
const COLUMNS: usize = 10;
/// Width of the labels on the left.
const LABELS: f64 = 1.6 * SMALL;

/// A PNG of pairs in rows of ten: generated above, nearest training image below, the distance under both, which is
/// coloured where the pair counts as memorised. `subtitle` says what the distances come from.
///
/// # Errors
/// [`ReportError::Figure`] when there are no pairs, when an image has not the bytes of its size, or when painting
/// fails.
pub fn nearest_pairs(pairs: &[NearestPair<'_>], subtitle: &str) -> Result<Vec<u8>, ReportError> {
    if pairs.is_empty() {
        return Err(ReportError::figure(NAME, "there are no pairs"));
    }
    paint::png(NAME, &scene(pairs, subtitle)?)
}

fn scene(pairs: &[NearestPair<'_>], subtitle: &str) -> Result<Scene, ReportError> {
    let rows = pairs.len().div_ceil(COLUMNS);
    // As wide for few pairs: the heading needs the room.
    let width = LABELS + COLUMNS as f64 * (CELL + GAP) - GAP;
    let pair_height = 2.0 * CELL + PAIR_GAP + 1.4 * SMALL;
    let heading =
        Heading::new("Generated images and their nearest training images", subtitle, None, width);
    let height = heading.height() + rows as f64 * (pair_height + GAP) - GAP;
    let mut scene = Scene::new(width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    heading.draw(&mut scene, MARGIN, MARGIN);
    for (row, pairs) in pairs.chunks(COLUMNS).enumerate() {
        let top = MARGIN + heading.height() + row as f64 * (pair_height + GAP);
        for (label, place) in [("generated", 0.5 * CELL), ("training", 1.5 * CELL + PAIR_GAP)] {
            scene.text(Text {
                at: (MARGIN + 0.5 * SMALL, top + place),
                text: label.to_owned(),
                size: SMALL,
                ink: MUTED,
                align: Align::Centre,
                upwards: true,
            });
        }
        for (column, pair) in pairs.iter().enumerate() {
            let left = MARGIN + LABELS + column as f64 * (CELL + GAP);
            scene.picture(picture(pair.generated, (left, top))?);
            scene.picture(picture(pair.training, (left, top + CELL + PAIR_GAP))?);
            scene.text(Text {
                at: (left + 0.5 * CELL, top + pair_height - 0.6 * SMALL),
                text: format!("{:.3}", pair.distance),
                size: SMALL,
                ink: if pair.memorized { CAUTION } else { INK },
                align: Align::Centre,
                upwards: false,
            });
        }
    }
    Ok(scene)
}

/// The image in the middle of the cell at `(left, top)`, as large as fits.
fn picture(
    Thumbnail { rgb, width, height }: Thumbnail<'_>,
    (left, top): (f64, f64),
) -> Result<Picture, ReportError> {
    let longest = f64::from(width.max(height));
    let pixels = RgbImage::from_raw(width, height, rgb.to_vec()).filter(|_| width.min(height) > 0);
    let Some(mut pixels) = pixels else {
        let reason = format!("{} bytes are no RGB image of {width}x{height} pixels", rgb.len());
        return Err(ReportError::figure(NAME, reason));
    };
    // No more pixels than can be seen.
    let shrink = (CELL * paint::PIXELS_PER_UNIT / longest).min(1.0);
    if shrink < 1.0 {
        let side = |length: u32| ((f64::from(length) * shrink).round() as u32).max(1);
        pixels = thumbnail(&pixels, side(width), side(height));
    }
    let size = (CELL * f64::from(width) / longest, CELL * f64::from(height) / longest);
    Ok(Picture {
        at: (left + (CELL - size.0) / 2.0, top + (CELL - size.1) / 2.0),
        size,
        pixels: pixels.dimensions(),
        rgb: pixels.into_raw(),
    })
}
