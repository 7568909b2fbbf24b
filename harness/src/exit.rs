//! What the program ends with, which stands here alone: other modules say what went wrong, and commands alone say it with
//! a [`Failure`].
//!
//! Exit codes: 0 done; 1 a run failed or diverged; 2 bad usage or configuration; 3 bad or missing
//! input; 4 environment (library, device, disk, network, a folder in use); 5 stopped by a signal, and saved.

use std::error::Error;

use bench_data::dataset_files::DatasetFilesError;
use bench_data::datasets::DataError;
use bench_data::download::DownloadError;
use bench_data::files::FileError;
use bench_formats::FormatError;
use bench_metrics::MetricsError;
use bench_onnx::OnnxError;
use bench_reports::ReportError;

use crate::device::DeviceError;
use crate::evaluation::EvaluationError;
use crate::inception::InceptionError;

/// All is done.
pub const DONE: u8 = 0;
/// A run failed or diverged; the rest finished.
pub const RUN_FAILED: u8 = 1;
/// Bad usage or configuration.
pub const USAGE: u8 = 2;
/// Bad or missing input.
pub const INPUT: u8 = 3;
/// A library, a device, the disk or the network is at fault.
pub const ENVIRONMENT: u8 = 4;
/// A signal stopped the training, whose state is saved: the same command goes on.
pub const STOPPED: u8 = 5;

/// What a command finds wrong by itself.
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
pub fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(known).unwrap_or(RUN_FAILED)
}

/// The code of an error of a known type.
fn known(error: &(dyn Error + 'static)) -> Option<u8> {
    #[cfg(feature = "train")]
    if let Some(code) = training::known(error) {
        return Some(code);
    }
    None.or_else(|| error.downcast_ref().map(|failure: &Failure| failure.code))
        .or_else(|| error.downcast_ref().map(of_data))
        .or_else(|| error.downcast_ref().map(of_dataset_files))
        .or_else(|| error.downcast_ref().map(of_device))
        .or_else(|| error.downcast_ref().map(of_download))
        .or_else(|| error.downcast_ref().map(of_evaluation))
        .or_else(|| error.downcast_ref().map(of_file))
        .or_else(|| error.downcast_ref().map(of_format))
        .or_else(|| error.downcast_ref().map(of_inception))
        .or_else(|| error.downcast_ref().map(of_metrics))
        .or_else(|| error.downcast_ref().map(of_onnx))
        .or_else(|| error.downcast_ref().map(of_report))
}

fn of_data(error: &DataError) -> u8 {
    match error {
        DataError::Option { .. } => USAGE,
        DataError::Array(error) => of_format(error),
        DataError::File(error) => of_file(error),
        DataError::UnknownDataset { .. }
        | DataError::UnknownSplit { .. }
        | DataError::NotFound { .. }
        | DataError::Malformed { .. }
        | DataError::Source { .. } => INPUT,
    }
}

fn of_dataset_files(error: &DatasetFilesError) -> u8 {
    match error {
        DatasetFilesError::DiskFull { .. } => ENVIRONMENT,
        DatasetFilesError::Unknown { .. } | DatasetFilesError::Differs { .. } => INPUT,
        DatasetFilesError::Download(error) => of_download(error),
        DatasetFilesError::File(error) => of_file(error),
    }
}

fn of_device(_: &DeviceError) -> u8 {
    ENVIRONMENT
}

fn of_download(error: &DownloadError) -> u8 {
    match error {
        DownloadError::Unreachable { .. } => ENVIRONMENT,
        DownloadError::Occupied { .. } => INPUT,
        DownloadError::File(error) => of_file(error),
    }
}

fn of_evaluation(error: &EvaluationError) -> u8 {
    match error {
        EvaluationError::NotOfInception
        | EvaluationError::SeveralExtractors
        | EvaluationError::WeightsOfSeveral
        | EvaluationError::SameExtractor { .. } => USAGE,
        EvaluationError::MissingWeights
        | EvaluationError::MissingNetwork { .. }
        | EvaluationError::OtherExtractor { .. }
        | EvaluationError::OtherDimension { .. } => INPUT,
        EvaluationError::Split { reason, .. } => of_metrics(reason),
        EvaluationError::Data(error) => of_data(error),
        EvaluationError::Format(error) => of_format(error),
        EvaluationError::File(error) => of_file(error),
        EvaluationError::Inception(error) => of_inception(error),
        EvaluationError::Metrics(error) => of_metrics(error),
        EvaluationError::Report(error) => of_report(error),
    }
}

fn of_file(error: &FileError) -> u8 {
    if error.is_write() { ENVIRONMENT } else { INPUT }
}

fn of_format(_: &FormatError) -> u8 {
    INPUT
}

fn of_inception(error: &InceptionError) -> u8 {
    match error {
        InceptionError::NoCache => ENVIRONMENT,
        InceptionError::Download(error) => of_download(error),
        InceptionError::File(error) => of_file(error),
        InceptionError::Metrics(error) => of_metrics(error),
    }
}

fn of_metrics(error: &MetricsError) -> u8 {
    match error {
        MetricsError::Runtime { .. }
        | MetricsError::Convolutions { .. }
        | MetricsError::Device { .. }
        | MetricsError::DeviceMemory { .. } => ENVIRONMENT,
        MetricsError::Parameter { .. }
        | MetricsError::Setting { .. }
        | MetricsError::UnknownName { .. }
        | MetricsError::MissingLogits { .. } => USAGE,
        _ => INPUT,
    }
}

fn of_onnx(_: &OnnxError) -> u8 {
    INPUT
}

fn of_report(error: &ReportError) -> u8 {
    match error {
        ReportError::UnknownRun { .. }
        | ReportError::AmbiguousRun { .. }
        | ReportError::NotComparable { .. } => USAGE,
        _ => INPUT,
    }
}

#[cfg(feature = "train")]
mod training {
    use std::error::Error;

    use bench_models::ModelError;

    use super::*;
    use crate::cluster::error::ClusterError;
    use crate::training::error::{ConfigError, RunError};

    pub(super) fn known(error: &(dyn Error + 'static)) -> Option<u8> {
        None.or_else(|| error.downcast_ref().map(of_cluster))
            .or_else(|| error.downcast_ref().map(of_config))
            .or_else(|| error.downcast_ref().map(of_model))
            .or_else(|| error.downcast_ref().map(of_run))
    }

    fn of_cluster(error: &ClusterError) -> u8 {
        match error {
            ClusterError::Invalid(_) | ClusterError::Refused { .. } => USAGE,
            ClusterError::Plan { .. } | ClusterError::OtherRun { .. } => INPUT,
            ClusterError::Missing { .. }
            | ClusterError::Unanswered { .. }
            | ClusterError::Stuck { .. } => ENVIRONMENT,
            ClusterError::File(error) => of_file(error),
        }
    }

    fn of_config(error: &ConfigError) -> u8 {
        match error {
            ConfigError::Invalid(_) => USAGE,
            ConfigError::Unusable { .. } => INPUT,
        }
    }

    fn of_model(error: &ModelError) -> u8 {
        match error {
            ModelError::Device { .. } | ModelError::Write { .. } => ENVIRONMENT,
            ModelError::Torch(_) if error.is_out_of_memory() || error.is_lost_device() => {
                ENVIRONMENT
            }
            ModelError::Recipe { .. } => USAGE,
            ModelError::TrainingSet(_) | ModelError::Checkpoint { .. } => INPUT,
            ModelError::Diverged { .. } | ModelError::Torch(_) => RUN_FAILED,
        }
    }

    fn of_run(error: &RunError) -> u8 {
        match error {
            RunError::Config(error) => of_config(error),
            RunError::Data(error) => of_data(error),
            RunError::Metrics(error) => of_metrics(error),
            RunError::Model(error) => of_model(error),
            RunError::File(error) => of_file(error),
            RunError::Report(error) => of_report(error),
            RunError::Features(error) => of_evaluation(error),
            RunError::InUse { .. }
            | RunError::LostDevice { .. }
            | RunError::OutOfMemory { .. }
            | RunError::Process { .. } => ENVIRONMENT,
            RunError::Stopped { .. } => STOPPED,
        }
    }
}

#[cfg(test)]
mod tests;
