//! `figures/<measure>-bars-<suite>-<dataset>.*`: the final value of each experiment beside its untrained generator's.

mod scene;

use super::palette::series_style;
use super::reference::{Reference, references};
use super::scene::Ink;
use super::{Figure, png_and_svg};
use crate::artifact::Artifact;
use crate::cohort::{Cohort, cohorts};
use crate::error::ReportError;
use crate::group::Group;
use crate::measure::Measure;
use crate::record::Status;
use crate::results::Results;
use crate::statistics::Sample;

/// Bars of the leading measure, one figure a cohort, best experiment first.
pub(super) struct Bars;

impl Figure for Bars {
    fn name(&self) -> &'static str {
        "bars"
    }

    fn doc(&self) -> &'static str {
        "final value of the leading measure of each experiment, with its untrained generator's; 95 % intervals where there \
         are several seeds"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Artifact>, ReportError> {
        let mut artifacts = Vec::new();
        for cohort in cohorts(&results.runs) {
            let scene = scene::scene(&cohort, &bars(&cohort), &references(&cohort));
            artifacts.extend(png_and_svg(&cohort.file(&[self.name(), &cohort.stem]), &scene)?);
        }
        Ok(artifacts)
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

fn bars(cohort: &Cohort<'_>) -> Vec<Bar> {
    let measure = cohort.measure;
    let mut bars: Vec<Bar> =
        cohort.groups.iter().enumerate().map(|(index, g)| bar(g, index, measure)).collect();
    // Stable: experiments without a value stay in order, at the end.
    bars.sort_by(|a, b| match (a.last, b.last) {
        (Some(a), Some(b)) => measure.direction.order(a.mean, b.mean),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    bars
}

fn bar(group: &Group<'_>, index: usize, measure: &Measure) -> Bar {
    let key = &measure.key;
    let last = group.sample(|record| record.metric(key));
    let unscored = group.seeds.iter().find(|run| run.record.metric(key).is_none());
    Bar {
        label: group.label.clone(),
        colour: series_style(index).colour,
        last,
        best: group.sample(|record| record.best_metric(key)).filter(|_| last.is_none()),
        untrained: group.sample(|record| record.untrained_metric(key)).map(|sample| sample.mean),
        status: unscored.map_or(Status::Done, |run| run.record.status),
        ending: group.ending(),
    }
}
