//! How the bars are drawn.

use super::{Bar, MOST_BARS};
use crate::cohort::Cohort;
use crate::figures::axis::{Axis, Scale, Tick};
use crate::figures::drawing::{Caption, Drawing, Pictures};
use crate::figures::font::{elide, text_width};
use crate::figures::legend::{Legend, Swatch};
use crate::figures::number::quoted;
use crate::figures::palette::{INK, MUTED, SeriesStyle};
use crate::figures::plot::{Frame, Grid, Plot, SMALL};
use crate::figures::reference::{Reference, references};
use crate::figures::scene::{Align, Dash, Ink, Marker, Scene, Stroke, Text};
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

pub(super) fn drawing(
    stem: String,
    cohort: &Cohort<'_>,
    measure: &Measure,
    mut bars: Vec<Bar>,
) -> Drawing {
    let left_out = bars.split_off(bars.len().min(MOST_BARS)).len();
    let caption = caption(cohort, measure, &bars, left_out);
    let scene = scene(&bars, &references(cohort, measure), measure);
    Drawing { stem, caption, scene, pictures: Pictures::Scaling }
}

fn scene(bars: &[Bar], references: &[Reference], measure: &Measure) -> Scene {
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    let legend = legend(bars, references, width);

    // Values stand in a column of their own, where no bar, marker or grid line can touch them.
    let value_width = bars
        .iter()
        .map(|bar| text_width(&value_text(bar, measure).0, SMALL))
        .fold(text_width("final", SMALL), f64::max);
    let plot_height = bars.len() as f64 * ROW + SMALL / 2.0 + AXIS_HEIGHT;
    let mut scene = Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + SMALL + plot_height + legend.height());
    let top = MARGIN + SMALL;
    right_text(&mut scene, top - SMALL / 2.0, "final".to_owned(), MUTED);
    let plot = Plot::new(
        &mut scene,
        Frame {
            left: MARGIN,
            top,
            right: COLUMN_WIDTH - MARGIN - value_width - GAP,
            bottom: top + plot_height,
        },
        value_axis(bars, references, measure),
        name_axis(bars),
        Grid::Vertical,
    );
    for (row, bar) in bars.iter().enumerate() {
        if let Some(y) = plot.y_point(-(row as f64)) {
            draw_bar(&mut scene, &plot, bar, y);
            let (text, ink) = value_text(bar, measure);
            right_text(&mut scene, y, text, ink);
        }
    }
    for reference in references {
        reference.draw_upright(&mut scene, &plot);
    }
    legend.draw(&mut scene, plot.area.left, COLUMN_WIDTH - MARGIN, top + plot_height);
    scene
}

fn caption(cohort: &Cohort<'_>, measure: &Measure, bars: &[Bar], left_out: usize) -> Caption {
    let mut provenance = format!("{}; {}", cohort.provenance(), cohort.seeds());
    if bars.iter().any(|bar| bar.shown().is_some_and(|sample| sample.std.is_some())) {
        provenance
            .push_str(": mean ± standard deviation, whiskers are the 95 % interval of the mean");
    }
    let mut remarks = remarks(bars);
    if left_out > 0 {
        remarks.push(format!("The {MOST_BARS} best; {left_out} more stand in the tables"));
    }
    Caption {
        title: format!("Final {} on {}", measure.title, cohort.setting()),
        provenance,
        caveat: cohort.caveat(),
        remarks,
    }
}

fn legend(bars: &[Bar], references: &[Reference], width: f64) -> Legend {
    let style = SeriesStyle { colour: INK, marker: Marker::Diamond, dash: Dash::Solid };
    let untrained = (Swatch::Outline(style), "generator before training".to_owned());
    let shown = bars.iter().any(|bar| bar.untrained.is_some());
    let references = references.iter().map(|reference| (reference::SWATCH, reference.name()));
    Legend::new(shown.then_some(untrained).into_iter().chain(references).collect(), width)
}

/// What became of runs that have no final value.
fn remarks(bars: &[Bar]) -> Vec<String> {
    let remark = |bar: &Bar| {
        let ending = bar.ending.as_ref()?;
        let pale = if bar.best.is_some() { "; the pale bar is its best" } else { "" };
        Some(format!("{}: {ending}{pale}", bar.label))
    };
    bars.iter().filter_map(remark).collect()
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
    reference::axis(&measure.label(), values.collect(), references, 4)
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

/// Draws an experiment's bar, untrained marker and whiskers. A logarithmic axis has no zero for a bar to begin at: there a
/// dot marks the value.
fn draw_bar(scene: &mut Scene, plot: &Plot, bar: &Bar, y: f64) {
    let Frame { left, right, .. } = plot.area;
    let share = if bar.last.is_some() { 0.85 } else { 0.3 };
    let fill = bar.colour.tint(share);
    let end = bar.shown().and_then(|sample| plot.x_point(sample.mean));
    let zero = plot.x_point(0.0).map(|zero| zero.clamp(left, right));
    if let (Some(end), Some(zero)) = (end, zero) {
        scene.rectangle((zero, y - BAR / 2.0), (end.clamp(left, right), y + BAR / 2.0), fill);
    }
    if let Some(x) = bar.untrained.and_then(|value| plot.x_point(value)) {
        scene.hollow_marker(Marker::Diamond, (x, y), 5.0, INK);
    }
    if let Some(interval) = bar.shown().and_then(|sample| sample.interval()) {
        draw_whiskers(scene, plot, interval, y);
    }
    if let (Some(end), None) = (end, zero) {
        scene.marker(Marker::Circle, (end.clamp(left, right), y), 5.0, fill);
    }
}

/// What stands at the right of a row: the value, or why there is none.
fn value_text(bar: &Bar, measure: &Measure) -> (String, Ink) {
    match (bar.last, bar.best, bar.status) {
        (Some(sample), ..) => (quoted(sample, measure.decimals), INK),
        (None, Some(best), _) => (format!("best {}", quoted(best, measure.decimals)), MUTED),
        (None, None, Status::Done) => (format!("no {}", measure.title), MUTED),
        (None, None, status) => (status.to_string(), MUTED),
    }
}

/// Draws an interval as far as the axis goes; an end beyond it has no cap.
fn draw_whiskers(scene: &mut Scene, plot: &Plot, (low, high): (f64, f64), y: f64) {
    let Frame { left, right, .. } = plot.area;
    let ends = [low, high].map(|end| plot.x_point(end).unwrap_or(left));
    let [from, to] = ends.map(|x| x.clamp(left, right));
    let within = ends.into_iter().filter(|x| (left..=right).contains(x));
    let caps: Vec<f64> = within.collect();
    // White below, so that they show on bars and markers of every colour.
    for stroke in [Stroke::solid(Ink::WHITE, 4.0), Stroke::solid(INK, 1.5)] {
        scene.line(vec![(from, y), (to, y)], stroke);
        for &x in &caps {
            scene.line(vec![(x, y - 5.0), (x, y + 5.0)], stroke);
        }
    }
}
