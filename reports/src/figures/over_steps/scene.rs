//! How the lines are drawn.

use super::Series;
use crate::cohort::Cohort;
use crate::figures::axis::Axis;
use crate::figures::heading::Heading;
use crate::figures::legend::{Legend, Swatch};
use crate::figures::palette::CAUTION;
use crate::figures::plot::{Frame, Grid, Plot};
use crate::figures::reference::{self, Reference};
use crate::figures::scene::{Scene, Stroke};
use crate::figures::{COLUMN_WIDTH, MARGIN};
use crate::statistics::Sample;

/// Height of the plot with its axes, in units.
const PLOT_HEIGHT: f64 = 260.0;
/// Width of a line, in units.
const LINE: f64 = 2.0;
/// Intervals beyond this many times the highest mean are cut.
const HIGHEST_BAND: f64 = 1.25;

pub(super) fn scene(cohort: &Cohort<'_>, series: &[Series], references: &[Reference]) -> Scene {
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    let heading = heading(cohort, series, width);
    let lines = series
        .iter()
        .map(|series| (Swatch::Line(series.style, LINE), series.label.clone()))
        .chain(references.iter().map(|reference| (reference::SWATCH, reference.name())));
    let legend = Legend::new(lines.collect(), width);

    let remarks =
        series.iter().filter_map(|s| Some(format!("{}: {}", s.label, s.ending.as_ref()?)));
    let remarks = Heading::remarks(remarks, width);

    let below = legend.height() + remarks.height();
    let mut scene = Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + heading.height() + PLOT_HEIGHT + below);
    heading.draw(&mut scene, MARGIN, MARGIN);
    let top = MARGIN + heading.height();
    let last = points(series).map(|(step, _)| step).fold(0.0, f64::max);
    let plot = Plot::new(
        &mut scene,
        Frame { left: MARGIN, top, right: COLUMN_WIDTH - MARGIN, bottom: top + PLOT_HEIGHT },
        Axis::exact("Generator step", 0.0, last.max(1.0), 5),
        value_axis(cohort, series, references),
        Grid::Horizontal,
    );
    for reference in references {
        reference.draw_across(&mut scene, &plot);
    }
    for series in series {
        draw_bands(&mut scene, &plot, series);
    }
    for series in series {
        let line: Vec<(f64, Option<f64>)> =
            series.points.iter().map(|(step, sample)| (*step, Some(sample.mean))).collect();
        let stroke = Stroke { ink: series.style.colour, width: LINE, dash: series.style.dash };
        plot.line(&mut scene, &line, stroke);
    }
    for series in series {
        draw_markers(&mut scene, &plot, series);
    }
    let bottom = top + PLOT_HEIGHT;
    legend.draw(&mut scene, plot.area.left, COLUMN_WIDTH - MARGIN, bottom);
    remarks.draw(&mut scene, MARGIN, bottom + legend.height());
    scene
}

fn points(series: &[Series]) -> impl Iterator<Item = (f64, Sample)> {
    series.iter().flat_map(|series| series.points.iter().copied())
}

fn heading(cohort: &Cohort<'_>, series: &[Series], width: f64) -> Heading {
    let mut provenance = format!("{}; {}", cohort.provenance(), cohort.seeds());
    if points(series).any(|(_, sample)| sample.std.is_some()) {
        provenance.push_str(": mean, and 95 % interval of the mean");
    }
    if series.iter().any(|series| !series.ends.is_empty()) {
        provenance.push_str("; × where a run diverged");
    }
    let title = format!("{} during training on {}", cohort.measure.title, cohort.setting());
    Heading::new(&title, &provenance, cohort.caveat().as_deref(), width)
}

/// The axis of the measure: around all means, and around their intervals as far as these do not outgrow them.
fn value_axis(cohort: &Cohort<'_>, series: &[Series], references: &[Reference]) -> Axis {
    let means = || points(series).map(|(_, sample)| sample.mean);
    let highest = means().fold(0.0, f64::max) * HIGHEST_BAND;
    let tops = points(series).filter_map(|(_, sample)| Some(sample.interval()?.1.min(highest)));
    reference::axis(&cohort.measure.label(), means().chain(tops).collect(), references, 5)
}

/// Draws the interval of each stretch of steps that has one.
fn draw_bands(scene: &mut Scene, plot: &Plot, series: &Series) {
    let fill = series.style.colour.with_alpha(0.2);
    let mut band = Vec::new();
    for (step, sample) in &series.points {
        match sample.interval() {
            Some((low, high)) => band.push((*step, low, high)),
            None => plot.band(scene, &std::mem::take(&mut band), fill),
        }
    }
    plot.band(scene, &band, fill);
}

/// A marker an evaluation while there are few, else about ten along the line; a cross where a run diverged.
fn draw_markers(scene: &mut Scene, plot: &Plot, series: &Series) {
    let stride = series.points.len().div_ceil(12).max(1);
    let last = series.points.len().saturating_sub(1);
    for (index, (step, sample)) in series.points.iter().enumerate() {
        if (index.is_multiple_of(stride) || index == last)
            && let Some(at) = plot.point(*step, sample.mean)
        {
            scene.marker(series.style.marker, at, 4.0, series.style.colour);
        }
    }
    for &(step, value) in &series.ends {
        if let Some((x, y)) = plot.point(step, value) {
            let arm = 6.0;
            let stroke = Stroke::solid(CAUTION, 2.4);
            scene.line(vec![(x - arm, y - arm), (x + arm, y + arm)], stroke);
            scene.line(vec![(x - arm, y + arm), (x + arm, y - arm)], stroke);
        }
    }
}
