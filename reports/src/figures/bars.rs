//! `figures/<measure>-bars-<suite>-<dataset>.*`: the final value of each experiment beside its untrained generator's.

mod scene;

use super::palette::Styles;
use super::scene::Ink;
use super::{Drawing, Figure};
use crate::cohort::{Cohort, cohorts};
use crate::error::ReportError;
use crate::group::{Group, groups};
use crate::measure::Measure;
use crate::record::Status;
use crate::results::Results;
use crate::statistics::Sample;

/// Bars of each measure, one figure a cohort, best experiment first.
pub(super) struct Bars;

/// More experiments than this are left to the tables.
const MOST_BARS: usize = 30;

impl Figure for Bars {
    fn name(&self) -> &'static str {
        "bars"
    }

    fn doc(&self) -> &'static str {
        "final value of each measure of each experiment, with its untrained generator's; 95 % intervals where there are \
         several seeds"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let styles = Styles::of(&groups(&results.runs));
        let mut drawings = Vec::new();
        for cohort in cohorts(&results.runs) {
            for &measure in &cohort.measures {
                let bars = bars(&cohort, measure, &styles);
                if measure.key == cohort.measures[0].key || bars.iter().any(|b| b.shown().is_some())
                {
                    let stem = cohort.file(measure, &[self.name()]);
                    drawings.push(scene::drawing(stem, &cohort, measure, bars));
                }
            }
        }
        Ok(drawings)
    }
}

/// One experiment's row.
struct Bar {
    label: String,
    colour: Ink,
    /// The final value over seeds, where any seed was scored.
    last: Option<Sample>,
    /// The best value over seeds, where no seed has a final one.
    best: Option<Sample>,
    untrained: Option<f64>,
    /// How the first run without a final value ended.
    status: Status,
    /// What became of runs that did not end as they should.
    ending: Option<String>,
}

impl Bar {
    /// What the bar is as long as: the final value, or else the best one.
    fn shown(&self) -> Option<Sample> {
        self.last.or(self.best)
    }
}

fn bars(cohort: &Cohort<'_>, measure: &Measure, styles: &Styles) -> Vec<Bar> {
    let mut bars: Vec<Bar> =
        cohort.groups.iter().map(|group| bar(group, styles, measure)).collect();
    // Stable: experiments without a value stay in order, at the end.
    bars.sort_by(|a, b| match (a.last, b.last) {
        (Some(a), Some(b)) => measure.direction.order(a.mean, b.mean),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    bars
}

fn bar(group: &Group<'_>, styles: &Styles, measure: &Measure) -> Bar {
    let key = &measure.key;
    let last = group.sample(|record| record.metric(key));
    let unscored = group.seeds.iter().find(|run| run.record.metric(key).is_none());
    Bar {
        label: group.label.clone(),
        colour: styles.style(&group.label).colour,
        last,
        best: group.sample(|record| record.best_metric(key)).filter(|_| last.is_none()),
        untrained: group.sample(|record| record.untrained_metric(key)).map(|sample| sample.mean),
        status: unscored.map_or(Status::Done, |run| run.record.status),
        ending: group.ending(),
    }
}
