//! `figures/losses-<run>.*`: a run's losses, raw and smoothed.

use super::axis::Axis;
use super::drawing::{Caption, Drawing, Pictures};
use super::legend::{Legend, Swatch};
use super::number::number;
use super::palette::{SeriesStyle, series_style};
use super::plot::{Frame, Grid, Plot};
use super::scene::{Dash, Marker, Scene, Stroke};
use super::smoothing::{self, running_mean, window};
use super::{COLUMN_WIDTH, Figure, MARGIN};
use crate::error::ReportError;
use crate::history::LossPoint;
use crate::naming::{NamedRun, shown_runs};
use crate::results::Results;

/// Loss curves, one figure a run.
pub(super) struct Losses;

/// Height of the plot with its axes, in units.
const PLOT_HEIGHT: f64 = 250.0;
/// Width of the running mean's line, in units.
const LINE: f64 = 2.2;
/// Markers along a running mean.
const MARKERS: usize = 8;
/// More points than this are not told apart at this width; raw curves keep the extremes of each bin.
const MOST_POINTS: usize = 600;
/// Share of raw values at either end that may leave the plot, so that one spike does not flatten the rest.
const CLIPPED_SHARE: f64 = 0.005;
/// Distance of two marks of values beyond the axis, in units.
const MARK_DISTANCE: f64 = 12.0;

impl Figure for Losses {
    fn name(&self) -> &'static str {
        "losses"
    }

    fn doc(&self) -> &'static str {
        "discriminator and generator loss over generator steps, raw and running mean, of each run"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let named = shown_runs(&results.runs).into_iter();
        let with_losses = named.filter(|named| !named.run.losses.is_empty());
        Ok(with_losses
            .map(|named| drawing(format!("{}-{}", self.name(), named.stem), &named))
            .collect())
    }
}

/// A curve of losses.
struct Curve {
    name: &'static str,
    style: SeriesStyle,
    raw: Vec<(f64, Option<f64>)>,
    smooth: Vec<(f64, Option<f64>)>,
}

fn drawing(stem: String, named: &NamedRun<'_>) -> Drawing {
    let record = &named.run.record;
    let losses = &named.run.losses;
    let window = window(losses.len());
    let curves = [
        curve("discriminator", 0, losses, window, |point| point.discriminator),
        curve("generator", 1, losses, window, |point| point.generator),
    ];
    let (scene, beyond) = scene(&curves, losses, window > 1);
    let setting = format!("seed {}, {} budget", record.seed, record.budget);
    let mut provenance =
        [setting].into_iter().chain(record.ending()).collect::<Vec<_>>().join(", ");
    if window > 1 {
        provenance.push_str(&format!("; {} (here {window})", smoothing::RULE));
    }
    let farthest = beyond.map(|value| {
        format!("Triangles at the edge mark values beyond it, up to {}", number(rounded(value)))
    });
    let caption = Caption {
        title: format!("{} on {}: losses", named.label, record.dataset),
        provenance,
        caveat: None,
        remarks: farthest.into_iter().collect(),
    };
    Drawing { stem, caption, scene, pictures: Pictures::Scaling }
}

/// Three digits are enough for a remark.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// The plot, and of the raw values beyond its edges the one with the largest magnitude.
fn scene(curves: &[Curve], losses: &[LossPoint], smoothed: bool) -> (Scene, Option<f64>) {
    let entries = curves.iter().map(|c| (Swatch::Line(c.style, LINE), c.name.to_owned()));
    let legend = Legend::new(entries.collect(), COLUMN_WIDTH - 2.0 * MARGIN);
    let mut scene = Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + PLOT_HEIGHT + legend.height());
    let bottom = MARGIN + PLOT_HEIGHT;
    let last = losses.iter().map(|point| point.step).max().unwrap_or(1);
    let (low, high) = shown_range(curves).unwrap_or((0.0, 1.0));
    let plot = Plot::new(
        &mut scene,
        Frame { left: MARGIN, top: MARGIN, right: COLUMN_WIDTH - MARGIN, bottom },
        Axis::exact("Generator step", 0.0, last as f64, 5),
        Axis::from_zero("Loss", low, high, 5),
        Grid::Horizontal,
    );
    // All raw curves first: none may hide a running mean.
    let mut beyond: Option<f64> = None;
    for curve in curves.iter().filter(|_| smoothed) {
        plot.line(&mut scene, &curve.raw, Stroke::solid(curve.style.colour.tint(0.35), 0.8));
        let farthest = mark_beyond(&mut scene, &plot, curve);
        beyond =
            [beyond, farthest].into_iter().flatten().max_by(|a, b| a.abs().total_cmp(&b.abs()));
    }
    for curve in curves {
        plot.line(&mut scene, &curve.smooth, Stroke::solid(curve.style.colour, LINE));
    }
    for (index, curve) in curves.iter().enumerate() {
        draw_markers(&mut scene, &plot, curve, index as f64 / curves.len() as f64);
    }
    if curves.iter().all(|curve| curve.raw.iter().all(|(_, y)| y.is_none())) {
        plot.remark(&mut scene, "no finite losses");
    }
    legend.draw(&mut scene, plot.area.left, COLUMN_WIDTH - MARGIN, bottom);
    (scene, beyond)
}

/// Marks raw values beyond the upper and the lower edge with triangles on it; the one with the largest magnitude.
fn mark_beyond(scene: &mut Scene, plot: &Plot, curve: &Curve) -> Option<f64> {
    let (top, bottom) = (plot.area.top, plot.area.bottom);
    let mut farthest: Option<f64> = None;
    let mut marked = [f64::NEG_INFINITY; 2];
    for &(x, y) in &curve.raw {
        let Some((value, at)) = y.and_then(|y| Some((y, plot.point(x, y)?))) else { continue };
        if plot.shows(at) {
            continue;
        }
        farthest = [farthest, Some(value)]
            .into_iter()
            .flatten()
            .max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let above = at.1 < top;
        let last = &mut marked[usize::from(above)];
        if at.0 - *last >= MARK_DISTANCE {
            *last = at.0;
            let (marker, edge) = match above {
                true => (Marker::TriangleUp, top + 4.0),
                false => (Marker::TriangleDown, bottom - 4.0),
            };
            scene.marker(marker, (at.0, edge), 3.0, curve.style.colour.tint(0.6));
        }
    }
    farthest
}

/// Draws [`MARKERS`] markers along a curve, from a share of the distance between two, and one at every value between
/// two gaps, which has no line. They tell the curves apart where colour does not; dashes would drown in the noise.
fn draw_markers(scene: &mut Scene, plot: &Plot, curve: &Curve, offset: f64) {
    let distance = curve.smooth.len().div_ceil(MARKERS).max(1);
    let first = (distance as f64 * (0.25 + offset / 2.0)) as usize;
    for (index, &(x, y)) in curve.smooth.iter().enumerate() {
        let missing = |index: Option<usize>| {
            index.and_then(|index| curve.smooth.get(index)).is_none_or(|(_, y)| y.is_none())
        };
        let alone = missing(index.checked_sub(1)) && missing(Some(index + 1));
        if (alone || index % distance == first)
            && let Some(point) = y.and_then(|y| plot.point(x, y))
        {
            scene.marker(curve.style.marker, point, 4.0, curve.style.colour);
        }
    }
}

fn curve(
    name: &'static str,
    index: usize,
    losses: &[LossPoint],
    window: usize,
    value: fn(&LossPoint) -> Option<f64>,
) -> Curve {
    let all: Vec<(f64, Option<f64>)> =
        losses.iter().map(|point| (point.step as f64, value(point))).collect();
    let smooth = running_mean(&all, window);
    let stride = smooth.len().div_ceil(MOST_POINTS).max(1);
    // Every stride-th point and the last one.
    let last = smooth.len().saturating_sub(1);
    let thinned = smooth
        .iter()
        .enumerate()
        .filter(|(index, _)| index.is_multiple_of(stride) || *index == last);
    Curve {
        name,
        style: SeriesStyle { dash: Dash::Solid, ..series_style(index) },
        smooth: thinned.map(|(_, &point)| point).collect(),
        raw: envelope(&all),
    }
}

/// The lowest and the highest value of each bin, in order of occurrence; a bin with a gap keeps the gap.
fn envelope(values: &[(f64, Option<f64>)]) -> Vec<(f64, Option<f64>)> {
    if values.len() <= MOST_POINTS {
        return values.to_vec();
    }
    let bin = values.len().div_ceil(MOST_POINTS / 2);
    let mut points = Vec::with_capacity(MOST_POINTS);
    for chunk in values.chunks(bin) {
        let finite = || chunk.iter().filter_map(|&(x, y)| Some((x, y?)));
        let low = finite().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = finite().max_by(|a, b| a.1.total_cmp(&b.1));
        if let (Some(low), Some(high)) = (low, high) {
            let (first, second) = if low.0 <= high.0 { (low, high) } else { (high, low) };
            points.extend([(first.0, Some(first.1)), (second.0, Some(second.1))]);
        }
        if let Some(gap) = chunk.iter().find(|(_, y)| y.is_none()) {
            points.push((gap.0, None));
        }
    }
    points
}

/// The range of all running means and of nearly all raw values.
fn shown_range(curves: &[Curve]) -> Option<(f64, f64)> {
    let finite =
        |points: &[(f64, Option<f64>)]| points.iter().filter_map(|(_, y)| *y).collect::<Vec<f64>>();
    let mut shown: Vec<f64> = curves.iter().flat_map(|curve| finite(&curve.smooth)).collect();
    for curve in curves {
        let mut raw = finite(&curve.raw);
        raw.sort_by(f64::total_cmp);
        if let Some(last) = raw.len().checked_sub(1) {
            let clipped = (raw.len() as f64 * CLIPPED_SHARE) as usize;
            shown.extend([raw[clipped], raw[last - clipped]]);
        }
    }
    super::axis::extent(shown.into_iter())
}

#[cfg(test)]
mod tests {
    use super::envelope;

    #[test]
    fn thinned_raw_curves_keep_their_extremes() {
        let mut values: Vec<(f64, Option<f64>)> =
            (0..10_000).map(|x| (f64::from(x), Some(0.0))).collect();
        values[7_777].1 = Some(42.0);
        let thinned = envelope(&values);
        assert!(thinned.len() <= 700);
        assert!(thinned.contains(&(7_777.0, Some(42.0))));
    }
}
