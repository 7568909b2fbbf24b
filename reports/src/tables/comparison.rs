//! `tables/comparison.*`: one row a run.

use std::collections::BTreeSet;

use super::remarks::remarks;
use super::{
    Tabulation, count_column, counts, frame, number_column, numbers, setting_columns,
    setting_sentences, text_column, texts,
};
use crate::cohort::count_range;
use crate::error::ReportError;
use crate::measure::{Measure, union};
use crate::record::Status;
use crate::results::Results;
use crate::run::Run;
use crate::table::{Content, Footnote, HumanColumn, Table};

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
        let runs = results.runs.as_slice();
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let all: Vec<&Run> = runs.iter().collect();
        let measures = union(runs.iter().map(|run| run.record.measures.as_slice()));
        let record = || runs.iter().map(|run| &run.record);
        let metric = |key: &str| numbers(key, record().map(|record| record.metric(key)));

        let mut columns = vec![
            texts("suite", record().map(|record| record.suite.as_str())),
            texts("variant", record().map(|record| record.variant.as_str())),
            texts("dataset", record().map(|record| record.dataset.as_str())),
            counts("seed", record().map(|record| Some(record.seed))),
            texts("budget", record().map(|record| record.budget.as_str())),
        ];
        let status: Vec<String> = record().map(|record| record.status.to_string()).collect();
        columns.push(texts("status", status.iter().map(String::as_str)));
        columns.extend([
            counts("steps", record().map(|record| Some(record.steps))),
            counts("images_seen", record().map(|record| Some(record.images_seen))),
        ]);
        columns.extend(measures.iter().flat_map(|measure| measure.keys()).map(metric));
        columns.extend([
            counts("n", record().map(|record| record.n_generated)),
            counts("n_reference", record().map(|record| record.n_reference)),
            texts("extractor", record().map(|record| record.extractor.as_str())),
            texts("protocol", record().map(|record| record.protocol.as_str())),
            numbers("wall_seconds", record().map(|record| Some(record.wall_seconds))),
        ]);

        Ok(vec![Table {
            name: self.name().to_owned(),
            caption: format!("Results of each run. {}", setting_sentences(&all)),
            frame: frame(self.name(), columns)?,
            columns: human_columns(&all, &measures),
            contest: vec!["suite", "dataset", "budget", "protocol", "extractor"],
            footnotes: footnotes(&all),
        }])
    }
}

fn human_columns(runs: &[&Run], measures: &[&Measure]) -> Vec<HumanColumn> {
    let mut columns = vec![text_column("Variant", "variant")];
    columns.extend(setting_columns(runs));
    columns.push(count_column("Seed", "seed"));
    if runs.iter().any(|run| run.record.status != Status::Done) {
        columns.push(text_column("Status", "status"));
    }
    columns.push(count_column("Steps", "steps"));
    columns.push(count_column("Images seen", "images_seen"));
    for measure in measures {
        columns.push(HumanColumn {
            title: measure.title.clone(),
            unit: None,
            direction: Some(measure.direction),
            content: match &measure.spread {
                Some(std_key) => Content::MeanStd {
                    mean: measure.key.clone(),
                    std: std_key.clone(),
                    decimals: measure.decimals,
                },
                None => Content::Number { column: measure.key.clone(), decimals: measure.decimals },
            },
        });
    }
    if varies(runs.iter().map(|run| run.record.n_generated)) {
        columns.push(count_column("n", "n"));
    }
    if varies(runs.iter().map(|run| run.record.n_reference)) {
        columns.push(count_column("n reference", "n_reference"));
    }
    columns.push(number_column("Time", Some("s"), "wall_seconds", 1));
    columns
}

/// Whether counts differ, a missing one included.
fn varies(counts: impl Iterator<Item = Option<u64>>) -> bool {
    counts.collect::<BTreeSet<_>>().len() > 1
}

/// The remarks on the runs, and what the times are.
fn footnotes(runs: &[&Run]) -> Vec<Footnote> {
    let mut footnotes = remarks(runs.iter().map(|run| &run.record).enumerate());
    if let Some(threads) = count_range(runs.iter().map(|run| run.record.threads)) {
        let devices: BTreeSet<&str> = runs.iter().map(|run| run.record.device.as_str()).collect();
        footnotes.push(Footnote {
            rows: Vec::new(),
            text: format!(
                "Time is wall time, evaluation included, on {} with {threads} threads.",
                devices.into_iter().collect::<Vec<_>>().join(", "),
            ),
        });
    }
    footnotes
}
