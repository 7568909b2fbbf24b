//! The tables of a report: one file each, one line each in [`TABLES`].

pub mod by_variant;
pub mod comparison;
pub mod published;
mod remarks;

use polars::prelude::{Column, DataFrame};

use crate::artifact::Artifact;
use crate::cohort::{caveat, count_range};
use crate::error::ReportError;
use crate::formats::FORMATS;
use crate::results::Results;
use crate::run::Run;
use crate::table::{Content, HumanColumn, Table};

/// A table that can be made of runs.
pub trait Tabulation: Sync {
    /// What its file names start with, such as `comparison`.
    fn name(&self) -> &'static str;

    /// One line on what it shows.
    fn doc(&self) -> &'static str;

    /// Every table of this kind; none where these runs give it nothing to show.
    ///
    /// # Errors
    /// [`ReportError::Table`] when the data frame cannot be built.
    fn build(&self, results: &Results) -> Result<Vec<Table>, ReportError>;
}

/// Every kind of table, in the order of the report.
pub const TABLES: &[&dyn Tabulation] =
    &[&comparison::Comparison, &published::Published, &by_variant::ByVariant];

/// Every table these runs give, in the order of [`TABLES`].
pub(crate) fn build_all(results: &Results) -> Result<Vec<Table>, ReportError> {
    let mut tables = Vec::new();
    for tabulation in TABLES {
        tables.extend(tabulation.build(results)?);
    }
    Ok(tables)
}

/// A table in every format, under `tables/`.
pub(crate) fn artifacts(table: &Table) -> Result<Vec<Artifact>, ReportError> {
    FORMATS
        .iter()
        .map(|format| {
            Ok(Artifact {
                path: format!("tables/{}.{}", table.name, format.extension()).into(),
                bytes: format.render(table)?.into_bytes(),
            })
        })
        .collect()
}

/// What a run was, as far as it decides which rows may be compared: machine column, heading, value.
type Setting = (&'static str, &'static str, fn(&Run) -> &str);

/// Settings that a caption states once where all runs share them, and that are columns where they do not.
const SETTINGS: &[Setting] = &[
    ("suite", "Suite", |run| &run.record.suite),
    ("dataset", "Dataset", |run| &run.record.dataset),
    ("budget", "Budget", |run| &run.record.budget),
    ("protocol", "Protocol", |run| &run.record.protocol),
    ("extractor", "Extractor", |run| &run.record.extractor),
];

fn shared<'a>(runs: &[&'a Run], value: fn(&Run) -> &str) -> Option<&'a str> {
    let first = value(runs.first()?);
    runs.iter().all(|run| value(run) == first).then_some(first)
}

/// Human columns for the settings that differ between runs.
fn setting_columns(runs: &[&Run]) -> Vec<HumanColumn> {
    SETTINGS
        .iter()
        .filter(|(_, _, value)| shared(runs, *value).is_none())
        .map(|(column, heading, _)| text_column(heading, column))
        .collect()
}

/// The settings all runs share, the sample counts, and whether the numbers may be read beside published ones.
fn setting_sentences(runs: &[&Run]) -> String {
    let mut facts: Vec<String> = SETTINGS
        .iter()
        .filter_map(|(_, heading, value)| {
            Some(format!("{} {}", heading.to_lowercase(), shared(runs, *value)?))
        })
        .collect();
    if let Some(count) = count_range(runs.iter().filter_map(|run| run.record.n_generated)) {
        facts.push(format!("{count} generated images"));
    }
    if let Some(count) = count_range(runs.iter().filter_map(|run| run.record.n_reference)) {
        facts.push(format!("{count} reference images"));
    }
    let mut sentences = capitalised(&facts.join(", "));
    sentences.push('.');
    if let Some(caveat) = caveat(runs.iter().map(|run| &run.record)) {
        sentences.push(' ');
        sentences.push_str(caveat);
    }
    sentences
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn text_column(title: &str, column: &str) -> HumanColumn {
    HumanColumn {
        title: title.to_owned(),
        unit: None,
        direction: None,
        content: Content::Text(column.to_owned()),
    }
}

fn number_column(
    title: &str,
    unit: Option<&'static str>,
    column: &str,
    decimals: usize,
) -> HumanColumn {
    HumanColumn {
        unit,
        content: Content::Number { column: column.to_owned(), decimals },
        ..text_column(title, column)
    }
}

fn count_column(title: &str, column: &str) -> HumanColumn {
    HumanColumn { content: Content::Count(column.to_owned()), ..text_column(title, column) }
}

fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

fn counts(name: &str, values: impl Iterator<Item = Option<u64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    let finite = values.map(|value| value.filter(|number| number.is_finite()));
    Column::new(name.into(), finite.collect::<Vec<_>>())
}

fn frame(table: &str, columns: Vec<Column>) -> Result<DataFrame, ReportError> {
    DataFrame::new_infer_height(columns).map_err(|error| ReportError::table(table, error))
}
