//! `manifest.json`: what a run was made with, each time that it was started.

use bench_data::files::{self, FileError};
use bench_metrics::Extractor;
use serde::Serialize;

use super::folder::RunFolder;
use super::runner::{Job, Workbench};
use super::starts::Start;
use crate::process;

/// Versions and hashes of everything that went into a run.
#[derive(Debug, Serialize)]
pub struct Manifest {
    version: &'static str,
    binary_sha256: Option<String>,
    dataset: String,
    dataset_sha256: String,
    dataset_provenance: String,
    extractor: String,
    extractor_sha256: String,
    /// Whose convolutions it was computed with.
    convolutions: &'static str,
    experiment: Option<String>,
    device: String,
    threads: usize,
    wall_seconds: f64,
    /// One entry a start of the program, in order.
    starts: Vec<Start>,
}

impl Start {
    /// The present start, of a run that stands at `step`.
    pub fn now(job: &Job, bench: &Workbench, step: u64) -> Self {
        Self {
            step,
            steps: job.config.recipe.steps,
            device: bench.device_name.clone(),
            threads: bench.threads,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            host: process::host(),
        }
    }
}

impl Manifest {
    /// The manifest of a run that was started so many times and has taken `wall_seconds` since the last.
    pub fn of(job: &Job, bench: &Workbench, starts: &[Start], wall_seconds: f64) -> Self {
        let dataset = &job.reference.dataset;
        let binary = std::env::current_exe().ok();
        let extractor = bench.extractors.current();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            binary_sha256: binary.and_then(|path| files::sha256_file(&path).ok()),
            dataset: format!("{}:{}", dataset.name, dataset.split),
            dataset_sha256: dataset.sha256.clone(),
            dataset_provenance: dataset.provenance.clone(),
            extractor: extractor.name().to_owned(),
            extractor_sha256: extractor.sha256().to_owned(),
            convolutions: extractor.convolutions().name(),
            experiment: job.config.experiment().ok(),
            device: bench.device_name.clone(),
            threads: bench.threads,
            wall_seconds,
            starts: starts.to_vec(),
        }
    }

    /// Writes `manifest.json`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, folder: &RunFolder) -> Result<(), FileError> {
        let path = folder.manifest();
        let json = serde_json::to_vec_pretty(self)
            .map_err(|e| FileError::io("write", &path, std::io::Error::other(e)))?;
        folder.write("manifest.json", &json)
    }
}

/// What a reader must know of the starts: where device or threads changed, and where the run went on beyond its end.
pub fn notes(starts: &[Start]) -> Vec<String> {
    let mut notes = Vec::new();
    for pair in starts.windows(2) {
        let [before, after] = pair else { continue };
        let step = after.step;
        if step > 0 && (before.device != after.device || before.threads != after.threads) {
            notes.push(format!(
                "resumed at step {step} on {} with {} threads instead of {} with {}: the bytes are those of neither",
                after.device, after.threads, before.device, before.threads
            ));
        }
        if after.steps > before.steps && step > 0 {
            notes.push(format!(
                "a run of {} steps, continued to {} from step {step}",
                before.steps, after.steps
            ));
        }
    }
    notes
}
