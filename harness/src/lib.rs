//! The program `bench`: configuration, datasets, runner and command line.

#[cfg(feature = "train")]
mod classifier_onnx;
pub mod cli;
pub mod commands;
pub mod datasets;
pub mod disturbances;
pub mod evaluation;
pub mod exit;
pub mod files;
pub mod nearest;
pub mod progress;
pub mod source;
#[cfg(feature = "train")]
pub mod training;

/// All hardware threads of the machine.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
