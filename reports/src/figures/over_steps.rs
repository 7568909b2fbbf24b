//! `figures/<measure>-<suite>-<dataset>.*`: each measure as training goes on, one line an experiment.

mod multiples;
mod scene;

use std::collections::BTreeMap;

use super::curve::Curve;
use super::palette::Styles;
use super::{Drawing, Figure};
use crate::cohort::{Cohort, cohorts};
use crate::error::ReportError;
use crate::group::{Group, groups};
use crate::measure::Measure;
use crate::record::Status;
use crate::results::Results;
use crate::run::Run;
use crate::statistics::Sample;

/// Each measure over generator steps, one figure a cohort.
pub(super) struct OverSteps;

/// More lines than this tangle: each has a panel of its own then.
const MOST_LINES: usize = 8;

impl Figure for OverSteps {
    fn name(&self) -> &'static str {
        "over-steps"
    }

    fn doc(&self) -> &'static str {
        "each measure over generator steps, one line an experiment; mean and 95 % interval where there are several seeds"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let styles = Styles::of(&groups(&results.runs));
        let mut drawings = Vec::new();
        for cohort in cohorts(&results.runs) {
            for &measure in &cohort.measures {
                let series = series(&cohort, measure, &styles);
                let drawn = series.iter().filter(|series| !series.curve.points.is_empty()).count();
                let stem = cohort.file(measure, &[]);
                drawings.extend(match drawn {
                    0 => None,
                    1..=MOST_LINES => Some(scene::drawing(stem, &cohort, measure, &series)),
                    _ => Some(multiples::drawing(stem, &cohort, measure, series)),
                });
            }
        }
        Ok(drawings)
    }
}

/// The line of one experiment.
struct Series {
    curve: Curve,
    /// Where runs diverged: the last value that each has.
    ends: Vec<(f64, f64)>,
    /// What became of runs that did not end as they should.
    ending: Option<String>,
}

fn series(cohort: &Cohort<'_>, measure: &Measure, styles: &Styles) -> Vec<Series> {
    cohort.groups.iter().map(|group| one_series(group, styles, &measure.key)).collect()
}

fn one_series(group: &Group<'_>, styles: &Styles, key: &str) -> Series {
    let mut ends = Vec::new();
    for run in &group.seeds {
        if run.record.status == Status::Diverged {
            let by_step = by_step(run, key);
            ends.extend(by_step.last_key_value().map(|(&step, &value)| (step as f64, value)));
        }
    }
    let curve = Curve {
        label: group.label.clone(),
        style: styles.style(&group.label),
        points: over_seeds(group, key),
    };
    Series { curve, ends, ending: group.ending() }
}

/// A measure of a group over the seeds that have it, by step.
pub(super) fn over_seeds(group: &Group<'_>, key: &str) -> Vec<(f64, Option<Sample>)> {
    let mut values: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for run in &group.seeds {
        for (step, value) in by_step(run, key) {
            values.entry(step).or_default().push(value);
        }
    }
    values.into_iter().map(|(step, values)| (step as f64, Sample::of(&values))).collect()
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
