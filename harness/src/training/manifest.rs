//! `manifest.json`: what a run was made with, each time that it was started.

use std::path::Path;
use std::sync::LazyLock;

use bench_data::files::{self, FileError};
use bench_metrics::{Extractor, runtime};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::RunError;
use super::folder::RunFolder;
use super::runner::{Job, Workbench};
use super::starts::{End, Start};
use crate::{clock, device, process};

/// The versions of all packages that the program was built from.
const LOCKFILE: &[u8] = include_bytes!("../../../Cargo.lock");

/// SHA-256 of the program's file, which is read once.
static BINARY: LazyLock<Option<String>> = LazyLock::new(|| {
    let path = std::env::current_exe().ok()?;
    files::sha256_file(&path).ok()
});

/// Versions and hashes of everything that went into a run.
#[derive(Debug, Serialize)]
pub struct Manifest {
    version: &'static str,
    binary_sha256: Option<String>,
    /// SHA-256 of `Cargo.lock`.
    lockfile_sha256: String,
    libraries: Libraries,
    dataset: String,
    dataset_sha256: String,
    dataset_provenance: String,
    extractor: String,
    extractor_sha256: String,
    /// Whose convolutions it was computed with.
    convolutions: &'static str,
    experiment: String,
    /// SHA-256 of `config.toml`.
    config_sha256: String,
    device: String,
    /// The GPU's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    gpu: Option<String>,
    threads: usize,
    host: String,
    wall_seconds: f64,
    /// One entry a start of the program, in order.
    starts: Vec<Start>,
}

/// Versions of the libraries that the numbers come from; what they do not tell is missing.
#[derive(Debug, Serialize)]
struct Libraries {
    libtorch: Option<&'static str>,
    /// Name of the library's file.
    onnxruntime: Option<String>,
}

impl Start {
    /// The present start, of a run that stands at `step`.
    pub fn now(job: &Job, bench: &Workbench, step: u64) -> Self {
        Self {
            step,
            steps: job.config.recipe.steps,
            device: bench.device_name.clone(),
            fast: bench.fast,
            threads: bench.threads,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            host: process::host(),
            binary_sha256: BINARY.clone(),
            started: clock::now(),
            end: None,
        }
    }
}

impl End {
    /// An end of this kind now, after `step`.
    pub(super) fn now(how: &str, step: u64) -> Self {
        Self { time: clock::now(), step, how: how.to_owned() }
    }
}

impl Manifest {
    /// The manifest of a run that was started so many times and has taken `wall_seconds` since the last.
    ///
    /// # Errors
    /// If its configuration cannot be written as TOML, which is a defect.
    pub fn of(
        job: &Job,
        bench: &Workbench,
        starts: &[Start],
        wall_seconds: f64,
    ) -> Result<Self, RunError> {
        let dataset = &job.reference.dataset;
        let extractor = bench.extractors.current();
        let library = runtime::ensure_loaded().ok().and_then(Path::file_name);
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            binary_sha256: BINARY.clone(),
            lockfile_sha256: files::hexadecimal(&Sha256::digest(LOCKFILE)),
            libraries: Libraries {
                libtorch: option_env!("BENCH_LIBTORCH"),
                onnxruntime: library.map(|name| name.to_string_lossy().into_owned()),
            },
            dataset: format!("{}:{}", dataset.name, dataset.split),
            dataset_sha256: dataset.sha256.clone(),
            dataset_provenance: dataset.provenance.clone(),
            extractor: extractor.name().to_owned(),
            extractor_sha256: extractor.sha256().to_owned(),
            convolutions: extractor.convolutions().name(),
            experiment: job.config.experiment()?,
            config_sha256: files::hexadecimal(&Sha256::digest(job.config.to_toml()?)),
            device: bench.device_name.clone(),
            gpu: device::gpu_name(extractor.device()),
            threads: bench.threads,
            host: process::host(),
            wall_seconds,
            starts: starts.to_vec(),
        })
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
