//! Distance under growing disturbances, the check of an extractor by Heusel et al. 2017, Figure 3.

use super::axis::{Axis, extent};
use super::font::elide;
use super::heading::Heading;
use super::palette::{INK, series_style};
use super::plot::{Frame, Grid, MEDIUM, Plot};
use super::scene::{Align, Scene, Stroke, Text};
use super::{MARGIN, paint};
use crate::error::ReportError;

/// A distance under one disturbance, level by level.
#[derive(Debug, Clone, PartialEq)]
pub struct DisturbanceCurve {
    /// The disturbance, such as `Gaussian noise`.
    pub name: String,
    /// The levels' labels in growing order, the undisturbed images first.
    pub levels: Vec<String>,
    /// The distance at each level; a non-finite value is left out.
    pub distances: Vec<f64>,
}

/// Width of a panel, in units; five of them fill the two columns of a paper.
const PANEL_WIDTH: f64 = 196.0;
const PANEL_HEIGHT: f64 = 190.0;
/// Panels beside each other.
const MOST_COLUMNS: usize = 5;
const GAP: f64 = 10.0;

/// A PNG with a panel a disturbance: the distance called `title` over its levels, each panel from zero on its own scale.
/// `subtitle` says what the numbers come from, such as extractor, dataset and sample counts.
///
/// # Errors
/// [`ReportError::Figure`] when there is no curve, when a curve has not one value a level, or when painting fails.
pub fn disturbance_curves(
    curves: &[DisturbanceCurve],
    title: &str,
    subtitle: &str,
) -> Result<Vec<u8>, ReportError> {
    let name = "disturbances";
    if curves.is_empty() {
        return Err(ReportError::figure(name, "there are no curves"));
    }
    if let Some(curve) = curves.iter().find(|curve| curve.levels.len() != curve.distances.len()) {
        let (levels, values) = (curve.levels.len(), curve.distances.len());
        let reason = format!("{} has {levels} levels and {values} values", curve.name);
        return Err(ReportError::figure(name, reason));
    }
    paint::png(name, &scene(curves, title, subtitle))
}

fn scene(curves: &[DisturbanceCurve], title: &str, subtitle: &str) -> Scene {
    let columns = curves.len().min(MOST_COLUMNS);
    let rows = curves.len().div_ceil(columns);
    let width = columns as f64 * (PANEL_WIDTH + GAP) - GAP;
    let heading =
        Heading::new(&format!("{title} under growing disturbance"), subtitle, None, width);
    let mut scene = Scene::new(
        width + 2.0 * MARGIN,
        2.0 * MARGIN + heading.height() + rows as f64 * (PANEL_HEIGHT + GAP) - GAP,
    );
    heading.draw(&mut scene, MARGIN, MARGIN);
    for (index, curve) in curves.iter().enumerate() {
        let left = MARGIN + (index % columns) as f64 * (PANEL_WIDTH + GAP);
        let top = MARGIN + heading.height() + (index / columns) as f64 * (PANEL_HEIGHT + GAP);
        let title = if index.is_multiple_of(columns) { title } else { "" };
        panel(&mut scene, curve, index, (left, top), title);
    }
    scene
}

fn panel(
    scene: &mut Scene,
    curve: &DisturbanceCurve,
    index: usize,
    (left, top): (f64, f64),
    title: &str,
) {
    let title_height = 1.5 * MEDIUM;
    let (low, high) = extent(curve.distances.iter().copied()).unwrap_or((0.0, 1.0));
    let plot = Plot::new(
        scene,
        Frame {
            left,
            top: top + title_height,
            right: left + PANEL_WIDTH,
            bottom: top + PANEL_HEIGHT,
        },
        Axis::categories("Level", &curve.levels),
        Axis::rounded(title, low.min(0.0), high.max(0.0), 4),
        Grid::Horizontal,
    );
    scene.text(Text {
        at: ((plot.area.left + plot.area.right) / 2.0, top + title_height / 2.0),
        text: elide(&curve.name, MEDIUM, PANEL_WIDTH),
        size: MEDIUM,
        ink: INK,
        align: Align::Centre,
        upwards: false,
    });
    let style = series_style(index);
    let places =
        || curve.distances.iter().enumerate().map(|(place, &distance)| (place as f64, distance));
    let line: Vec<(f64, Option<f64>)> =
        places().map(|(x, distance)| (x, Some(distance).filter(|d| d.is_finite()))).collect();
    plot.line(scene, &line, Stroke::solid(style.colour, 2.0));
    let points: Vec<_> = places().filter_map(|(x, distance)| plot.point(x, distance)).collect();
    if points.is_empty() {
        plot.remark(scene, "no values");
    }
    for point in points {
        scene.marker(style.marker, point, 4.0, style.colour);
    }
}
