//! `tables/comparison.*`: one row a run.

use std::collections::BTreeSet;

use polars::prelude::Column;

use super::Tabulation;
use super::columns::{
    count_column, counts, frame, number_column, numbers, optional_texts, text_column, texts,
};
use super::remarks::Remarks;
use super::setting::{Identity, class, sentence_of};
use crate::cohort::count_range;
use crate::contest::{Discipline, Verdict, judge};
use crate::error::ReportError;
use crate::group::groups;
use crate::measure::{Measure, union_over_extractors};
use crate::record::{Kind, Record, Status};
use crate::results::Results;
use crate::run::Run;
use crate::statistics::Sample;
use crate::table::{Content, Decimals, Footnote, HumanColumn, Table};

/// One row a run, with everything that was measured.
pub struct Comparison;

impl Tabulation for Comparison {
    fn name(&self) -> &'static str {
        "comparison"
    }

    fn doc(&self) -> &'static str {
        "one row a run: what it was, what it scored, what it cost"
    }

    fn build(&self, results: &Results) -> Result<Vec<Table>, ReportError> {
        let records: Vec<&Record> = results.runs.iter().map(|run| &run.record).collect();
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let measures =
            union_over_extractors(records.iter().map(|record| record.measures.as_slice()));
        let measures: Vec<&Measure> = measures.iter().collect();
        let several_seeds = groups(&results.runs).iter().any(|group| group.seeds.len() > 1);
        let verdict = if several_seeds { None } else { Some(verdict(&records, &measures)) };
        let identity = Identity::new(records.clone());

        let mut columns = identity.columns();
        columns.extend(input_columns(results));
        columns.extend(outcome_columns(&records));
        columns.extend(measures.iter().flat_map(|measure| measure_columns(&records, measure)));
        columns.extend(cost_columns(&records));
        let mut human = identity.human_columns();
        human.extend(human_columns(&records, &measures, verdict.as_ref()));

        let mut caption =
            format!("Results of each run after its last step. {}", sentence_of(&records));
        if let Some(bold) = verdict.as_ref().and_then(Verdict::sentence) {
            caption.push_str(&format!(" {bold}"));
        }
        Ok(vec![Table {
            name: self.name().to_owned(),
            caption,
            frame: frame(self.name(), columns)?,
            columns: human,
            across: false,
            footnotes: footnotes(&records, &identity, several_seeds),
        }])
    }
}

/// The best of single runs. Where there are several seeds, no single run says which experiment is the best.
fn verdict(records: &[&Record], measures: &[&Measure]) -> Verdict {
    let disciplines: Vec<Discipline> = measures
        .iter()
        .map(|measure| Discipline {
            direction: measure.direction,
            samples: records.iter().map(|r| Sample::of(&[r.metric(&measure.key)?])).collect(),
        })
        .collect();
    let classes: Vec<_> = records.iter().map(|r| (r.kind == Kind::Run).then(|| class(r))).collect();
    judge(&disciplines, &classes)
}

/// Where a run lies, and what it was trained and scored with.
fn input_columns(results: &Results) -> Vec<Column> {
    let told = |text: &'_ str| (!text.is_empty()).then_some(text).map(str::to_owned);
    let column = |name: &str, value: fn(&Run) -> &str| {
        let values: Vec<Option<String>> = results.runs.iter().map(|run| told(value(run))).collect();
        optional_texts(name, values.iter().map(Option::as_deref))
    };
    let sides = results.runs.iter().map(|run| u64::from(run.record.image_size));
    vec![
        column("folder", |run| &run.folder),
        column("dataset_sha256", |run| &run.record.dataset_sha256),
        column("split", |run| &run.record.split),
        counts("image_size", sides.map(|side| (side > 0).then_some(side))),
        column("extractor_sha256", |run| &run.record.extractor_sha256),
    ]
}

fn outcome_columns(records: &[&Record]) -> Vec<Column> {
    let records = || records.iter();
    let kinds = records().map(|record| match record.kind {
        Kind::Run => "run",
        Kind::RealImages => "real-images",
    });
    let status: Vec<String> = records().map(|record| record.status.to_string()).collect();
    vec![
        texts("kind", kinds),
        counts("seed", records().map(|record| Some(record.seed))),
        texts("status", status.iter().map(String::as_str)),
        counts("steps", records().map(|record| Some(record.steps))),
        counts("images_seen", records().map(|record| Some(record.images_seen))),
        counts("best_step", records().map(|record| Some(record.best.as_ref()?.step))),
    ]
}

/// Every key of a measure that any run has after the last step, and its own at the best step and before training.
fn measure_columns(records: &[&Record], measure: &Measure) -> Vec<Column> {
    let column = |name: &str, value: &dyn Fn(&Record) -> Option<f64>| {
        numbers(name, records.iter().map(|record| value(record)))
    };
    let key = &measure.key;
    // What people see is made of a value and its spread: both are there, if only as missing cells.
    let is_there = |other: &&str| {
        other == key
            || measure.spread.as_deref() == Some(*other)
            || records.iter().any(|r| r.metric(other).is_some())
    };
    let present = measure.keys().filter(is_there);
    let mut columns: Vec<Column> =
        present.map(|key| column(key, &|record| record.metric(key))).collect();
    columns.push(column(&format!("{key}_best"), &|record| record.best_metric(key)));
    columns.push(column(&format!("{key}_untrained"), &|record| record.untrained_metric(key)));
    columns
}

fn cost_columns(records: &[&Record]) -> Vec<Column> {
    let records = || records.iter();
    vec![
        counts("n", records().map(|record| record.n_generated)),
        counts("n_reference", records().map(|record| record.n_reference)),
        numbers("wall_seconds", records().map(|record| Some(record.wall_seconds))),
        texts("device", records().map(|record| record.device.as_str())),
        counts("threads", records().map(|record| Some(record.threads))),
    ]
}

fn human_columns(
    records: &[&Record],
    measures: &[&Measure],
    verdict: Option<&Verdict>,
) -> Vec<HumanColumn> {
    let mut columns = vec![count_column("Seed", "seed")];
    if records.iter().any(|record| record.status != Status::Done) {
        columns.push(text_column("Status", "status"));
    }
    columns.push(count_column("Steps", "steps"));
    columns.push(count_column("Images seen", "images_seen"));
    for (index, measure) in measures.iter().enumerate() {
        let bold = verdict.map_or_else(Vec::new, |verdict| verdict.best[index].clone());
        let own = HumanColumn { bold, ..measure_column(measure) };
        let more = if index == 0 { leading_columns(records, measure) } else { Vec::new() };
        match more.is_empty() {
            true => columns.push(own),
            false => {
                let last = HumanColumn { title: "last".to_owned(), ..own };
                let kin = std::iter::once(last).chain(more);
                columns.extend(kin.map(|column| column.grouped(&measure.title)));
            }
        }
    }
    if varies(records.iter().map(|record| record.n_generated)) {
        columns.push(count_column("n", "n"));
    }
    if varies(records.iter().map(|record| record.n_reference)) {
        columns.push(count_column("n reference", "n_reference"));
    }
    if varies(records.iter().map(|record| &record.device)) {
        columns.push(text_column("Device", "device"));
    }
    if varies(records.iter().map(|record| record.threads)) {
        columns.push(count_column("Threads", "threads"));
    }
    let time = number_column("Time", "wall_seconds", 1);
    columns.push(HumanColumn { unit: "s".to_owned(), ..time });
    columns
}

fn measure_column(measure: &Measure) -> HumanColumn {
    let decimals = Decimals::Fixed(measure.decimals);
    let column = measure.key.clone();
    let content = match &measure.spread {
        Some(std) => {
            Content::Estimate { mean: column, std: std.clone(), interval: None, n: None, decimals }
        }
        None => Content::Number { column, decimals },
    };
    HumanColumn {
        unit: measure.unit.clone(),
        direction: Some(measure.direction),
        ..HumanColumn::new(&measure.title, content)
    }
}

/// The leading measure at the best step and before training, where any run has it.
fn leading_columns(records: &[&Record], measure: &Measure) -> Vec<HumanColumn> {
    let Measure { key, decimals, .. } = measure;
    let mut columns = Vec::new();
    if records.iter().any(|record| record.best_metric(key).is_some()) {
        columns.push(number_column("best", &format!("{key}_best"), *decimals));
        columns.push(count_column("at step", "best_step"));
    }
    if records.iter().any(|record| record.untrained_metric(key).is_some()) {
        columns.push(number_column("untrained", &format!("{key}_untrained"), *decimals));
    }
    columns
}

/// Whether values differ, a missing one included.
fn varies<T: Ord>(values: impl Iterator<Item = T>) -> bool {
    values.collect::<BTreeSet<_>>().len() > 1
}

/// The remarks on the runs, and what the times are.
fn footnotes(records: &[&Record], identity: &Identity<'_>, several_seeds: bool) -> Vec<Footnote> {
    let mut remarks = Remarks::default();
    for (row, record) in records.iter().enumerate() {
        remarks.record(row, record);
    }
    let mut footnotes = remarks.footnotes();
    footnotes.extend(identity.footnote());
    if several_seeds {
        footnotes.push(Footnote::general(
            "Nothing is bold here: which experiment is the best, the table over seeds tells, not a single run."
                .to_owned(),
        ));
    }
    if let Some(threads) = count_range(records.iter().map(|record| record.threads)) {
        let devices: BTreeSet<&str> = records.iter().map(|record| record.device.as_str()).collect();
        footnotes.push(Footnote::general(format!(
            "Time is wall time, evaluation included, on {} with {threads} threads.",
            devices.into_iter().collect::<Vec<_>>().join(", "),
        )));
    }
    footnotes
}
