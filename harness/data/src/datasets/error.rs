//! Why a dataset or a source of images could not be used.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::files::FileError;
use crate::nearest::nearest;

use super::DATASETS;

/// Bad or missing input images: what, where, why, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// No dataset of that name.
    #[error(
        "unknown dataset `{name}`{}; the datasets are {}, or the path of a folder or .zip of images",
        nearest(name, known_names()),
        known_datasets()
    )]
    UnknownDataset {
        /// The name asked for.
        name: String,
    },
    /// No split of that name.
    #[error("unknown split `{split}`; use `train` or `test`")]
    UnknownSplit {
        /// The name asked for.
        split: String,
    },
    /// The dataset's files are nowhere to be found.
    #[error(
        "dataset `{name}` was not found; {}{}{hint}",
        looked_at_lines(looked_at),
        fetch_hint(name)
    )]
    NotFound {
        /// The dataset.
        name: String,
        /// The paths that were tried, in order.
        looked_at: Vec<PathBuf>,
        /// What to do.
        hint: &'static str,
    },
    /// A file is there and is not what its layout says.
    #[error("{} is not usable: {reason}; {hint}", path.display())]
    Malformed {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// An array of images or statistics cannot be used.
    #[error(transparent)]
    Array(#[from] bench_formats::FormatError),
    /// An option of the load is out of range.
    #[error("cannot load images with this {option}: {reason}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// Why it is refused.
        reason: String,
    },
    /// The text names neither images on the disk nor a dataset split.
    #[error("cannot use `{text}` as a source of images: {reason}")]
    Source {
        /// The text as given.
        text: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A single file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
}

impl DataError {
    pub(super) fn unknown_dataset(name: &str) -> Self {
        Self::UnknownDataset { name: name.to_owned() }
    }

    pub(super) fn malformed(path: &Path, reason: impl Into<String>, hint: &'static str) -> Self {
        Self::Malformed { path: path.to_owned(), reason: reason.into(), hint }
    }
}

fn known_names() -> impl Iterator<Item = &'static str> {
    DATASETS.iter().map(|source| source.name())
}

fn known_datasets() -> String {
    known_names().collect::<Vec<_>>().join(", ")
}

fn fetch_hint(name: &str) -> String {
    let mut published = DATASETS.iter().filter(|source| source.published().is_some());
    match published.any(|source| source.name() == name) {
        true => format!("run `bench data fetch {name} --data DIR`, or "),
        false => String::new(),
    }
}

fn looked_at_lines(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "no data folder was given; ".to_owned();
    }
    let mut text = "looked at\n".to_owned();
    for path in paths {
        let _ = writeln!(text, "  {}", path.display());
    }
    text
}
