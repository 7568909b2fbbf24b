//! How the lines are drawn in one plot.

use super::Series;
use crate::cohort::Cohort;
use crate::figures::axis::Axis;
use crate::figures::curve::{Curve, LINE};
use crate::figures::drawing::{Caption, Drawing, Pictures};
use crate::figures::legend::{Legend, Swatch};
use crate::figures::palette::CAUTION;
use crate::figures::plot::{Frame, Grid, Plot};
use crate::figures::reference::{self, Reference, references};
use crate::figures::scene::{Scene, Stroke};
use crate::figures::{COLUMN_WIDTH, MARGIN};
use crate::measure::Measure;

/// Height of the plot with its axes, in units.
const PLOT_HEIGHT: f64 = 260.0;
/// Intervals beyond this many times the highest mean are cut.
const HIGHEST_BAND: f64 = 1.25;

pub(super) fn drawing(
    stem: String,
    cohort: &Cohort<'_>,
    measure: &Measure,
    series: &[Series],
) -> Drawing {
    let caption = caption(cohort, measure, series);
    let scene = scene(measure, series, &references(cohort, measure));
    Drawing { stem, caption, scene, pictures: Pictures::Scaling }
}

fn scene(measure: &Measure, series: &[Series], references: &[Reference]) -> Scene {
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    let drawn = || series.iter().map(|series| &series.curve);
    let lines = drawn()
        .map(|curve| (Swatch::Line(curve.style, LINE), curve.label.clone()))
        .chain(references.iter().map(|reference| (reference::SWATCH, reference.name())));
    let legend = Legend::new(lines.collect(), width);

    let mut scene = Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + PLOT_HEIGHT + legend.height());
    let bottom = MARGIN + PLOT_HEIGHT;
    let plot = Plot::new(
        &mut scene,
        Frame { left: MARGIN, top: MARGIN, right: COLUMN_WIDTH - MARGIN, bottom },
        Axis::exact("Generator step", 0.0, last_step(drawn()), 5),
        value_axis(&measure.label(), drawn(), references),
        Grid::Horizontal,
    );
    for reference in references {
        reference.draw_across(&mut scene, &plot);
    }
    for curve in drawn() {
        curve.draw_band(&mut scene, &plot);
    }
    for curve in drawn() {
        curve.draw_line(&mut scene, &plot);
    }
    for series in series {
        series.curve.draw_markers(&mut scene, &plot);
        draw_ends(&mut scene, &plot, series);
    }
    legend.draw(&mut scene, plot.area.left, COLUMN_WIDTH - MARGIN, bottom);
    scene
}

pub(super) fn last_step<'a>(curves: impl Iterator<Item = &'a Curve>) -> f64 {
    curves.flat_map(Curve::values).map(|(step, _)| step).fold(1.0, f64::max)
}

pub(super) fn caption(cohort: &Cohort<'_>, measure: &Measure, series: &[Series]) -> Caption {
    let mut provenance = format!("{}; {}", cohort.provenance(), cohort.seeds());
    let mut samples = series.iter().flat_map(|series| series.curve.values());
    if samples.any(|(_, sample)| sample.std.is_some()) {
        provenance.push_str(": mean, and 95 % interval of the mean");
    }
    if series.iter().any(|series| !series.ends.is_empty()) {
        provenance.push_str("; × where a run diverged");
    }
    let endings = series
        .iter()
        .filter_map(|series| Some(format!("{}: {}", series.curve.label, series.ending.as_ref()?)));
    Caption {
        title: format!("{} during training on {}", measure.title, cohort.setting()),
        provenance,
        caveat: cohort.caveat(),
        remarks: endings.collect(),
    }
}

/// The axis of a measure: around all means, and around their intervals as far as these do not outgrow them.
pub(super) fn value_axis<'a>(
    label: &str,
    curves: impl Iterator<Item = &'a Curve>,
    references: &[Reference],
) -> Axis {
    let samples: Vec<_> = curves.flat_map(Curve::values).map(|(_, sample)| sample).collect();
    let means = || samples.iter().map(|sample| sample.mean);
    let highest = means().fold(0.0, f64::max) * HIGHEST_BAND;
    let tops = samples.iter().filter_map(|sample| Some(sample.interval()?.1.min(highest)));
    reference::axis(label, means().chain(tops).collect(), references, 5)
}

/// A cross where a run diverged.
pub(super) fn draw_ends(scene: &mut Scene, plot: &Plot, series: &Series) {
    for &(step, value) in &series.ends {
        if let Some((x, y)) = plot.point(step, value) {
            let arm = 6.0;
            let stroke = Stroke::solid(CAUTION, 2.4);
            scene.line(vec![(x - arm, y - arm), (x + arm, y + arm)], stroke);
            scene.line(vec![(x - arm, y + arm), (x + arm, y - arm)], stroke);
        }
    }
}
