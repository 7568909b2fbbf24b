//! Curves of several runs over each other, in panels.

use super::MARGIN;
use super::axis::{Axis, extent};
use super::curve::{Curve, LINE};
use super::legend::{Legend, Swatch};
use super::palette::SeriesStyle;
use super::panels::Panels;
use super::plot::{Grid, Plot};
use super::scene::Scene;
use super::{COLUMN_WIDTH, PAGE_WIDTH};

/// Height of a panel, in units.
const HEIGHT: f64 = 240.0;
/// Panels beside each other.
const COLUMNS: usize = 3;
/// Intervals beyond this many times the range of the means are cut.
const WIDEST_BAND: f64 = 0.25;

/// One panel.
pub(super) struct Panel {
    pub(super) title: String,
    /// What its values are.
    pub(super) label: String,
    pub(super) curves: Vec<Curve>,
}

/// Panels over the same steps with one legend; `alike` gives them all one axis of values.
pub(super) fn scene(panels: &[Panel], alike: bool) -> Scene {
    let legend = Legend::new(entries(panels), PAGE_WIDTH - 2.0 * MARGIN);
    let places = Panels::new(panels.len(), COLUMNS, HEIGHT);
    let mut scene = places.scene(legend.height());
    let steps = panels.iter().flat_map(|panel| &panel.curves).flat_map(Curve::values);
    let last = steps.map(|(step, _)| step).fold(1.0, f64::max);
    let all = value_axis(panels.iter().flat_map(|panel| &panel.curves), "");
    for (index, panel) in panels.iter().enumerate() {
        places.title(&mut scene, index, &panel.title);
        let x = if places.is_lowest(index) { "Generator step" } else { "" };
        let own = || value_axis(panel.curves.iter(), "");
        let label = if alike && !places.is_leftmost(index) { "" } else { &panel.label };
        let axis = if alike { all.clone() } else { own() };
        let plot = Plot::new(
            &mut scene,
            places.frame(index),
            Axis::exact(x, 0.0, last, 4),
            Axis { label: label.to_owned(), ..axis },
            Grid::Horizontal,
        );
        for curve in &panel.curves {
            curve.draw_band(&mut scene, &plot);
        }
        for curve in &panel.curves {
            curve.draw_line(&mut scene, &plot);
        }
        for curve in &panel.curves {
            curve.draw_markers(&mut scene, &plot);
        }
        if panel.curves.iter().all(|curve| curve.values().next().is_none()) {
            plot.remark(&mut scene, "no values");
        }
    }
    let left = if panels.len() == 1 { COLUMN_WIDTH / 8.0 } else { MARGIN };
    let top = scene.height - MARGIN - legend.height();
    legend.draw(&mut scene, left, PAGE_WIDTH - MARGIN, top);
    scene
}

/// Each name once, in the order in which it occurs.
fn entries(panels: &[Panel]) -> Vec<(Swatch, String)> {
    let mut known: Vec<(SeriesStyle, &str)> = Vec::new();
    for curve in panels.iter().flat_map(|panel| &panel.curves) {
        if known.iter().all(|(_, label)| *label != curve.label) {
            known.push((curve.style, &curve.label));
        }
    }
    known.into_iter().map(|(style, label)| (Swatch::Line(style, LINE), label.to_owned())).collect()
}

/// An axis around the means, and around their intervals as far as these do not outgrow them.
fn value_axis<'a>(curves: impl Iterator<Item = &'a Curve>, label: &str) -> Axis {
    let samples: Vec<_> = curves.flat_map(Curve::values).map(|(_, sample)| sample).collect();
    let Some((low, high)) = extent(samples.iter().map(|sample| sample.mean)) else {
        return Axis::rounded(label, 0.0, 1.0, 4);
    };
    let room = WIDEST_BAND * (high - low);
    let ends = samples.iter().filter_map(|sample| sample.interval());
    let ends = ends.flat_map(|(start, end)| [start.max(low - room), end.min(high + room)]);
    let (low, high) = extent(ends.chain([low, high])).unwrap_or((low, high));
    Axis::from_zero(label, low, high, 4)
}
