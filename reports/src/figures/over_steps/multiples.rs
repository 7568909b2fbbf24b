//! Many lines, each in a panel of its own before the others in grey.

use super::Series;
use super::scene::{caption, draw_ends, last_step, value_axis};
use crate::cohort::Cohort;
use crate::figures::axis::Axis;
use crate::figures::curve::Curve;
use crate::figures::drawing::{Drawing, Pictures};
use crate::figures::palette::{MUTED, SeriesStyle};
use crate::figures::panels::Panels;
use crate::figures::plot::{Grid, Plot};
use crate::figures::reference::{Reference, references};
use crate::figures::scene::{Dash, Scene};
use crate::measure::Measure;

/// Panels beside each other.
const COLUMNS: usize = 4;
/// Height of a panel, in units.
const HEIGHT: f64 = 190.0;
/// More panels than this are no figure: the best experiments have one.
const MOST_PANELS: usize = 20;

pub(super) fn drawing(
    stem: String,
    cohort: &Cohort<'_>,
    measure: &Measure,
    mut series: Vec<Series>,
) -> Drawing {
    let mut caption = caption(cohort, measure, &series);
    series.retain(|series| !series.curve.points.is_empty());
    let last = |series: &Series| series.curve.values().last().map(|(_, sample)| sample.mean);
    series.sort_by(|a, b| match (last(a), last(b)) {
        (Some(a), Some(b)) => measure.direction.order(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    let panels = series.len().min(MOST_PANELS);
    caption.remarks.insert(
        0,
        "Each panel shows one experiment before all others in grey, best first".to_owned(),
    );
    if series.len() > panels {
        let (rest, all) = (series.len() - panels, series.len());
        caption.remarks.insert(1, format!("The {panels} best of {all}; {rest} are grey alone"));
    }
    let references = references(cohort, measure);
    caption
        .remarks
        .extend(references.iter().map(|reference| format!("Dashed: {}", reference.name())));
    let scene = scene(measure, &series, &series[..panels], &references);
    Drawing { stem, caption, scene, pictures: Pictures::Scaling }
}

fn scene(measure: &Measure, all: &[Series], shown: &[Series], references: &[Reference]) -> Scene {
    let panels = Panels::new(shown.len(), COLUMNS, HEIGHT);
    let mut scene = panels.scene(0.0);
    let curves = || all.iter().map(|series| &series.curve);
    let x = Axis::exact("Generator step", 0.0, last_step(curves()), 3);
    let y = value_axis(&measure.label(), curves(), references);
    let grey: Vec<Curve> = curves()
        .map(|curve| Curve {
            style: SeriesStyle { colour: MUTED.tint(0.22), dash: Dash::Solid, ..curve.style },
            ..curve.clone()
        })
        .collect();
    for (index, series) in shown.iter().enumerate() {
        panels.title(&mut scene, index, &series.curve.label);
        let label = |axis: &Axis, outer: bool| {
            let label = if outer { axis.label.clone() } else { String::new() };
            Axis { label, ..axis.clone() }
        };
        let x = label(&x, panels.is_lowest(index));
        let y = label(&y, panels.is_leftmost(index));
        let plot = Plot::new(&mut scene, panels.frame(index), x, y, Grid::Horizontal);
        for reference in references {
            reference.draw_across(&mut scene, &plot);
        }
        for curve in &grey {
            curve.draw_line(&mut scene, &plot);
        }
        series.curve.draw_band(&mut scene, &plot);
        series.curve.draw_line(&mut scene, &plot);
        series.curve.draw_markers(&mut scene, &plot);
        draw_ends(&mut scene, &plot, series);
    }
    scene
}
