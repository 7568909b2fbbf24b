//! `figures/fid-bars-<suite>-<dataset>.*`: final FID of each variant beside its untrained generator's.

use super::axis::{Axis, Scale, Tick, extent, quoted};
use super::font::{elide, text_width};
use super::heading::Heading;
use super::legend::{Legend, Swatch};
use super::palette::{INK, MUTED, SeriesStyle, series_style};
use super::plot::{Frame, Grid, Plot, SMALL};
use super::scene::{Align, Dash, Ink, Marker, Point, Scene, Stroke, Text};
use super::{COLUMN_WIDTH, Figure, MARGIN, png_and_svg};
use crate::artifact::Artifact;
use crate::cohort::{Cohort, cohorts};
use crate::error::ReportError;
use crate::naming::{NamedRun, name_runs};
use crate::over_seeds::mean_and_std;
use crate::record::Status;
use crate::run::Run;

/// Bars of final FID, one figure a cohort, best variant first.
pub(super) struct FidBars;

/// Height of the band of one variant, in units.
const ROW: f64 = 30.0;
/// Height of a bar.
const BAR: f64 = 17.0;
/// Height of the axis below the bars.
const AXIS_HEIGHT: f64 = 54.0;
/// Space between the plot and the values.
const GAP: f64 = 10.0;
/// Widest name of a variant, as a share of the figure.
const NAME_SHARE: f64 = 0.36;

impl Figure for FidBars {
    fn name(&self) -> &'static str {
        "fid-bars"
    }

    fn doc(&self) -> &'static str {
        "final FID of each variant, with its untrained generator's; error bars where there are several seeds"
    }

    fn draw(&self, runs: &[Run]) -> Result<Vec<Artifact>, ReportError> {
        let named = name_runs(runs);
        let mut artifacts = Vec::new();
        for cohort in cohorts(&named) {
            artifacts.extend(png_and_svg(self.name(), &cohort.stem, &scene(&cohort))?);
        }
        Ok(artifacts)
    }
}

/// One variant's row.
struct Bar {
    label: String,
    colour: Ink,
    /// Mean over seeds and standard deviation, where any seed was scored.
    fid: Option<(f64, Option<f64>)>,
    untrained: Option<f64>,
    /// How the first run without FID ended.
    status: Status,
}

fn bars(cohort: &Cohort<'_>) -> Vec<Bar> {
    let mut bars: Vec<Bar> = cohort
        .variants()
        .into_iter()
        .enumerate()
        .map(|(index, (label, seeds))| bar(label, index, &seeds))
        .collect();
    // Stable: variants without FID stay in order, at the end.
    bars.sort_by(|a, b| match (a.fid, b.fid) {
        (Some((a, _)), Some((b, _))) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    bars
}

fn bar(label: &str, index: usize, seeds: &[&NamedRun<'_>]) -> Bar {
    let over_seeds = |value: fn(&Run) -> Option<f64>| {
        let values: Vec<f64> = seeds.iter().filter_map(|named| value(named.run)).collect();
        (!values.is_empty()).then(|| mean_and_std(&values))
    };
    let unscored = seeds.iter().find(|named| named.run.record.metric("fid").is_none());
    Bar {
        label: label.to_owned(),
        colour: series_style(index).colour,
        fid: over_seeds(|run| run.record.metric("fid")),
        untrained: over_seeds(|run| run.record.untrained_metric("fid")).map(|(mean, _)| mean),
        status: unscored.map_or(Status::Done, |named| named.run.record.status),
    }
}

fn scene(cohort: &Cohort<'_>) -> Scene {
    let bars = bars(cohort);
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    let mut provenance = cohort.provenance();
    if bars.iter().any(|bar| matches!(bar.fid, Some((_, Some(_))))) {
        provenance.push_str("; mean and standard deviation over seeds");
    }
    let heading = Heading::new(
        &format!("Final FID on {}", cohort.setting()),
        &provenance,
        cohort.caveat(),
        width,
    );
    let untrained = Swatch {
        style: SeriesStyle { colour: INK, marker: Marker::Diamond, dash: Dash::Solid },
        line: None,
    };
    let legend = Legend::new(
        bars.iter()
            .find(|bar| bar.untrained.is_some())
            .map(|_| (untrained, "generator before training".to_owned()))
            .into_iter()
            .collect(),
        width,
    );

    // Values stand in a column of their own, where no bar, marker or grid line can touch them.
    let value_width = bars
        .iter()
        .map(|bar| text_width(&value_text(bar).0, SMALL))
        .fold(text_width("final", SMALL), f64::max);
    let rows_height = bars.len() as f64 * ROW;
    let plot_height = rows_height + SMALL / 2.0 + AXIS_HEIGHT;
    let mut scene = Scene::new(
        COLUMN_WIDTH,
        2.0 * MARGIN + heading.height() + SMALL + plot_height + legend.height(),
    );
    heading.draw(&mut scene, MARGIN, MARGIN);
    scene.text(Text {
        at: (COLUMN_WIDTH - MARGIN, MARGIN + heading.height() + SMALL / 2.0),
        text: "final".to_owned(),
        size: SMALL,
        ink: MUTED,
        align: Align::Right,
        upwards: false,
    });
    let top = MARGIN + heading.height() + SMALL;
    let plot = Plot::new(
        &mut scene,
        Frame {
            left: MARGIN,
            top,
            right: COLUMN_WIDTH - MARGIN - value_width - GAP,
            bottom: top + plot_height,
        },
        fid_axis(&bars),
        name_axis(&bars),
        Grid::Vertical,
    );
    for (row, bar) in bars.iter().enumerate() {
        if let Some(y) = plot.y_point(-(row as f64)) {
            draw_bar(&mut scene, &plot, bar, y);
            let (text, ink) = value_text(bar);
            scene.text(Text {
                at: (COLUMN_WIDTH - MARGIN, y),
                text,
                size: SMALL,
                ink,
                align: Align::Right,
                upwards: false,
            });
        }
    }
    legend.draw(&mut scene, plot.area.left, COLUMN_WIDTH - MARGIN, top + plot_height);
    scene
}

/// The axis of FID, from zero where it is linear.
fn fid_axis(bars: &[Bar]) -> Axis {
    let drawn = bars.iter().flat_map(|bar| {
        let mean = bar.fid.map(|(mean, _)| mean);
        let highest = bar.fid.map(|(mean, std)| mean + std.unwrap_or(0.0));
        [mean, highest, bar.untrained].into_iter().flatten()
    });
    let drawn: Vec<f64> = drawn.collect();
    let axis = Axis::for_distances("FID ↓", drawn.iter().copied(), 4);
    match (axis.scale, extent(drawn.into_iter())) {
        // The shortest bar must be seen too.
        (Scale::Log, Some((low, high))) => Axis::log("FID ↓ (log scale)", low / 1.5, high),
        _ => axis,
    }
}

/// The axis of variants, first row on top.
fn name_axis(bars: &[Bar]) -> Axis {
    Axis {
        label: String::new(),
        scale: Scale::Linear,
        low: -(bars.len() as f64) + 0.5,
        high: 0.5,
        ticks: bars
            .iter()
            .enumerate()
            .map(|(row, bar)| Tick {
                value: -(row as f64),
                label: elide(&bar.label, SMALL, COLUMN_WIDTH * NAME_SHARE),
            })
            .collect(),
    }
}

/// Draws a variant's bar, whiskers and untrained marker.
fn draw_bar(scene: &mut Scene, plot: &Plot, bar: &Bar, y: f64) {
    let Frame { left, right, .. } = plot.area;
    if let Some((mean, std)) = bar.fid {
        let end = plot.x_point(mean).unwrap_or(left).clamp(left, right);
        scene.rectangle((left, y - BAR / 2.0), (end, y + BAR / 2.0), bar.colour.tint(0.85));
        if let Some(std) = std {
            draw_whiskers(scene, plot, (mean, std), y);
        }
    }
    if let Some(x) = bar.untrained.and_then(|fid| plot.x_point(fid)) {
        scene.hollow_marker(Marker::Diamond, (x, y), 5.0, INK);
    }
}

/// What stands at the right of a row: the value, or why there is none.
fn value_text(bar: &Bar) -> (String, Ink) {
    match (bar.fid, bar.status) {
        (Some((mean, std)), _) => (quoted(mean, std), INK),
        (None, Status::Done) => ("no FID".to_owned(), MUTED),
        (None, status) => (status.to_string(), MUTED),
    }
}

/// Draws mean ± std, as far as the axis goes.
fn draw_whiskers(scene: &mut Scene, plot: &Plot, (mean, std): (f64, f64), y: f64) {
    let Frame { left, right, .. } = plot.area;
    let low = plot.x_point(mean - std).unwrap_or(left).clamp(left, right);
    let high = plot.x_point(mean + std).unwrap_or(left).clamp(left, right);
    let stroke = Stroke::solid(INK, 1.3);
    let cap = |x: f64| -> Vec<Point> { vec![(x, y - 4.0), (x, y + 4.0)] };
    scene.line(vec![(low, y), (high, y)], stroke);
    scene.line(cap(low), stroke);
    scene.line(cap(high), stroke);
}
