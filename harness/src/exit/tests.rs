use std::io;
use std::path::{Path, PathBuf};

use bench_data::download::FileDigests;
use bench_data::files::DecodeError;
use bench_metrics::ExtractorIdentity;
use bench_metrics::extractor::ConvolutionsError;

use super::*;

fn path() -> PathBuf {
    "file".into()
}

fn text() -> String {
    "text".to_owned()
}

fn full() -> io::Error {
    io::ErrorKind::StorageFull.into()
}

fn unreadable() -> FileError {
    FileError::io("read", Path::new("file"), full())
}

fn unwritable() -> FileError {
    FileError::io("write", Path::new("file"), full())
}

fn unreachable() -> DownloadError {
    DownloadError::Unreachable { label: text(), failures: vec![], by_hand: text() }
}

fn no_runtime() -> MetricsError {
    MetricsError::Runtime { path: path(), reason: text() }
}

/// Every error has its code alone and below a context.
fn assert_codes<E: Error + Send + Sync + 'static>(table: impl IntoIterator<Item = (E, u8)>) {
    for (error, expected) in table {
        let name = format!("{error:?}");
        let error = anyhow::Error::new(error);
        assert_eq!(code(&error), expected, "{name}");
        assert_eq!(code(&error.context("failed to go on")), expected, "{name} with a context");
    }
}

#[test]
fn failures_say_their_code() {
    assert_codes([
        (Failure::run("text"), 1),
        (Failure::usage("text"), 2),
        (Failure::input("text"), 3),
        (Failure::environment("text"), 4),
    ]);
    assert_eq!(code(&anyhow::anyhow!("of no known type")), 1);
}

#[test]
fn what_cannot_be_read_is_input_and_what_cannot_be_written_environment() {
    let image = FileError::Image { path: path(), reason: DecodeError::Empty };
    let archive = FileError::Archive { path: path(), reason: text() };
    let unlistable = FileError::io("list folder", Path::new("folder"), full());
    let no_folder = FileError::io("create folder", Path::new("folder"), full());
    assert_codes([
        (unreadable(), 3),
        (unlistable, 3),
        (image, 3),
        (archive, 3),
        (unwritable(), 4),
        (no_folder, 4),
    ]);
}

#[test]
fn data() {
    let hint = "hint";
    let option = "option";
    assert_codes([
        (DataError::UnknownDataset { name: text() }, 3),
        (DataError::UnknownSplit { split: text() }, 3),
        (DataError::NotFound { name: text(), looked_at: vec![], hint }, 3),
        (DataError::Malformed { path: path(), reason: text(), hint }, 3),
        (DataError::Array(FormatError::Unusable { path: path(), reason: text(), hint }), 3),
        (DataError::Option { option, reason: text() }, 2),
        (DataError::Source { text: text(), reason: text() }, 3),
        (DataError::File(unreadable()), 3),
        (DataError::File(unwritable()), 4),
    ]);
}

#[test]
fn downloads_and_published_files() {
    assert_codes([
        (unreachable(), 4),
        (DownloadError::Occupied { path: path(), reason: text() }, 3),
        (DownloadError::File(unreadable()), 3),
        (DownloadError::File(unwritable()), 4),
    ]);
    let (md5, sha256) = ("md5", "sha256");
    let found = FileDigests { sha256: text(), md5: text() };
    let disk_full =
        DatasetFilesError::DiskFull { what: text(), folder: path(), needed: 2, free: 1 };
    let unknown =
        DatasetFilesError::Unknown { path: path(), dataset: text(), md5: text(), names: vec![] };
    let differs = DatasetFilesError::Differs { path: path(), name: "name", found, md5, sha256 };
    assert_codes([
        (disk_full, 4),
        (unknown, 3),
        (differs, 3),
        (DatasetFilesError::Download(unreachable()), 4),
        (DatasetFilesError::File(unreadable()), 3),
    ]);
}

#[test]
fn formats_and_models() {
    let hint = "hint";
    assert_codes([
        (FormatError::Unreadable { path: path(), reason: full() }, 3),
        (FormatError::Unusable { path: path(), reason: text(), hint }, 3),
    ]);
    assert_codes([
        (OnnxError::NotOnnx { reason: text() }, 3),
        (OnnxError::WeightShape { dims: vec![], values: 1 }, 3),
    ]);
}

#[test]
fn metrics() {
    let (what, metric, parameter, hint) = ("what", "fid", "parameter", "hint");
    let (value, least, most) = (1, 2, 3);
    let too_small = ConvolutionsError::TooSmall { side: 32 };
    let shape = MetricsError::BadImageBatch {
        n: 1,
        height: 1,
        width: 1,
        channels: 3,
        pixels: 1,
        reason: "reason",
    };
    assert_codes([
        (no_runtime(), 4),
        (MetricsError::Convolutions { model: text(), reason: too_small }, 4),
        (MetricsError::Parameter { parameter, value: text(), allowed: "1" }, 2),
        (MetricsError::Setting { of: metric, parameter, value, least, most }, 2),
        (MetricsError::UnknownName { kind: "metric", name: text(), known: text() }, 2),
        (MetricsError::MissingLogits { metric }, 2),
        (shape, 3),
        (MetricsError::Onnx(OnnxError::NotOnnx { reason: text() }), 3),
        (MetricsError::ReadModel { path: path(), reason: full() }, 3),
        (MetricsError::ReadWeights { path: path(), reason: full() }, 3),
        (MetricsError::Weights { path: path(), reason: text(), hint }, 3),
        (MetricsError::Format(FormatError::Unreadable { path: path(), reason: full() }), 3),
        (MetricsError::Model { model: text(), reason: text(), hint }, 3),
        (MetricsError::ModelMetadata { model: text(), key: "key", reason: text() }, 3),
        (MetricsError::NonFinite { what }, 3),
        (MetricsError::Dimension { what, expected: 1, found: 2 }, 3),
        (MetricsError::NotSymmetric { what }, 3),
        (MetricsError::TooFewImages { what, needed: 2, found: 1, hint }, 3),
        (MetricsError::MissingEvidence { metric, what }, 3),
        (MetricsError::LinearAlgebra { routine: "dsyevd", n: 1, reason: text() }, 3),
    ]);
}

#[test]
fn inception_and_evaluation() {
    assert_codes([
        (InceptionError::NoCache, 4),
        (InceptionError::Download(unreachable()), 4),
        (InceptionError::File(unreadable()), 3),
        (InceptionError::File(unwritable()), 4),
        (InceptionError::Metrics(MetricsError::ReadWeights { path: path(), reason: full() }), 3),
    ]);
    let identity = || Box::new(ExtractorIdentity { name: text(), sha256: "ab".repeat(32) });
    let other = EvaluationError::OtherExtractor {
        path: path(),
        own: identity(),
        protocol: text(),
        other: identity(),
    };
    let format = FormatError::Unreadable { path: path(), reason: full() };
    let data = DataError::UnknownSplit { split: text() };
    let split = |reason| EvaluationError::Split { split: text(), reason };
    assert_codes([
        (EvaluationError::NotOfInception, 2),
        (EvaluationError::MissingWeights, 3),
        (EvaluationError::MissingNetwork { name: "vgg16" }, 3),
        (other, 3),
        (EvaluationError::OtherDimension { path: path(), own: 1, other: 2 }, 3),
        (split(no_runtime()), 4),
        (split(MetricsError::NonFinite { what: "what" }), 3),
        (EvaluationError::Data(data), 3),
        (EvaluationError::Format(format), 3),
        (EvaluationError::File(unwritable()), 4),
        (EvaluationError::Inception(InceptionError::NoCache), 4),
        (EvaluationError::Metrics(MetricsError::MissingLogits { metric: "is" }), 2),
        (EvaluationError::Metrics(no_runtime()), 4),
        (EvaluationError::Report(ReportError::NoRuns), 3),
    ]);
}

#[test]
fn reports() {
    assert_codes([
        (ReportError::UnknownRun { name: text(), known: text() }, 2),
        (ReportError::AmbiguousRun { name: text(), found: text() }, 2),
        (ReportError::NotComparable { a: text(), b: text(), reasons: text() }, 2),
        (ReportError::NoRuns, 3),
        (ReportError::Read { path: path(), reason: full() }, 3),
        (ReportError::Record { path: path(), reason: text() }, 3),
        (ReportError::SchemaVersion { path: path(), found: 9 }, 3),
        (ReportError::Tables { path: path(), reason: text() }, 3),
        (ReportError::Manifest { path: path(), reason: text() }, 3),
        (ReportError::History { path: path(), reason: text() }, 3),
        (ReportError::Table { table: text(), reason: text() }, 3),
        (ReportError::Figure { figure: text(), reason: text() }, 3),
        (ReportError::Samples { path: path(), reason: text() }, 3),
        (ReportError::GridShape { reason: text() }, 3),
    ]);
}

#[cfg(feature = "train")]
#[test]
fn clusters() {
    use crate::cluster::error::ClusterError;

    assert_codes([
        (ClusterError::Invalid(text()), 2),
        (ClusterError::Refused { engine: "Slurm", what: text(), reason: text() }, 2),
        (ClusterError::Plan { path: path(), reason: text() }, 3),
        (ClusterError::OtherRun { run: text(), what: "its dataset" }, 3),
        (ClusterError::Missing { program: text(), reason: full() }, 4),
        (ClusterError::Unanswered { command: text(), reason: text() }, 4),
        (ClusterError::Stuck { run: text(), starts: 5 }, 4),
        (ClusterError::File(unwritable()), 4),
        (ClusterError::File(unreadable()), 3),
    ]);
}

#[test]
fn devices() {
    use bench_metrics::Device;

    use crate::device::{DeviceError, DriverError, Obstacle};

    let device = Device::Cuda(1);
    assert_codes([
        (DeviceError { device, reason: DriverError::Missing.into() }, 4),
        (DeviceError { device, reason: Obstacle::NoSuchGpu { shown: text() } }, 4),
    ]);
    assert_codes([
        (MetricsError::Device { model: text(), device, reason: text() }, 4),
        (MetricsError::DeviceMemory { model: text(), device, reason: text() }, 4),
    ]);
}

#[cfg(feature = "train")]
#[test]
fn runs() {
    use bench_models::ModelError;

    use crate::training::error::{ConfigError, RunError};

    let invalid = || ConfigError::Invalid(text());
    let unusable = ConfigError::Unusable { path: path(), reason: text(), hint: "hint" };
    assert_codes([(invalid(), 2), (unusable, 3)]);
    let diverged = || ModelError::Diverged { step: 1, what: text() };
    assert_codes([
        (ModelError::Device { device: text(), reason: text() }, 4),
        (ModelError::Recipe { key: "key", value: text(), reason: "reason" }, 2),
        (ModelError::TrainingSet(text()), 3),
        (ModelError::Checkpoint { path: path(), reason: text() }, 3),
        (ModelError::Write { path: path(), reason: full() }, 4),
        (diverged(), 1),
    ]);
    assert_codes([
        (RunError::Config(invalid()), 2),
        (RunError::Data(DataError::UnknownSplit { split: text() }), 3),
        (RunError::Metrics(no_runtime()), 4),
        (RunError::Model(diverged()), 1),
        (RunError::File(unwritable()), 4),
        (RunError::Report(ReportError::NoRuns), 3),
        (RunError::Features(EvaluationError::NotOfInception), 2),
        (RunError::Features(EvaluationError::Inception(InceptionError::NoCache)), 4),
        (RunError::InUse { folder: path(), owner: text() }, 4),
        (RunError::Stopped { command: text() }, 5),
    ]);
}
