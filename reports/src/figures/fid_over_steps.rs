//! `figures/fid-<suite>-<dataset>.*`: FID as training goes on, one line a variant.

use std::collections::BTreeMap;

use super::axis::{Axis, Scale};
use super::heading::Heading;
use super::legend::{Legend, Swatch};
use super::palette::{SeriesStyle, series_style};
use super::plot::{Frame, Grid, Plot};
use super::scene::{Scene, Stroke};
use super::{COLUMN_WIDTH, Figure, MARGIN, png_and_svg};
use crate::artifact::Artifact;
use crate::cohort::{Cohort, cohorts};
use crate::error::ReportError;
use crate::naming::{NamedRun, name_runs};
use crate::over_seeds::mean_and_std;
use crate::run::Run;

/// FID over generator steps, one figure a cohort.
pub(super) struct FidOverSteps;

/// Height of the plot with its axes, in units.
const PLOT_HEIGHT: f64 = 260.0;
/// Width of a line, in units.
const LINE: f64 = 2.0;

impl Figure for FidOverSteps {
    fn name(&self) -> &'static str {
        "fid"
    }

    fn doc(&self) -> &'static str {
        "FID over generator steps, one line a variant; mean and standard deviation where there are several seeds"
    }

    fn draw(&self, runs: &[Run]) -> Result<Vec<Artifact>, ReportError> {
        let named = name_runs(runs);
        let mut artifacts = Vec::new();
        for cohort in cohorts(&named) {
            let series: Vec<Series> = series(&cohort);
            if series.iter().any(|series| !series.points.is_empty()) {
                artifacts.extend(png_and_svg(self.name(), &cohort.stem, &scene(&cohort, &series))?);
            }
        }
        Ok(artifacts)
    }
}

/// The line of one variant.
struct Series {
    label: String,
    style: SeriesStyle,
    points: Vec<SeedMean>,
}

/// FID at one step, over the seeds that have it.
struct SeedMean {
    step: f64,
    mean: f64,
    /// Standard deviation over seeds (divisor n - 1); `None` for a single one.
    std: Option<f64>,
}

fn series(cohort: &Cohort<'_>) -> Vec<Series> {
    cohort
        .variants()
        .into_iter()
        .enumerate()
        .map(|(index, (label, seeds))| Series {
            label: label.to_owned(),
            style: series_style(index),
            points: over_seeds(&seeds),
        })
        .collect()
}

fn over_seeds(seeds: &[&NamedRun<'_>]) -> Vec<SeedMean> {
    let mut by_step: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for named in seeds {
        for (step, fid) in fid_by_step(named.run) {
            by_step.entry(step).or_default().push(fid);
        }
    }
    by_step
        .into_iter()
        .map(|(step, fids)| {
            let (mean, std) = mean_and_std(&fids);
            SeedMean { step: step as f64, mean, std }
        })
        .collect()
}

/// A run's FID by step: its history, and from its record the untrained generator and the end where the history
/// lacks them.
fn fid_by_step(run: &Run) -> BTreeMap<u64, f64> {
    let record = &run.record;
    let mut fids: BTreeMap<u64, f64> = BTreeMap::new();
    fids.extend(record.untrained_metric("fid").map(|fid| (0, fid)));
    fids.extend(record.metric("fid").map(|fid| (record.steps, fid)));
    for point in &run.metrics {
        fids.extend(point.values.get("fid").map(|&fid| (point.step, fid)));
    }
    fids
}

fn scene(cohort: &Cohort<'_>, series: &[Series]) -> Scene {
    let width = COLUMN_WIDTH - 2.0 * MARGIN;
    let several_seeds =
        series.iter().flat_map(|series| &series.points).any(|point| point.std.is_some());
    let mut provenance = cohort.provenance();
    if several_seeds {
        provenance.push_str("; mean and standard deviation over seeds");
    }
    let heading = Heading::new(
        &format!("FID during training on {}", cohort.setting()),
        &provenance,
        cohort.caveat(),
        width,
    );
    let legend = Legend::new(
        series
            .iter()
            .map(|series| {
                let swatch = Swatch { style: series.style, line: Some(LINE) };
                (swatch, series.label.clone())
            })
            .collect(),
        width,
    );

    let mut scene =
        Scene::new(COLUMN_WIDTH, 2.0 * MARGIN + heading.height() + PLOT_HEIGHT + legend.height());
    heading.draw(&mut scene, MARGIN, MARGIN);
    let top = MARGIN + heading.height();
    let points = || series.iter().flat_map(|series| &series.points);
    let last = points().map(|point| point.step).fold(0.0, f64::max);
    let mut y = Axis::for_distances("FID ↓", points().map(|point| point.mean), 5);
    if y.scale == Scale::Linear {
        let tops = points().map(|point| point.mean + point.std.unwrap_or(0.0));
        y = Axis::for_distances("FID ↓", tops.chain([0.0]), 5);
    } else {
        y.label.push_str(" (log scale)");
    }
    let plot = Plot::new(
        &mut scene,
        Frame { left: MARGIN, top, right: COLUMN_WIDTH - MARGIN, bottom: top + PLOT_HEIGHT },
        Axis::exact("Generator step", 0.0, last.max(1.0), 5),
        y,
        Grid::Horizontal,
    );
    for series in series {
        let spread = series.points.iter().filter_map(|point| {
            let std = point.std?;
            Some((point.step, point.mean - std, point.mean + std))
        });
        plot.band(&mut scene, &spread.collect::<Vec<_>>(), series.style.colour.with_alpha(0.2));
    }
    for series in series {
        let line: Vec<(f64, Option<f64>)> =
            series.points.iter().map(|point| (point.step, Some(point.mean))).collect();
        let stroke = Stroke { ink: series.style.colour, width: LINE, dash: series.style.dash };
        plot.line(&mut scene, &line, stroke);
    }
    for series in series {
        // A marker an evaluation while there are few, else about ten along the line.
        let stride = series.points.len().div_ceil(12).max(1);
        let last = series.points.len().saturating_sub(1);
        for (index, point) in series.points.iter().enumerate() {
            if (index.is_multiple_of(stride) || index == last)
                && let Some(at) = plot.point(point.step, point.mean)
            {
                scene.marker(series.style.marker, at, 4.0, series.style.colour);
            }
        }
    }
    legend.draw(&mut scene, plot.area.left, COLUMN_WIDTH - MARGIN, top + PLOT_HEIGHT);
    scene
}
