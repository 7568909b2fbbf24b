//! What can go wrong between a results folder and its tables and figures.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::record::SCHEMA;

/// An error of this crate; its text fits after "failed to draw the report: ".
#[derive(Debug, Error)]
pub enum ReportError {
    /// A file or folder of a run cannot be read.
    #[error("cannot read {}: {reason} (check that the results folder is complete and readable)", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },

    /// A `record.json` is not a record.
    #[error("{}: not a run record: {reason} (delete this run's folder and run it again)", path.display())]
    Record {
        /// The record's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// A `record.json` was written under another schema.
    #[error("{}: record schema {found} is unknown, this program reads schemas 1 and {known} (use the version of the program that made these results, or run them again)", path.display(), known = SCHEMA)]
    SchemaVersion {
        /// The record's file.
        path: PathBuf,
        /// The schema the file states.
        found: u64,
    },

    /// A `tables.json` is not a list of published tables.
    #[error("{}: not the published tables of a suite: {reason} (delete the file and run `bench all` again, which writes it)", path.display())]
    Tables {
        /// The tables' file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// A `manifest.json` does not parse.
    #[error("{}: not a manifest: {reason} (the run is shown without the hashes it held; run it again to have them)", path.display())]
    Manifest {
        /// The manifest's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// A `losses.csv` or `metrics.csv` does not parse.
    #[error("{}: not a valid history: {reason} (delete this run's folder and run it again)", path.display())]
    History {
        /// The history's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// There is nothing to report on.
    #[error(
        "no finished runs to report on (run `bench all` first, or name the folder that holds its results)"
    )]
    NoRuns,

    /// No run goes by a name.
    #[error(
        "no run is called `{name}`; there are {known} (give a name, suite/name, or the first 4 or more digits of an experiment)"
    )]
    UnknownRun {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },

    /// Several experiments go by a name.
    #[error(
        "`{name}` may be any of {found} (give suite/name or the first 4 or more digits of the experiment)"
    )]
    AmbiguousRun {
        /// What was asked for.
        name: String,
        /// What it may be.
        found: String,
    },

    /// Two experiments were not measured alike.
    #[error(
        "`{a}` and `{b}` are not comparable: {reasons} (compare runs on the same images, scored alike; budget and steps may differ)"
    )]
    NotComparable {
        /// The first one.
        a: String,
        /// The second one.
        b: String,
        /// What differs.
        reasons: String,
    },

    /// A table could not be built or rendered.
    #[error(
        "cannot build the table {table}: {reason} (this is a defect of the report, the records are intact)"
    )]
    Table {
        /// The table's name.
        table: String,
        /// What the data frame library said.
        reason: String,
    },

    /// A figure could not be painted or encoded.
    #[error(
        "cannot draw {figure}: {reason} (this is a defect of the report, the records are intact)"
    )]
    Figure {
        /// The figure's name.
        figure: String,
        /// What the plotting or image library said.
        reason: String,
    },

    /// A sample grid of a run is not a readable PNG.
    #[error("{}: not a readable PNG: {reason} (delete the file, or sample this run again)", path.display())]
    Samples {
        /// The grid's file.
        path: PathBuf,
        /// What the image library said.
        reason: String,
    },

    /// A picture of a run, or the note of what it shows, is not readable.
    #[error("{}: not a readable picture: {reason} (delete the pictures and give the run's command again)", path.display())]
    Picture {
        /// The picture's or the note's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// The pixels handed to [`crate::grid::sample_grid`] do not have the shape stated.
    #[error(
        "cannot lay out a sample grid: {reason} (pass n x height x width x channels bytes with 1 or 3 channels)"
    )]
    GridShape {
        /// What does not fit.
        reason: String,
    },
}

impl ReportError {
    pub(crate) fn picture(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Picture { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn read(path: &Path, reason: std::io::Error) -> Self {
        Self::Read { path: path.to_owned(), reason }
    }

    pub(crate) fn record(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Record { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn tables(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Tables { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn manifest(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Manifest { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn history(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::History { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn table(table: &str, reason: impl std::fmt::Display) -> Self {
        Self::Table { table: table.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn figure(figure: &str, reason: impl std::fmt::Display) -> Self {
        Self::Figure { figure: figure.to_owned(), reason: reason.to_string() }
    }
}
