//! Tables of a source, as its authors laid them out: what it published, and which run measures which row anew.

use serde::{Deserialize, Serialize};

use crate::record::MetricValues;

/// A table of a source. A record holds it whole, so that a report knows the rows of runs that were left out, too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedTable {
    /// What its file is called after the suite's name, such as `table-1`.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Where the source shows it, such as `Toh 2024, Table 1`.
    pub source: String,
    /// How the published values came about, as far as the source says.
    pub protocol: Option<String>,
    /// Which way runs are laid out.
    pub layout: Layout,
    /// Keys of the metrics it shows, such as `fid`, in the source's order.
    pub metrics: Vec<String>,
    /// One entry a run, in the source's order.
    pub rows: Vec<PublishedRow>,
}

/// What a source says of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedRow {
    /// The source's name for it.
    pub title: String,
    /// The published values by metric key; a key that is absent was not published.
    pub published: MetricValues,
}

/// Which way the runs of a table are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A row for each run, columns for the metrics.
    #[default]
    RunsDown,
    /// A column for each run, rows for the metrics.
    RunsAcross,
}

/// The row of a published table that a run measures anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The table.
    pub table: PublishedTable,
    /// Index into its rows.
    pub row: usize,
}
