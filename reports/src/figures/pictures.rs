//! Pictures of runs as figures: one by itself, or those of several runs as panels.

use image::RgbImage;

use super::axis::{Axis, extent};
use super::curve::{Curve, LINE};
use super::drawing::{Caption, Drawing, Pictures};
use super::font::elide;
use super::legend::{Legend, Swatch};
use super::palette::{INK, series_style};
use super::panels::Panels;
use super::plot::{Grid, MEDIUM, Plot};
use super::scene::{Align, Scene, Text};
use super::sheet::Sheet;
use super::{COLUMN_WIDTH, MARGIN, PAGE_WIDTH, paint};
use crate::error::ReportError;
use crate::picture::{Picture, PictureNote};
use crate::statistics::Sample;

/// More places in a row than this are shown over both columns of a paper.
const MOST_IN_A_COLUMN: usize = 16;
/// Likewise where each has a title.
const MOST_TITLED: usize = 6;
/// Height of the title of a panel, in units.
const TITLE: f64 = 1.6 * MEDIUM;
/// Space between panels.
const GAP: f64 = 12.0;
/// Height of a plot.
const PLOT: f64 = 240.0;

/// A picture by itself as PNG, under its title; `provenance` says what it comes from.
///
/// # Errors
/// [`ReportError::GridShape`] where the pixels are not those of the note, [`ReportError::Figure`] when painting fails.
pub fn picture(picture: &Picture, provenance: &str) -> Result<Vec<u8>, ReportError> {
    let note = picture.note.clone();
    let name = note.picture.clone();
    let caption = Caption {
        title: note.title.clone(),
        provenance: provenance.to_owned(),
        caveat: None,
        remarks: note.remarks.clone(),
    };
    let pixels = match note.curves.is_empty() {
        true => decoded(&name, &picture.grid()?)?,
        false => RgbImage::default(),
    };
    let panel = Panel { title: String::new(), note, pixels };
    let scene = scene(vec![panel])?;
    let drawing = Drawing { stem: name.clone(), caption, scene, pictures: Pictures::Pixels };
    paint::png(&name, &drawing.with_caption())
}

fn decoded(name: &str, png: &[u8]) -> Result<RgbImage, ReportError> {
    let decoded = image::load_from_memory_with_format(png, image::ImageFormat::Png);
    Ok(decoded.map_err(|error| ReportError::figure(name, error))?.to_rgb8())
}

/// The picture of one run.
pub(super) struct Panel {
    /// What stands above it; empty where it is alone.
    pub(super) title: String,
    pub(super) note: PictureNote,
    /// The images as they lie in rows; of a plot, anything.
    pub(super) pixels: RgbImage,
}

/// The panels beside and below each other; of plots, the lines of all runs in one plot a measure.
///
/// # Errors
/// [`ReportError::Figure`] where the pixels are not those of a note.
pub(super) fn scene(panels: Vec<Panel>) -> Result<Scene, ReportError> {
    if panels.iter().all(|panel| !panel.note.curves.is_empty()) {
        return Ok(plots(&panels));
    }
    sheets(panels)
}

fn sheets(panels: Vec<Panel>) -> Result<Scene, ReportError> {
    let is_wide = panels.iter().any(|panel| {
        let has_titles = !panel.note.column_titles.is_empty();
        panel.note.columns > if has_titles { MOST_TITLED } else { MOST_IN_A_COLUMN }
    });
    let columns = if is_wide { 1 } else { panels.len().clamp(1, 2) };
    let width = if is_wide || columns > 1 { PAGE_WIDTH } else { COLUMN_WIDTH };
    let room = (width - 2.0 * MARGIN + GAP) / columns as f64 - GAP;
    let sheets = panels.into_iter().map(|panel| {
        let Panel { title, note, pixels } = panel;
        Ok((title, Sheet::new(note, pixels, room)?))
    });
    let sheets: Vec<(String, Sheet)> = sheets.collect::<Result<_, ReportError>>()?;
    let above = if sheets.iter().all(|(title, _)| title.is_empty()) { 0.0 } else { TITLE };
    let rows: Vec<&[(String, Sheet)]> = sheets.chunks(columns).collect();
    let tallest = |row: &[(String, Sheet)]| {
        row.iter().map(|(_, sheet)| sheet.size().1 + above).fold(0.0, f64::max)
    };
    let height: f64 = rows.iter().map(|row| tallest(row) + GAP).sum::<f64>() - GAP;
    let mut scene = Scene::new(width, height + 2.0 * MARGIN);
    let mut top = MARGIN;
    for row in rows {
        for (column, (title, sheet)) in row.iter().enumerate() {
            let left = MARGIN + column as f64 * (room + GAP);
            scene.text(Text {
                at: (left, top + TITLE / 2.0),
                text: elide(title, MEDIUM, room),
                size: MEDIUM,
                ink: INK,
                align: Align::Left,
                upwards: false,
            });
            sheet.draw(&mut scene, (left, top + above));
        }
        top += tallest(row) + GAP;
    }
    Ok(scene)
}

/// A plot a measure, with a line a run.
fn plots(panels: &[Panel]) -> Scene {
    let mut measures: Vec<(&str, &str, &str)> = Vec::new();
    for curve in panels.iter().flat_map(|panel| &panel.note.curves) {
        if measures.iter().all(|(key, ..)| *key != curve.measure) {
            measures.push((&curve.measure, &curve.label, &curve.against));
        }
    }
    let lines: Vec<(&Panel, _)> =
        panels.iter().enumerate().map(|(index, panel)| (panel, series_style(index))).collect();
    let entries = lines.iter().filter(|(panel, _)| !panel.title.is_empty());
    let entries =
        entries.map(|(panel, style)| (Swatch::Line(*style, LINE), panel.title.clone())).collect();
    let legend = Legend::new(entries, PAGE_WIDTH - 2.0 * MARGIN);
    let places = Panels::new(measures.len(), measures.len().clamp(1, 3), PLOT);
    let mut scene = places.scene(legend.height());
    for (index, (key, label, against)) in measures.into_iter().enumerate() {
        places.title(&mut scene, index, label);
        let curves: Vec<Curve> = lines
            .iter()
            .filter_map(|(panel, style)| {
                let curve = panel.note.curves.iter().find(|curve| curve.measure == key)?;
                let points = curve.points.iter().map(|&(x, y)| (x, Sample::of(&[y]))).collect();
                Some(Curve { label: panel.title.clone(), style: *style, points })
            })
            .collect();
        let values = || curves.iter().flat_map(Curve::values);
        let (low, high) = extent(values().map(|(_, sample)| sample.mean)).unwrap_or((0.0, 1.0));
        let (first, last) = extent(values().map(|(x, _)| x)).unwrap_or((0.0, 1.0));
        let plot = Plot::new(
            &mut scene,
            places.frame(index),
            Axis::rounded(against, first.min(0.0), last, 5),
            Axis::from_zero("", low, high, 4),
            Grid::Horizontal,
        );
        for curve in &curves {
            curve.draw_line(&mut scene, &plot);
            curve.draw_markers(&mut scene, &plot);
        }
    }
    let top = scene.height - MARGIN - legend.height();
    legend.draw(&mut scene, MARGIN, PAGE_WIDTH - MARGIN, top);
    scene
}
