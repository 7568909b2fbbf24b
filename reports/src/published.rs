//! Tables of a source, as its authors laid them out: what it published, and which run measures which row anew.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::ReportError;
use crate::picture::AskedPicture;
use crate::record::MetricValues;

/// The published tables of one suite (`results/<suite>/tables.json`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SuiteTables {
    /// The tables, in the order of the report; their ids differ.
    pub tables: Vec<PublishedTable>,
    /// The figures, in the order of the report; their ids differ.
    pub figures: Vec<SuiteFigure>,
}

/// How [`SuiteTables`] lie on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TablesFile<T, F: Default> {
    schema: u64,
    tables: T,
    /// Absent from what was written before sources' figures were drawn.
    #[serde(default)]
    figures: F,
}

impl SuiteTables {
    /// What the file in the suite's folder is called.
    pub const FILE: &str = "tables.json";

    /// The schema of the file.
    pub const SCHEMA: u64 = 1;

    /// The tables as indented JSON with a final newline; equal tables are equal bytes.
    ///
    /// # Errors
    /// [`ReportError::Tables`] naming `path` when they cannot be written as JSON.
    pub fn to_json(&self, path: &Path) -> Result<Vec<u8>, ReportError> {
        let file = TablesFile {
            schema: Self::SCHEMA,
            tables: &self.tables,
            figures: self.figures.as_slice(),
        };
        let mut json =
            serde_json::to_vec_pretty(&file).map_err(|error| ReportError::tables(path, error))?;
        json.push(b'\n');
        Ok(json)
    }

    /// Parses the file; `path` is only named in errors.
    ///
    /// # Errors
    /// [`ReportError::Tables`] for anything but tables of [`Self::SCHEMA`].
    pub fn from_json(json: &[u8], path: &Path) -> Result<Self, ReportError> {
        let file: TablesFile<Vec<PublishedTable>, Vec<SuiteFigure>> =
            serde_json::from_slice(json).map_err(|error| ReportError::tables(path, error))?;
        if file.schema != Self::SCHEMA {
            let reason = format!("schema {} where {} is known", file.schema, Self::SCHEMA);
            return Err(ReportError::tables(path, reason));
        }
        Ok(Self { tables: file.tables, figures: file.figures })
    }

    /// The table with this id.
    pub fn find(&self, id: &str) -> Option<&PublishedTable> {
        self.tables.iter().find(|table| table.id == id)
    }
}

/// A table of a source.
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
    /// Which of a run's scores the source shows, and so the table too.
    #[serde(default)]
    pub reports: Reports,
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

/// A figure of a source, drawn of the runs that measure it anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteFigure {
    /// What its file is called after the suite's name, such as `figure-6`.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Where the source shows it, such as `Bhope et al. 2019, figure 6`.
    pub source: String,
    /// What is drawn over the steps: columns of `losses.csv`, such as `loss_d_real`, and keys of measures, such as `fid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<String>,
    /// The picture of each run that is shown in the place of curves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<AskedPicture>,
    /// What each panel is of.
    #[serde(default)]
    pub panels: Arrangement,
    /// The runs, in the source's order; of a picture of training images, which runs share, any one where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<FigureRow>,
}

impl SuiteFigure {
    /// Whether the run called `name` is one of its own.
    #[must_use]
    pub fn shows_run(&self, name: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|row| row.run == name)
    }
}

/// One run of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureRow {
    /// The source's name for it.
    pub title: String,
    /// The run's name in its suite.
    pub run: String,
}

/// What the panels of a figure are of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrangement {
    /// A panel for each quantity, with a line a run.
    #[default]
    Curves,
    /// A panel for each run, with a line a quantity.
    Runs,
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

/// Which of a run's evaluations a source reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reports {
    /// The one after the last step.
    #[default]
    Last,
    /// The best one.
    Best,
}

/// The row of a published table that a run measures anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Id of a table of the run's suite.
    pub table: String,
    /// Index into its rows.
    pub row: usize,
}
