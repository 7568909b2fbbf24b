//! `figures/losses-<run>.*`: a run's losses, raw and smoothed.

use super::axis::Axis;
use super::heading::Heading;
use super::legend::{Legend, Swatch};
use super::palette::{SeriesStyle, series_style};
use super::plot::{Frame, Grid, Plot};
use super::scene::{Dash, Scene, Stroke};
use super::{COLUMN_WIDTH, Figure, MARGIN, png_and_svg};
use crate::artifact::Artifact;
use crate::cohort::caveat;
use crate::error::ReportError;
use crate::history::LossPoint;
use crate::naming::{NamedRun, name_runs};
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
/// The running mean covers this share of the run.
const WINDOW_SHARE: f64 = 0.02;
/// Share of raw values at either end that may leave the plot, so that one spike does not flatten the rest.
const CLIPPED_SHARE: f64 = 0.005;

impl Figure for Losses {
    fn name(&self) -> &'static str {
        "losses"
    }

    fn doc(&self) -> &'static str {
        "discriminator and generator loss over generator steps, raw and running mean, of each run"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Artifact>, ReportError> {
        let mut artifacts = Vec::new();
        for named in name_runs(&results.runs).iter().filter(|named| !named.run.losses.is_empty()) {
            artifacts
                .extend(png_and_svg(&format!("{}-{}", self.name(), named.stem), &scene(named))?);
        }
        Ok(artifacts)
    }
}

/// A curve of losses.
struct Curve {
    name: &'static str,
    style: SeriesStyle,
    raw: Vec<(f64, Option<f64>)>,
    smooth: Vec<(f64, Option<f64>)>,
}

fn scene(named: &NamedRun<'_>) -> Scene {
    let record = &named.run.record;
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    let heading = Heading::new(
        &format!("{} on {}: losses", named.label, record.dataset),
        &[format!("seed {}, {} budget", record.seed, record.budget)]
            .into_iter()
            .chain(record.ending())
            .collect::<Vec<_>>()
            .join(", "),
        caveat([record]).as_deref(),
        width,
    );
    let losses = &named.run.losses;
    let window = window(losses.len());
    let curves = [
        curve("discriminator", 0, losses, window, |point| point.discriminator),
        curve("generator", 1, losses, window, |point| point.generator),
    ];
    let legend = Legend::new(
        curves
            .iter()
            .map(|curve| (Swatch::Line(curve.style, LINE), curve.name.to_owned()))
            .collect(),
        width,
    );

    let mut scene =
        Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + heading.height() + PLOT_HEIGHT + legend.height());
    heading.draw(&mut scene, MARGIN, MARGIN);
    let top = MARGIN + heading.height();
    let last = losses.iter().map(|point| point.step).max().unwrap_or(1);
    let (low, high) = shown_range(&curves).unwrap_or((0.0, 1.0));
    let label = match window {
        1 => "Loss".to_owned(),
        window => format!("Loss (mean of {window})"),
    };
    let plot = Plot::new(
        &mut scene,
        Frame { left: MARGIN, top, right: COLUMN_WIDTH - MARGIN, bottom: top + PLOT_HEIGHT },
        Axis::exact("Generator step", 0.0, last as f64, 5),
        Axis::rounded(&label, low, high, 5),
        Grid::Horizontal,
    );
    // All raw curves first: none may hide a running mean.
    for curve in &curves {
        if window > 1 {
            plot.line(&mut scene, &curve.raw, Stroke::solid(curve.style.colour.tint(0.35), 0.8));
        }
    }
    for curve in &curves {
        plot.line(&mut scene, &curve.smooth, Stroke::solid(curve.style.colour, LINE));
    }
    for (index, curve) in curves.iter().enumerate() {
        draw_markers(&mut scene, &plot, curve, index as f64 / curves.len() as f64);
    }
    if curves.iter().all(|curve| curve.raw.iter().all(|(_, y)| y.is_none())) {
        plot.remark(&mut scene, "no finite losses");
    }
    legend.draw(&mut scene, plot.area.left, COLUMN_WIDTH - MARGIN, top + PLOT_HEIGHT);
    scene
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

/// Steps in the running mean; 1 for runs too short to smooth.
fn window(steps: usize) -> usize {
    match steps {
        0..50 => 1,
        _ => ((steps as f64 * WINDOW_SHARE) as usize).max(5) | 1,
    }
}

/// The mean of the finite values in a centred window; missing where the value itself is missing.
fn running_mean(values: &[(f64, Option<f64>)], window: usize) -> Vec<(f64, Option<f64>)> {
    let reach = window / 2;
    // Prefix sums of values and of their number.
    let mut sums = vec![(0.0, 0_usize)];
    for (_, value) in values {
        let (sum, count) = sums[sums.len() - 1];
        sums.push((sum + value.unwrap_or(0.0), count + usize::from(value.is_some())));
    }
    values
        .iter()
        .enumerate()
        .map(|(index, &(x, value))| {
            let (from, to) =
                (sums[index.saturating_sub(reach)], sums[(index + reach + 1).min(values.len())]);
            let count = to.1 - from.1;
            (x, value.filter(|_| count > 0).map(|_| (to.0 - from.0) / count as f64))
        })
        .collect()
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
    use super::{envelope, running_mean};

    #[test]
    fn running_mean_skips_gaps_and_keeps_them() {
        let values = [(1.0, Some(1.0)), (2.0, None), (3.0, Some(5.0)), (4.0, Some(6.0))];
        let means: Vec<Option<f64>> =
            running_mean(&values, 3).into_iter().map(|(_, y)| y).collect();
        assert_eq!(means, [Some(1.0), None, Some(5.5), Some(5.5)]);
    }

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
