//! `figures/<measure>-<suite>-<dataset>.*`: the leading measure as training goes on, one line an experiment.

mod scene;

use std::collections::BTreeMap;

use super::palette::{SeriesStyle, series_style};
use super::reference::references;
use super::{Figure, png_and_svg};
use crate::artifact::Artifact;
use crate::cohort::{Cohort, cohorts};
use crate::error::ReportError;
use crate::group::Group;
use crate::record::Status;
use crate::results::Results;
use crate::run::Run;
use crate::statistics::Sample;

/// The leading measure over generator steps, one figure a cohort.
pub(super) struct OverSteps;

impl Figure for OverSteps {
    fn name(&self) -> &'static str {
        "over-steps"
    }

    fn doc(&self) -> &'static str {
        "the leading measure over generator steps, one line an experiment; mean and 95 % interval where there are several \
         seeds"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Artifact>, ReportError> {
        let mut artifacts = Vec::new();
        for cohort in cohorts(&results.runs) {
            let series: Vec<Series> = series(&cohort);
            if series.iter().any(|series| !series.points.is_empty()) {
                let scene = scene::scene(&cohort, &series, &references(&cohort));
                artifacts.extend(png_and_svg(&cohort.file(&[&cohort.stem]), &scene)?);
            }
        }
        Ok(artifacts)
    }
}

/// The line of one experiment.
struct Series {
    label: String,
    style: SeriesStyle,
    /// The measure over the seeds that have it, by step.
    points: Vec<(f64, Sample)>,
    /// Where runs diverged: the last value that each has.
    ends: Vec<(f64, f64)>,
    /// What became of runs that did not end as they should.
    ending: Option<String>,
}

fn series(cohort: &Cohort<'_>) -> Vec<Series> {
    let key = &cohort.measure.key;
    let groups = cohort.groups.iter().enumerate();
    groups.map(|(index, group)| one_series(group, index, key)).collect()
}

fn one_series(group: &Group<'_>, index: usize, key: &str) -> Series {
    let mut values: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let mut ends = Vec::new();
    for run in &group.seeds {
        let by_step = by_step(run, key);
        if run.record.status == Status::Diverged {
            ends.extend(by_step.last_key_value().map(|(&step, &value)| (step as f64, value)));
        }
        for (step, value) in by_step {
            values.entry(step).or_default().push(value);
        }
    }
    let points = values.into_iter();
    Series {
        label: group.label.clone(),
        style: series_style(index),
        points: points.filter_map(|(step, v)| Some((step as f64, Sample::of(&v)?))).collect(),
        ends,
        ending: group.ending(),
    }
}

/// A run's values by step: its history, and from its record the untrained generator, the best evaluation and the end
/// where the history lacks them.
fn by_step(run: &Run, key: &str) -> BTreeMap<u64, f64> {
    let record = &run.record;
    let mut values: BTreeMap<u64, f64> = BTreeMap::new();
    values.extend(record.untrained_metric(key).map(|value| (0, value)));
    values
        .extend(record.best.as_ref().and_then(|best| Some((best.step, record.best_metric(key)?))));
    values.extend(record.metric(key).map(|value| (record.steps, value)));
    for point in &run.metrics {
        values.extend(point.values.get(key).map(|&value| (point.step, value)));
    }
    values
}
