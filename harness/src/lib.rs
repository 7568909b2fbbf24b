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
    bench_metrics::linear_algebra::set_threads(threads);
    // A second call finds the pool built; the program sets the number once.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    #[cfg(feature = "train")]
    bench_models::device::set_threads(threads);
}

/// Most CPU threads that can be asked for.
const MOST_THREADS: usize = 1024;

/// A number of CPU threads on the command line.
pub(crate) fn parse_threads(text: &str) -> Result<usize, String> {
    let threads = text.parse().ok().filter(|threads| (1..=MOST_THREADS).contains(threads));
    threads
        .ok_or_else(|| format!("give 1 to {MOST_THREADS}; this machine has {}", default_threads()))
}

/// All hardware threads of the machine.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
