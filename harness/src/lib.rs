//! The program `bench`: configuration, datasets, runner and command line.

#![cfg_attr(not(test), warn(clippy::print_stderr, clippy::print_stdout))]

pub mod claim;
#[cfg(feature = "train")]
mod classifier_onnx;
pub mod cli;
pub mod clock;
#[cfg(feature = "train")]
pub mod cluster;
pub mod commands;
pub mod console;
pub mod device;
pub mod disturbances;
pub mod evaluation;
pub mod exit;
pub mod inception;
pub mod network_weights;
mod output;
#[cfg(feature = "train")]
pub mod pictures;
pub mod process;
pub mod progress;
pub mod training;
pub mod warnings;

use bench_metrics::linear_algebra;

/// Computes with `threads` CPU threads everywhere: decoding, matrices, networks.
///
/// # Errors
/// If they cannot be started, or there is too little memory for anything.
pub(crate) fn set_threads(threads: usize) -> Result<(), exit::Failure> {
    linear_algebra::set_threads(threads);
    if process::has_one_thread() {
        linear_algebra::reserve_buffer().map_err(|error| {
            exit::Failure::environment(format!(
                "the memory that this process may use is not enough to begin with ({error}); allow more (`ulimit -v`)"
            ))
        })?;
    }
    #[cfg(feature = "train")]
    bench_models::device::set_threads(threads);
    start_pool(threads)
}

/// Starts the threads that decode images and share other work. A second call finds them there and changes nothing.
pub(crate) fn start_pool(threads: usize) -> Result<(), exit::Failure> {
    use std::error::Error;
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    // An error without a source says that the pool is there.
    match built.as_ref().err().and_then(Error::source) {
        None => Ok(()),
        Some(reason) => Err(exit::Failure::environment(format!(
            "cannot start {threads} threads: {reason}; ask for fewer by --threads, or allow more (`ulimit -u`, `ulimit -v`)"
        ))),
    }
}

/// Most CPU threads that can be asked for.
const MOST_THREADS: usize = 1024;

/// A number of CPU threads on the command line; one, which is said, where there is too little memory for it.
pub(crate) fn parse_threads(text: &str) -> Result<usize, String> {
    let threads = text.parse().ok().filter(|threads| (1..=MOST_THREADS).contains(threads));
    let threads = threads.ok_or_else(|| {
        format!("give 1 to {MOST_THREADS}; this machine has {}", default_threads())
    })?;
    let affordable = process::affordable_threads(threads);
    if affordable < threads {
        log::warn!("memory or threads are limited: computing with one thread instead of {threads}");
    }
    Ok(affordable)
}

/// All hardware threads of the machine, or one where memory or threads are short.
pub(crate) fn default_threads() -> usize {
    process::affordable_threads(process::hardware_threads())
}
