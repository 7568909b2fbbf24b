//! The tables of a report: one file each, one line each in [`TABLES`].

pub mod by_variant;
pub(crate) mod columns;
pub mod comparison;
pub mod leaderboard;
pub mod published;
mod remarks;
pub(crate) mod setting;

pub(crate) use remarks::{sentence, stopped};

use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::formats::Format;
use crate::results::Results;
use crate::table::Table;

/// A table that can be made of results.
pub trait Tabulation: Sync {
    /// What its file names start with, such as `comparison`.
    fn name(&self) -> &'static str;

    /// One line on what it shows.
    fn doc(&self) -> &'static str;

    /// Every table of this kind; none where these results give it nothing to show.
    ///
    /// # Errors
    /// [`ReportError::Table`] when the data frame cannot be built.
    fn build(&self, results: &Results) -> Result<Vec<Table>, ReportError>;
}

/// Every kind of table, in the order of the report.
pub const TABLES: &[&dyn Tabulation] = &[
    &comparison::Comparison,
    &published::Published,
    &by_variant::ByVariant,
    &leaderboard::Leaderboard,
];

/// Every table these results give, in the order of [`TABLES`].
pub(crate) fn build_all(results: &Results) -> Result<Vec<Table>, ReportError> {
    let mut tables = Vec::new();
    for tabulation in TABLES {
        tables.extend(tabulation.build(results)?);
    }
    Ok(tables)
}

/// A table in these formats, under `tables/`.
pub(crate) fn artifacts(
    table: &Table,
    formats: &[&dyn Format],
) -> Result<Vec<Artifact>, ReportError> {
    formats
        .iter()
        .map(|format| {
            Ok(Artifact {
                path: format!("tables/{}.{}", table.name, format.extension()).into(),
                bytes: format.render(table)?.into_bytes(),
            })
        })
        .collect()
}
