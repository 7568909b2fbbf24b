//! Exit codes: 0 done; 1 a run failed or diverged; 2 bad usage or configuration; 3 bad or missing
//! input; 4 environment (library, device, disk, network).

use std::process::ExitCode;

use bench_metrics::MetricsError;
use bench_reports::ReportError;

use bench_data::dataset_files::DatasetFilesError;
use bench_data::datasets::DataError;
use bench_data::download::DownloadError;
use bench_data::files::FileError;
use bench_formats::FormatError;
use bench_onnx::OnnxError;

/// A run failed or diverged; the rest finished.
pub const RUN_FAILED: u8 = 1;
/// Bad usage or configuration.
pub const USAGE: u8 = 2;
/// Bad or missing input.
pub const INPUT: u8 = 3;
/// A library, a device, the disk or the network is at fault.
pub const ENVIRONMENT: u8 = 4;

/// An error whose exit code is known where it arises.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// One or more runs failed; their reasons have been reported.
    pub fn run(message: impl Into<String>) -> Self {
        Self { code: RUN_FAILED, message: message.into() }
    }

    /// The user asked for something that cannot be.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into() }
    }

    /// A library, a device, the disk or the network is at fault.
    pub fn environment(message: impl Into<String>) -> Self {
        Self { code: ENVIRONMENT, message: message.into() }
    }

    /// The input is missing or bad.
    pub fn input(message: impl Into<String>) -> Self {
        Self { code: INPUT, message: message.into() }
    }
}

/// The exit code that `error` stands for.
pub fn code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(error.chain().find_map(known_code).unwrap_or(RUN_FAILED))
}

fn known_code(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return Some(failure.code);
    }
    if let Some(error) = error.downcast_ref::<MetricsError>() {
        return Some(match error {
            MetricsError::Runtime { .. } | MetricsError::Convolutions { .. } => ENVIRONMENT,
            MetricsError::Parameter { .. }
            | MetricsError::Setting { .. }
            | MetricsError::UnknownName { .. }
            | MetricsError::MissingLogits { .. } => USAGE,
            _ => INPUT,
        });
    }
    if error.is::<DataError>() || error.is::<FormatError>() || error.is::<OnnxError>() {
        return Some(INPUT);
    }
    if let Some(error) = error.downcast_ref::<ReportError>() {
        return Some(match error {
            ReportError::UnknownRun { .. }
            | ReportError::AmbiguousRun { .. }
            | ReportError::NotComparable { .. } => USAGE,
            _ => INPUT,
        });
    }
    if let Some(error) = error.downcast_ref::<FileError>() {
        return Some(file_code(error));
    }
    if let Some(error) = error.downcast_ref::<DownloadError>() {
        return Some(download_code(error));
    }
    if let Some(error) = error.downcast_ref::<DatasetFilesError>() {
        return Some(match error {
            DatasetFilesError::DiskFull { .. } => ENVIRONMENT,
            DatasetFilesError::Unknown { .. } | DatasetFilesError::Differs { .. } => INPUT,
            DatasetFilesError::Download(error) => download_code(error),
            DatasetFilesError::File(error) => file_code(error),
        });
    }
    #[cfg(feature = "train")]
    if let Some(code) = training_code(error) {
        return Some(code);
    }
    None
}

#[cfg(feature = "train")]
fn training_code(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    use crate::training::error::{ConfigError, RunError};
    use bench_models::ModelError;

    if let Some(error) = error.downcast_ref::<RunError>() {
        return match error {
            RunError::Config(error) => known_code(error),
            RunError::Data(error) => known_code(error),
            RunError::Metrics(error) => known_code(error),
            RunError::Model(error) => known_code(error),
            RunError::File(error) => known_code(error),
            RunError::Report(error) => known_code(error),
            RunError::Features(error) => error.chain().find_map(known_code),
        };
    }
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        return Some(match error {
            ConfigError::Invalid(_) => USAGE,
            ConfigError::Unusable { .. } => INPUT,
        });
    }
    error.downcast_ref::<ModelError>().map(|error| match error {
        ModelError::Device { .. } => ENVIRONMENT,
        ModelError::Recipe { .. } => USAGE,
        ModelError::TrainingSet(_) | ModelError::Checkpoint { .. } => INPUT,
        ModelError::Diverged { .. } | ModelError::Torch(_) => RUN_FAILED,
    })
}

fn download_code(error: &DownloadError) -> u8 {
    match error {
        DownloadError::Unreachable { .. } => ENVIRONMENT,
        DownloadError::Occupied { .. } => INPUT,
        DownloadError::File(error) => file_code(error),
    }
}

fn file_code(error: &FileError) -> u8 {
    if error.is_write() { ENVIRONMENT } else { INPUT }
}
