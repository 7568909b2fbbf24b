//! `manifest.json`: what a run was made with.

use bench_data::files::{self, FileError};
use bench_metrics::Extractor;
use serde::Serialize;

use super::folder::RunFolder;
use super::runner::{Job, Workbench};

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
    config_hash: Option<String>,
    device: String,
    threads: usize,
    wall_seconds: f64,
}

impl Manifest {
    /// The manifest of a run that took `wall_seconds`.
    pub fn of(job: &Job, bench: &Workbench, wall_seconds: f64) -> Self {
        let dataset = &job.reference.dataset;
        let binary = std::env::current_exe().ok();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            binary_sha256: binary.and_then(|path| files::sha256_file(&path).ok()),
            dataset: format!("{}:{}", dataset.name, dataset.split),
            dataset_sha256: dataset.sha256.clone(),
            dataset_provenance: dataset.provenance.clone(),
            extractor: bench.extractor.name().to_owned(),
            extractor_sha256: bench.extractor.sha256().to_owned(),
            config_hash: job.config.hash().ok(),
            device: bench.device_name.clone(),
            threads: bench.threads,
            wall_seconds,
        }
    }

    /// Writes `manifest.json`.
    pub fn write(&self, folder: &RunFolder) -> Result<(), FileError> {
        let path = folder.path().join("manifest.json");
        let json = serde_json::to_vec_pretty(self)
            .map_err(|e| FileError::io("write", &path, std::io::Error::other(e)))?;
        folder.write("manifest.json", &json)
    }
}
