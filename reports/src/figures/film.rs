//! `figures/film-<run>.png` and `figures/samples-<run>.gif`: how the samples of the same latents come about.

use gif::{Encoder, Frame, Repeat};
use image::{RgbImage, imageops};

use super::drawing::{Caption, Drawing, Pictures};
use super::palette::INK;
use super::plot::SMALL;
use super::scene::{Align, Picture, Scene, Text};
use super::{COLUMN_WIDTH, Figure, MARGIN};
use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::grid::PADDING;
use crate::naming::{NamedRun, shown_runs};
use crate::results::Results;
use crate::run::{Run, SampleGrid};

/// A strip of samples of the same latents, one row a step, of each run that drew some more than once.
pub(super) struct Film;

/// Rows of a strip, the first and the last grid included.
const MOST_ROWS: usize = 6;
/// Images of a row.
const MOST_IMAGES: u32 = 8;
/// Frames of an animation.
const MOST_FRAMES: usize = 16;
/// Hundredths of a second that a frame stays, and the last one.
const FRAME: u16 = 40;
const LAST_FRAME: u16 = 200;
/// From 1, best, to 30, fastest.
const GIF_SPEED: i32 = 30;
/// Width of the column of steps, in units.
const STEPS: f64 = 62.0;

impl Figure for Film {
    fn name(&self) -> &'static str {
        "film"
    }

    fn doc(&self) -> &'static str {
        "samples of the same latents as training goes on, one row a step"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let mut drawings = Vec::new();
        for named in filmed(results) {
            let Some(scene) = scene(&named)? else { continue };
            let record = &named.run.record;
            let caption = Caption {
                title: format!(
                    "{} on {}: samples of the same latents",
                    named.label, record.dataset
                ),
                provenance: format!(
                    "one row a generator step; seed {}, {} budget",
                    record.seed, record.budget
                ),
                ..Caption::default()
            };
            let stem = format!("{}-{}", self.name(), named.stem);
            drawings.push(Drawing { stem, caption, scene, pictures: Pictures::Pixels });
        }
        Ok(drawings)
    }
}

/// The runs with several grids of images of a known size.
fn filmed(results: &Results) -> impl Iterator<Item = NamedRun<'_>> {
    let shown = shown_runs(&results.runs).into_iter();
    shown.filter(|named| named.run.grids.len() > 1 && named.run.record.image_size > 0)
}

/// The rows of a strip; nothing for grids without a whole image.
fn scene(named: &NamedRun<'_>) -> Result<Option<Scene>, ReportError> {
    let cell = named.run.record.image_size + PADDING as u32;
    let mut rows: Vec<(u64, RgbImage)> = Vec::new();
    for file in spread(&named.run.grids, MOST_ROWS) {
        let grid = SampleGrid::load(file)?.pixels()?;
        let images = (grid.width() / cell).min(MOST_IMAGES);
        if images == 0 || grid.height() < cell {
            return Ok(None);
        }
        let (width, height) = (images * cell, cell);
        rows.push((file.0, imageops::crop_imm(&grid, 0, 0, width, height).to_image()));
    }
    let widest = rows.iter().map(|(_, row)| row.width()).max().unwrap_or(1);
    let scale = (COLUMN_WIDTH - 2.0 * MARGIN - STEPS) / f64::from(widest);
    let height: f64 = rows.iter().map(|(_, row)| f64::from(row.height()) * scale).sum();
    let mut scene = Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + height);
    let mut top = MARGIN;
    for (step, row) in rows {
        let size = (f64::from(row.width()) * scale, f64::from(row.height()) * scale);
        scene.text(Text {
            at: (MARGIN + STEPS - SMALL / 2.0, top + size.1 / 2.0),
            text: step.to_string(),
            size: SMALL,
            ink: INK,
            align: Align::Right,
            upwards: false,
        });
        let pixels = row.dimensions();
        scene.picture(Picture { at: (MARGIN + STEPS, top), size, pixels, rgb: row.into_raw() });
        top += size.1;
    }
    Ok(Some(scene))
}

/// The grids of a run as a GIF that begins again.
pub(crate) struct Animation<'a> {
    pub(crate) run: &'a Run,
    pub(crate) artifact: Artifact,
}

/// An animation of each run that drew several grids.
///
/// # Errors
/// [`ReportError::Samples`] for an unreadable grid, [`ReportError::Figure`] where the GIF cannot be written.
pub(crate) fn animations(results: &Results) -> Result<Vec<Animation<'_>>, ReportError> {
    let runs: Vec<NamedRun<'_>> = filmed(results).collect();
    crate::parallel(&runs, |named| {
        let path = format!("figures/samples-{}.gif", named.stem);
        let artifact = Artifact { path: path.into(), bytes: animation(&named.run.grids)? };
        Ok(Animation { run: named.run, artifact })
    })
}

fn animation(grids: &[(u64, std::path::PathBuf)]) -> Result<Vec<u8>, ReportError> {
    let failed = |error: gif::EncodingError| ReportError::figure("animation", error);
    let files = spread(grids, MOST_FRAMES);
    let grids = files.into_iter().map(|file| SampleGrid::load(file)?.pixels());
    let grids: Vec<RgbImage> = grids.collect::<Result<_, _>>()?;
    // The format has 16 bits for a side, which grids that are larger do not fit into.
    let side =
        |side: u32| u16::try_from(side).map_err(|error| ReportError::figure("animation", error));
    let (width, height) = grids
        .iter()
        .fold((0, 0), |(width, height), grid| (grid.width().max(width), grid.height().max(height)));
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, side(width)?, side(height)?, &[]).map_err(failed)?;
    encoder.set_repeat(Repeat::Infinite).map_err(failed)?;
    let last = grids.len().saturating_sub(1);
    for (index, grid) in grids.into_iter().enumerate() {
        let (width, height) = (side(grid.width())?, side(grid.height())?);
        let mut frame = Frame::from_rgb_speed(width, height, grid.as_raw(), GIF_SPEED);
        frame.delay = if index == last { LAST_FRAME } else { FRAME };
        encoder.write_frame(&frame).map_err(failed)?;
    }
    drop(encoder);
    Ok(bytes)
}

/// At most so many, evenly spread, the first and the last included.
fn spread<T>(all: &[T], most: usize) -> Vec<&T> {
    if all.len() <= most {
        return all.iter().collect();
    }
    (0..most).map(|index| &all[index * (all.len() - 1) / (most - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn frames_are_spread_from_the_first_to_the_last() {
        let all: Vec<usize> = (0..21).collect();
        assert_eq!(spread(&all, 6), [&0, &4, &8, &12, &16, &20]);
        assert_eq!(spread(&all[..3], 6).len(), 3);
    }
}
