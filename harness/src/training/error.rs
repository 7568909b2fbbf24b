//! What can go wrong between a suite and a record.

use std::path::{Path, PathBuf};

use bench_data::datasets::DataError;
use bench_data::files::FileError;
use bench_metrics::MetricsError;
use bench_models::ModelError;
use bench_reports::ReportError;

use crate::evaluation::EvaluationError;

/// A suite or a configuration that cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It says what cannot be.
    #[error("{0}")]
    Invalid(String),
    /// The file that should hold it cannot be used.
    #[error("cannot use {}: {reason}; {hint}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What would help.
        hint: &'static str,
    },
}

impl ConfigError {
    /// It says what cannot be, for the reason `text`.
    pub(crate) fn invalid(text: impl std::fmt::Display) -> Self {
        Self::Invalid(text.to_string())
    }

    /// The file at `path` cannot be used.
    pub(crate) fn unusable(
        path: &Path,
        reason: impl std::fmt::Display,
        hint: &'static str,
    ) -> Self {
        Self::Unusable { path: path.to_owned(), reason: reason.to_string(), hint }
    }
}

/// A run that cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its configuration cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its images cannot be had.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Its images cannot be scored.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// It cannot be trained.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A file of its folder cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its records cannot be read or written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Features of reference images cannot be had.
    #[error(transparent)]
    Features(#[from] EvaluationError),
    /// Another process is at work in its folder.
    #[error(
        "{} is in use by {owner}; wait until it has ended, or give another --out",
        folder.display()
    )]
    InUse {
        /// The run's folder.
        folder: PathBuf,
        /// Who that is.
        owner: String,
    },
    /// Its device has too little memory for its steps.
    #[error(
        "{reason}; steps take {images} images at once, so give smaller batches (`--set batch_size={half} --set \
         accumulate={twice}` makes updates of as many images), smaller images or fewer runs on {device}",
        half = images.div_ceil(2), twice = 2 * accumulate
    )]
    OutOfMemory {
        /// What libtorch said, which names bytes.
        reason: String,
        /// Its name on the command line.
        device: String,
        /// Images of a batch.
        images: usize,
        /// Batches of an update.
        accumulate: u64,
    },
    /// Its device failed or is gone.
    #[error(
        "{device} failed in training: {reason}; {kept}, and the same command goes on from there once the device works \
         (`bench doctor` tries it)"
    )]
    LostDevice {
        /// Its name on the command line.
        device: String,
        /// What libtorch said.
        reason: String,
        /// What is saved.
        kept: String,
    },
    /// A signal stopped it.
    #[error("stopped by a signal; what is done is saved, and the same command goes on: {command}")]
    Stopped {
        /// The command.
        command: String,
    },
    /// A process that carries out one of several runs met what leaves the others no chance, or could not be started.
    #[error("{reason}")]
    Process {
        /// What it was.
        reason: String,
    },
}

impl RunError {
    /// Whether the runs after it would fare no better in this process: the user stopped the program, another one is at work on
    /// the same results, the device is lost, or nothing can be written.
    pub fn ends_queue(&self) -> bool {
        match self {
            Self::InUse { .. }
            | Self::LostDevice { .. }
            | Self::Stopped { .. }
            | Self::Process { .. } => true,
            Self::File(error) => error.is_write(),
            _ => false,
        }
    }
}
