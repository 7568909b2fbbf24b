//! Images in rows, with what they show beside, above and below them.

use image::{RgbImage, imageops};

use super::font::{elide, text_width};
use super::paint;
use super::palette::{INK, MUTED};
use super::plot::SMALL;
use super::scene::{Align, Ink, Picture, Point, Scene, Text};
use crate::error::ReportError;
use crate::grid::PADDING;
use crate::picture::{PictureCell, PictureNote};

/// Widest that the titles of rows may be, as a share of the sheet.
const WIDEST_TITLES: f64 = 0.25;
/// Largest side of an image, in units.
const LARGEST_IMAGE: f64 = 88.0;
/// Smallest size of texts above and below images, as a share of the usual one.
const SMALLEST: f64 = 0.65;
/// Height of a line of text.
const LINE: f64 = 1.3 * SMALL;
/// Space between titles of rows and images.
const GAP: f64 = 6.0;

/// A picture laid out for a width.
pub(super) struct Sheet {
    note: PictureNote,
    pixels: RgbImage,
    /// Units a pixel.
    scale: f64,
    /// Width of the longest title of a row; 0 where none has one.
    titles: f64,
}

impl Sheet {
    /// The picture that `note` tells of, as wide as `width` units at most.
    ///
    /// # Errors
    /// [`ReportError::Figure`] where the pixels are not those of the note.
    pub(super) fn new(
        note: PictureNote,
        pixels: RgbImage,
        width: f64,
    ) -> Result<Self, ReportError> {
        let [high, wide, _] = note.image;
        let side = |count: usize, image: usize| (PADDING + count * (image + PADDING)) as u32;
        let expected = (side(note.columns, wide), side(note.rows.len(), high));
        if note.rows.is_empty() || note.columns == 0 || pixels.dimensions() != expected {
            let reason = format!("{:?} pixels where {expected:?} are told of", pixels.dimensions());
            return Err(ReportError::figure(&note.picture, reason));
        }
        let widest = note.rows.iter().map(|row| text_width(&row.title, SMALL)).fold(0.0, f64::max);
        let titles = widest.min(WIDEST_TITLES * width);
        let fitting = (width - beside(titles)) / f64::from(expected.0);
        let largest = LARGEST_IMAGE / high.max(wide) as f64;
        let painted = paint::PIXELS_PER_UNIT * f64::from(paint::SUPERSAMPLING);
        let mut zoom = fitting.min(largest) * painted;
        if zoom >= 1.0 {
            // A whole number of painted pixels a pixel, so that all come out alike.
            zoom = zoom.floor();
        }
        Ok(Self { note, pixels, scale: zoom / painted, titles })
    }

    /// Width and height, in units.
    pub(super) fn size(&self) -> Point {
        let rows = self.note.rows.len() as f64;
        let columns = if self.note.column_titles.is_empty() { 0.0 } else { LINE };
        let width = beside(self.titles) + f64::from(self.pixels.width()) * self.scale;
        (width, columns + rows * (self.strip() + self.below()))
    }

    /// Height of a row of images.
    fn strip(&self) -> f64 {
        (self.note.image[0] + PADDING) as f64 * self.scale
    }

    /// Height of what stands below each row.
    fn below(&self) -> f64 {
        let has_captions =
            self.note.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.caption.is_some());
        if has_captions { LINE } else { 0.0 }
    }

    /// Draws the sheet from `(left, top)` down.
    pub(super) fn draw(&self, scene: &mut Scene, (left, top): Point) {
        let images = left + beside(self.titles);
        let cell = (self.note.image[1] + PADDING) as f64 * self.scale;
        let centre = |column: usize| images + (column as f64 + 0.5) * cell + self.scale;
        let mut y = top;
        if !self.note.column_titles.is_empty() {
            for (column, title) in self.note.column_titles.iter().enumerate() {
                let at = (centre(column), y + LINE / 2.0);
                scene.text(narrow(title, cell, at, MUTED));
            }
            y += LINE;
        }
        for (index, row) in self.note.rows.iter().enumerate() {
            let title = elide(&row.title, SMALL, self.titles);
            scene.text(Text {
                at: (images - GAP, y + self.strip() / 2.0),
                text: title,
                size: SMALL,
                ink: INK,
                align: Align::Right,
                upwards: false,
            });
            scene.picture(self.row(index, (images, y)));
            y += self.strip();
            for (column, caption) in captions(&row.cells) {
                let at = (centre(column), y + LINE / 2.0);
                scene.text(narrow(caption, cell, at, INK));
            }
            y += self.below();
        }
    }

    /// The images of a row with half of the white around them.
    fn row(&self, index: usize, at: Point) -> Picture {
        let height = (self.note.image[0] + PADDING) as u32;
        let top = (PADDING / 2) as u32 + index as u32 * height;
        let strip = imageops::crop_imm(&self.pixels, 0, top, self.pixels.width(), height);
        let strip = strip.to_image();
        let size = (f64::from(strip.width()) * self.scale, f64::from(height) * self.scale);
        Picture { at, size, pixels: strip.dimensions(), rgb: strip.into_raw() }
    }
}

/// Where images begin beside titles so wide.
fn beside(titles: f64) -> f64 {
    if titles > 0.0 { titles + GAP } else { 0.0 }
}

fn captions(cells: &[PictureCell]) -> impl Iterator<Item = (usize, &str)> {
    let captions = cells.iter().map(|cell| cell.caption.as_deref());
    captions.enumerate().filter_map(|(column, caption)| Some((column, caption?)))
}

/// A text above or below an image, smaller and at last shortened where the image is narrow.
fn narrow(text: &str, width: f64, at: Point, ink: Ink) -> Text {
    // Neighbours do not touch.
    let room = width - GAP / 2.0;
    let size = (SMALL * room / text_width(text, SMALL)).clamp(SMALLEST * SMALL, SMALL);
    let text = match text_width(text, size) > room + 0.5 {
        true => elide(text, size, room),
        false => text.to_owned(),
    };
    Text { at, text, size, ink, align: Align::Centre, upwards: false }
}
