//! How the bars are drawn.

use super::{Bar, Reference};
use crate::cohort::Cohort;
use crate::figures::axis::{Axis, Scale, Tick};
use crate::figures::font::{elide, text_width};
use crate::figures::heading::Heading;
use crate::figures::legend::{Legend, Swatch};
use crate::figures::number::quoted;
use crate::figures::palette::{INK, MUTED, SeriesStyle};
use crate::figures::plot::{Frame, Grid, Plot, SMALL};
use crate::figures::scene::{Align, Dash, Ink, Marker, Point, Scene, Stroke, Text};
use crate::figures::{COLUMN_WIDTH, MARGIN, reference};
use crate::measure::Measure;
use crate::record::Status;

/// Height of the band of one experiment, in units.
const ROW: f64 = 30.0;
/// Height of a bar.
const BAR: f64 = 17.0;
/// Height of the axis below the bars.
const AXIS_HEIGHT: f64 = 54.0;
/// Space between the plot and the values.
const GAP: f64 = 10.0;
/// Widest name of an experiment, as a share of the figure.
const NAME_SHARE: f64 = 0.42;
/// Whiskers longer than this many times the longest bar are cut.
const LONGEST_WHISKER: f64 = 1.25;

pub(super) fn scene(cohort: &Cohort<'_>, bars: &[Bar], references: &[Reference]) -> Scene {
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    let heading = heading(cohort, bars, width);
    let legend = legend(bars, references, width);
    let remarks = remarks(bars, width);

    // Values stand in a column of their own, where no bar, marker or grid line can touch them.
    let value_width = bars
        .iter()
        .map(|bar| text_width(&value_text(bar, cohort.measure).0, SMALL))
        .fold(text_width("final", SMALL), f64::max);
    let plot_height = bars.len() as f64 * ROW + SMALL / 2.0 + AXIS_HEIGHT;
    let below = legend.height() + remarks.height();
    let mut scene =
        Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + heading.height() + SMALL + plot_height + below);
    heading.draw(&mut scene, MARGIN, MARGIN);
    let top = MARGIN + heading.height() + SMALL;
    right_text(&mut scene, top - SMALL / 2.0, "final".to_owned(), MUTED);
    let plot = Plot::new(
        &mut scene,
        Frame {
            left: MARGIN,
            top,
            right: COLUMN_WIDTH - MARGIN - value_width - GAP,
            bottom: top + plot_height,
        },
        value_axis(bars, references, cohort.measure),
        name_axis(bars),
        Grid::Vertical,
    );
    for (row, bar) in bars.iter().enumerate() {
        if let Some(y) = plot.y_point(-(row as f64)) {
            draw_bar(&mut scene, &plot, bar, y);
            let (text, ink) = value_text(bar, cohort.measure);
            right_text(&mut scene, y, text, ink);
        }
    }
    for reference in references {
        reference.draw_upright(&mut scene, &plot);
    }
    let bottom = top + plot_height;
    legend.draw(&mut scene, plot.area.left, COLUMN_WIDTH - MARGIN, bottom);
    remarks.draw(&mut scene, MARGIN, bottom + legend.height());
    scene
}

fn heading(cohort: &Cohort<'_>, bars: &[Bar], width: f64) -> Heading {
    let mut provenance = format!("{}; {}", cohort.provenance(), cohort.seeds());
    if bars.iter().any(|bar| bar.shown().is_some_and(|sample| sample.std.is_some())) {
        provenance
            .push_str(": mean ± standard deviation, whiskers are the 95 % interval of the mean");
    }
    let title = format!("Final {} on {}", cohort.measure.title, cohort.setting());
    Heading::new(&title, &provenance, cohort.caveat().as_deref(), width)
}

fn legend(bars: &[Bar], references: &[Reference], width: f64) -> Legend {
    let style = SeriesStyle { colour: INK, marker: Marker::Diamond, dash: Dash::Solid };
    let untrained = (Swatch::Outline(style), "generator before training".to_owned());
    let shown = bars.iter().any(|bar| bar.untrained.is_some());
    let references = references.iter().map(|reference| (reference::SWATCH, reference.name()));
    Legend::new(shown.then_some(untrained).into_iter().chain(references).collect(), width)
}

/// What became of runs that have no final value.
fn remarks(bars: &[Bar], width: f64) -> Heading {
    let remarks = bars.iter().filter_map(|bar| {
        let ending = bar.ending.as_ref()?;
        let pale = if bar.best.is_some() { "; the pale bar is its best" } else { "" };
        Some(format!("{}: {ending}{pale}", bar.label))
    });
    Heading::remarks(remarks, width)
}

fn right_text(scene: &mut Scene, y: f64, text: String, ink: Ink) {
    scene.text(Text {
        at: (COLUMN_WIDTH - MARGIN, y),
        text,
        size: SMALL,
        ink,
        align: Align::Right,
        upwards: false,
    });
}

/// The axis of the measure, from zero where it is linear.
fn value_axis(bars: &[Bar], references: &[Reference], measure: &Measure) -> Axis {
    let means = || bars.iter().filter_map(Bar::shown).map(|sample| sample.mean);
    let longest = means().fold(0.0, f64::max) * LONGEST_WHISKER;
    let ends = bars.iter().filter_map(|bar| Some(bar.shown()?.interval()?.1.min(longest)));
    let values = means().chain(ends).chain(bars.iter().filter_map(|bar| bar.untrained));
    let mut axis = reference::axis(&measure.label(), values.collect(), references, 4);
    if axis.scale == Scale::Log {
        // The shortest bar must be seen too.
        axis = Axis::log(&axis.label, axis.low / 1.5, axis.high);
    }
    axis
}

/// The axis of experiments, first row on top.
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

/// Draws an experiment's bar, whiskers and untrained marker.
fn draw_bar(scene: &mut Scene, plot: &Plot, bar: &Bar, y: f64) {
    let Frame { left, right, .. } = plot.area;
    if let Some(sample) = bar.shown() {
        let end = plot.x_point(sample.mean).unwrap_or(left).clamp(left, right);
        let share = if bar.last.is_some() { 0.85 } else { 0.3 };
        scene.rectangle((left, y - BAR / 2.0), (end, y + BAR / 2.0), bar.colour.tint(share));
        if let Some(interval) = sample.interval() {
            draw_whiskers(scene, plot, interval, y);
        }
    }
    if let Some(x) = bar.untrained.and_then(|value| plot.x_point(value)) {
        scene.hollow_marker(Marker::Diamond, (x, y), 5.0, INK);
    }
}

/// What stands at the right of a row: the value, or why there is none.
fn value_text(bar: &Bar, measure: &Measure) -> (String, Ink) {
    match (bar.last, bar.best, bar.status) {
        (Some(sample), ..) => (quoted(sample.mean, sample.std), INK),
        (None, Some(best), _) => (format!("best {}", quoted(best.mean, best.std)), MUTED),
        (None, None, Status::Done) => (format!("no {}", measure.title), MUTED),
        (None, None, status) => (status.to_string(), MUTED),
    }
}

/// Draws an interval as far as the axis goes; an end beyond it has no cap.
fn draw_whiskers(scene: &mut Scene, plot: &Plot, (low, high): (f64, f64), y: f64) {
    let Frame { left, right, .. } = plot.area;
    let stroke = Stroke::solid(INK, 1.3);
    let ends = [low, high].map(|end| plot.x_point(end).unwrap_or(left));
    let [from, to] = ends.map(|x| x.clamp(left, right));
    scene.line(vec![(from, y), (to, y)], stroke);
    for x in ends.into_iter().filter(|x| (left..=right).contains(x)) {
        let cap: Vec<Point> = vec![(x, y - 4.0), (x, y + 4.0)];
        scene.line(cap, stroke);
    }
}
