//! The program `bench`: configuration, datasets, runner and command line.

#![cfg_attr(not(test), warn(clippy::print_stderr, clippy::print_stdout))]

#[cfg(feature = "train")]
mod classifier_onnx;
pub mod cli;
pub mod commands;
pub mod console;
pub mod disturbances;
pub mod evaluation;
pub mod exit;
pub mod inception;
mod output;
pub mod progress;
#[cfg(feature = "train")]
pub mod training;

/// Computes with `threads` CPU threads everywhere: decoding, matrices, networks.
pub(crate) fn set_threads(threads: usize) {
    let threads = threads.max(1);
    bench_metrics::linear_algebra::set_threads(threads);
    // A second call finds the pool built; the program sets the number once.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    #[cfg(feature = "train")]
    bench_models::device::set_threads(threads);
}

/// All hardware threads of the machine.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
