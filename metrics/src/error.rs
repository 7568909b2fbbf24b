//! What can go wrong in this crate.

use std::path::PathBuf;

use crate::device::Device;
use crate::extractor::ConvolutionsError;

/// An expected failure of an extractor, a statistic or a metric.
///
/// Texts are lower-case fragments that fit after "failed to evaluate: " and end with a hint of what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// The pixels of an image batch do not fill its shape, or its shape is unusable.
    #[error("image batch of {n} x {height} x {width} x {channels} over {pixels} bytes: {reason}")]
    BadImageBatch {
        /// Number of images.
        n: usize,
        /// Rows of an image.
        height: usize,
        /// Columns of an image.
        width: usize,
        /// Channels of an image.
        channels: usize,
        /// Length of the pixel buffer in bytes.
        pixels: usize,
        /// What is wrong, and what would be right.
        reason: &'static str,
    },
    /// ONNX Runtime's shared library is missing or cannot be loaded.
    #[error(
        "cannot load onnx runtime from {}: {reason}; run `make setup`, or let ORT_DYLIB_PATH name a \
         libonnxruntime of version 1.22 or newer",
        path.display()
    )]
    Runtime {
        /// The library that was tried.
        path: PathBuf,
        /// Why it is unusable.
        reason: String,
    },
    /// An ONNX model cannot be read or made.
    #[error(transparent)]
    Onnx(#[from] bench_onnx::OnnxError),
    /// A model file cannot be read.
    #[error("cannot read extractor {}: {reason}; check the path and its permissions", path.display())]
    ReadModel {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// A file of weights cannot be read.
    #[error("cannot read weights {}: {reason}; check the path and its permissions", path.display())]
    ReadWeights {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// A file of weights is damaged, or holds the weights of another network.
    #[error("weights {}: {reason}; {hint}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What would help.
        hint: &'static str,
    },
    /// An archive of arrays cannot be read, or holds something else than it should.
    #[error(transparent)]
    Format(#[from] bench_formats::FormatError),
    /// A model is no usable extractor.
    #[error("extractor {model}: {reason}; {hint}")]
    Model {
        /// The model's path, or `embedded`.
        model: String,
        /// What is wrong with it.
        reason: String,
        /// What would help.
        hint: &'static str,
    },
    /// A GPU, its driver or a library on it failed.
    #[error(
        "{device} failed with extractor {model}: {reason}; see `bench doctor --device {device}` and `nvidia-smi`, or use \
         --device cpu"
    )]
    Device {
        /// The model's path, or `embedded`.
        model: String,
        /// The GPU.
        device: Device,
        /// What ONNX Runtime says of it.
        reason: String,
    },
    /// The memory of a GPU is too small.
    #[error(
        "the memory of {device} is not enough for extractor {model}: {reason}; end what else uses it (`nvidia-smi`), or use \
         another GPU or --device cpu"
    )]
    DeviceMemory {
        /// The model's path, or `embedded`.
        model: String,
        /// The GPU.
        device: Device,
        /// What ONNX Runtime says of it.
        reason: String,
    },
    /// Our own convolutions were asked for, and the model cannot be computed with them on this machine.
    #[error(
        "extractor {model} cannot be computed by convolutions of our own: {reason}; let --convolutions be auto or \
         onnxruntime"
    )]
    Convolutions {
        /// The model's path, or `embedded`.
        model: String,
        /// Why it cannot be.
        reason: ConvolutionsError,
    },
    /// A model's metadata does not say how to feed it.
    #[error(
        "extractor {model}: metadata key {key} {reason}; write the key into the model's metadata_props"
    )]
    ModelMetadata {
        /// The model's path, or `embedded`.
        model: String,
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// A value that must be finite is not.
    #[error(
        "{what} holds a value that is not finite; check the images, the weights and the training for divergence"
    )]
    NonFinite {
        /// Where it was found.
        what: &'static str,
    },
    /// Two things that must have equal dimensions do not.
    #[error(
        "{what} has {found} dimensions instead of {expected}; use the same extractor for both sides"
    )]
    Dimension {
        /// The odd one.
        what: &'static str,
        /// The dimension asked for.
        expected: usize,
        /// The dimension given.
        found: usize,
    },
    /// A covariance is not a symmetric matrix.
    #[error("{what} is not symmetric; give a covariance as numpy.cov computes it")]
    NotSymmetric {
        /// The matrix.
        what: &'static str,
    },
    /// A computation needs more images than there are.
    #[error("{what} needs at least {needed} images, not {found}; {hint}")]
    TooFewImages {
        /// The computation.
        what: &'static str,
        /// The least number of images.
        needed: usize,
        /// The number given.
        found: usize,
        /// What would help.
        hint: &'static str,
    },
    /// A parameter is out of its range.
    #[error("{parameter} is {value}; give {allowed}")]
    Parameter {
        /// The parameter's name.
        parameter: &'static str,
        /// The value given.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A parameter of a metric, or a number of an evaluation, is out of its bounds.
    #[error("{of}.{parameter} is {value}; give {least} to {most}")]
    Setting {
        /// The metric's name, or `evaluation`.
        of: &'static str,
        /// The parameter's name.
        parameter: &'static str,
        /// The value given.
        value: u64,
        /// The least value.
        least: u64,
        /// The largest value.
        most: u64,
    },
    /// A metric lacks something that it is computed from.
    #[error("{metric} needs {what}; give a folder of images instead of statistics or nothing")]
    MissingEvidence {
        /// The metric's name.
        metric: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// A metric is computed from class logits, which the extractor does not give.
    #[error(
        "{metric} needs class logits, which this extractor does not give; use one that does, such as InceptionV3 with \
         all of its 2048 features"
    )]
    MissingLogits {
        /// The metric's name.
        metric: &'static str,
    },
    /// A matrix routine failed.
    #[error(
        "{routine} failed on a {n} x {n} matrix: {reason}; check the features for extreme values"
    )]
    LinearAlgebra {
        /// The routine.
        routine: &'static str,
        /// Rows and columns of the matrix.
        n: usize,
        /// Why it failed.
        reason: String,
    },
    /// A name is none of the known ones.
    #[error("unknown {kind} {name:?}; known are {known}")]
    UnknownName {
        /// What the name should name.
        kind: &'static str,
        /// The name given.
        name: String,
        /// The known names, separated by commas.
        known: String,
    },
}
