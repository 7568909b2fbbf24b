//! Why images could not be scored.

use std::path::PathBuf;

use bench_data::datasets::DataError;
use bench_data::files::FileError;
use bench_formats::FormatError;
use bench_metrics::{ExtractorIdentity, MetricsError};
use bench_reports::ReportError;

use crate::inception::InceptionError;

/// A failure between what the user names and features, statistics or scores.
///
/// Texts are lower-case fragments that name path and reason and end with a hint of what to do.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// Options of InceptionV3 beside another extractor.
    #[error("--weights and --dims are of InceptionV3; leave them out, or leave out --extractor")]
    NotOfInception,
    /// Several extractors where there is one.
    #[error(
        "several extractors at once are for `bench eval`; name one, and run this once for each"
    )]
    SeveralExtractors,
    /// One file of weights beside several extractors.
    #[error(
        "--weights is of one extractor and --extractor names several; `bench weights import FILE` keeps the file for its \
         network"
    )]
    WeightsOfSeveral,
    /// The same network under two names.
    #[error("--extractor names {name} twice ({sha256:.12})")]
    SameExtractor {
        /// Its name.
        name: String,
        /// Its SHA-256.
        sha256: String,
    },
    /// InceptionV3 is asked for and its weights are nowhere.
    #[error(
        "the weights of InceptionV3 are not in the cache; run `bench weights fetch`, or `bench weights import FILE` with a \
         file that you have"
    )]
    MissingWeights,
    /// Another network is asked for and its weights are nowhere.
    #[error(
        "the weights of {name} are not in the cache; run `bench weights fetch {name}`, or `bench weights import FILE` with \
         a file that you have"
    )]
    MissingNetwork {
        /// Its name.
        name: &'static str,
    },
    /// Statistics are of other features than the other side's.
    #[error(
        "{}: its features are of extractor {} ({:.12}, protocol {protocol}) and the other side's of {} ({:.12}); choose the \
         same extractor, weights and protocol, or make the file again with `bench stats`",
        path.display(),
        own.name,
        own.sha256,
        other.name,
        other.sha256
    )]
    OtherExtractor {
        /// The file of statistics.
        path: PathBuf,
        /// The extractor that it names.
        own: Box<ExtractorIdentity>,
        /// The protocol that it names, or `unknown`.
        protocol: String,
        /// The extractor of the other side.
        other: Box<ExtractorIdentity>,
    },
    /// Statistics have another number of features than the other side.
    #[error(
        "{}: its features have {own} dimensions and the other side's {other}; choose the extractor that it was made with",
        path.display()
    )]
    OtherDimension {
        /// The file of statistics.
        path: PathBuf,
        /// Its number of features.
        own: usize,
        /// That of the other side.
        other: usize,
    },
    /// The features of a dataset's images cannot be extracted.
    #[error("failed to extract features of dataset `{split}`: {reason}")]
    Split {
        /// Name and split of the dataset.
        split: String,
        /// What the extractor said.
        reason: MetricsError,
    },
    /// Images cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// An archive of arrays cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Weights cannot be read.
    #[error(transparent)]
    Inception(#[from] InceptionError),
    /// The extractor or a metric fails.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// A figure cannot be drawn.
    #[error(transparent)]
    Report(#[from] ReportError),
}
