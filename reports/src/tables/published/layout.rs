//! A published table as machine columns and as what people see, whichever way its source lays its runs out.

use polars::prelude::Column;

use super::sheet::{Score, Sheet};
use crate::error::ReportError;
use crate::published::Layout;
use crate::statistics::Sample;
use crate::table::{Content, Decimals, HumanColumn, Table};
use crate::tables::columns::{
    count_column, counts, frame, numbers, optional_texts, text_column, texts,
};

/// Decimals of a metric that no run knows.
const UNKNOWN_DECIMALS: usize = 4;

/// A row for each run, columns for the metrics; people see it turned where the source has it so.
pub(super) fn laid_out(sheet: &Sheet<'_>, name: String) -> Result<Table, ReportError> {
    let verdict = sheet.verdict();
    let (mut columns, mut human) = run_columns(sheet);
    for (index, key) in sheet.table.metrics.iter().enumerate() {
        for score in sheet.scores(key) {
            let column = format!("{key}_{}", score.name());
            let samples: Vec<Option<Sample>> =
                sheet.entries.iter().map(|entry| sheet.sample(entry, key, score)).collect();
            let content =
                number_columns(&mut columns, column, &samples, decimals(sheet, key, score));
            let mut shown =
                HumanColumn::new(score.name(), content).grouped(&sheet.title(key, score));
            if let Some(measure) = sheet.measure(key) {
                shown.unit.clone_from(&measure.unit);
            }
            if score == Score::Measured {
                shown.direction = sheet.measure(key).map(|measure| measure.direction);
                shown.bold.clone_from(&verdict.best[index]);
                shown.daggers = sheet.incomparable(key);
            }
            human.push(shown);
        }
    }
    let mut footnotes = sheet.general_footnotes();
    footnotes.extend(sheet.remarks());
    Ok(Table {
        caption: sheet.caption(&verdict),
        frame: frame(&name, columns)?,
        columns: human,
        across: sheet.table.layout == Layout::RunsAcross,
        footnotes,
        name,
    })
}

/// What each row is: the source's name, and the experiment that measures it.
fn run_columns(sheet: &Sheet<'_>) -> (Vec<Column>, Vec<HumanColumn>) {
    let entries = || sheet.entries.iter();
    let records = || entries().map(|entry| Some(entry.group?.record()));
    let seeds = || entries().map(|entry| Some(entry.group?.seeds.len() as u64));
    let shown: Vec<Option<String>> = entries().map(|entry| sheet.shown(entry)).collect();
    let columns = vec![
        texts("row", entries().map(|entry| entry.title.as_str())),
        optional_texts("name", records().map(|record| Some(record?.name.as_str()))),
        optional_texts("dataset", records().map(|record| Some(record?.dataset.as_str()))),
        optional_texts("experiment", records().map(|record| Some(record?.experiment.as_str()))),
        counts("seeds", seeds()),
        optional_texts("shown", shown.iter().map(Option::as_deref)),
    ];
    let mut human = vec![text_column("Model", "row")];
    let mut datasets: Vec<&str> =
        records().flatten().map(|record| record.dataset.as_str()).collect();
    datasets.dedup();
    if datasets.len() > 1 {
        human.push(text_column("Dataset", "dataset"));
    }
    if sheet.shared_seeds().is_none() && seeds().flatten().any(|seeds| seeds > 1) {
        human.push(count_column("Seeds", "seeds"));
    }
    if sheet.shared_shown().is_none() && shown.iter().any(Option::is_some) {
        human.push(text_column("Measured", "shown"));
    }
    (columns, human)
}

/// Adds the machine columns of some numbers, that of the deviation only where there is one.
fn number_columns(
    columns: &mut Vec<Column>,
    column: String,
    samples: &[Option<Sample>],
    decimals: Decimals,
) -> Content {
    let samples = || samples.iter().map(Option::as_ref);
    columns.push(numbers(&column, samples().map(|sample| Some(sample?.mean))));
    if samples().flatten().all(|sample| sample.std.is_none()) {
        return Content::Number { column, decimals };
    }
    let std = format!("{column}_std");
    columns.push(numbers(&std, samples().map(|sample| sample?.std)));
    Content::Estimate { mean: column, std, interval: None, n: None, decimals }
}

/// Published values keep the digits they were given in.
fn decimals(sheet: &Sheet<'_>, key: &str, score: Score) -> Decimals {
    match score {
        Score::Published => Decimals::AsGiven,
        Score::Measured | Score::Untrained => {
            let measure = sheet.measure(key);
            Decimals::Fixed(measure.map_or(UNKNOWN_DECIMALS, |measure| measure.decimals))
        }
    }
}
