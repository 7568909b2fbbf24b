//! A run's folder: `results/<suite>/<run name>-s<seed>-<8 digits of the experiment's hash>/`.

use std::fs;
use std::path::{Path, PathBuf};

use bench_data::files::{self, FileError};
use bench_reports::{Record, ReportError, Status, picture};

/// Digits of the experiment's hash in the folder's name.
const DIGITS: usize = 8;

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder for the run called `name` of an experiment, with `seed`.
    pub fn new(results: &Path, suite: &str, name: &str, seed: u64, experiment: &str) -> Self {
        let hash = experiment.get(..DIGITS).unwrap_or(experiment);
        Self { path: results.join(suite).join(format!("{}{hash}", Self::prefix(name, seed))) }
    }

    /// What the names of the folders of a run with a seed begin with, whatever its settings.
    pub fn prefix(name: &str, seed: u64) -> String {
        format!("{name}-s{seed}-")
    }

    /// The folder at `path`, of a run that has been started.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration of the run, complete.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// What the run was made with.
    pub fn manifest(&self) -> PathBuf {
        self.path.join("manifest.json")
    }

    /// The losses of every step.
    pub fn losses(&self) -> PathBuf {
        self.path.join("losses.csv")
    }

    /// Losses, scores and sample grids, as TensorBoard reads them.
    pub fn events(&self) -> PathBuf {
        self.path.join("events/events.out.tfevents.0.bench")
    }

    /// Every evaluation.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.csv")
    }

    /// The state that the run resumes from.
    pub fn checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint.safetensors")
    }

    /// The checkpoint before the last, while the run goes on: what is left where the last is damaged.
    pub fn previous_checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint.previous.safetensors")
    }

    /// Names the process that is at work on the run.
    pub fn lock(&self) -> PathBuf {
        self.path.join("run.lock")
    }

    /// The state at the best evaluation.
    pub fn best(&self) -> PathBuf {
        self.path.join("best.safetensors")
    }

    /// The outcome; it exists once the run has ended.
    pub fn record(&self) -> PathBuf {
        self.path.join("record.json")
    }

    /// Why the run failed; it is gone once the run is started again.
    pub fn failure(&self) -> PathBuf {
        self.path.join("failure.json")
    }

    /// The record, if the run has ended.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    pub fn record_if_any(&self) -> Result<Option<Record>, ReportError> {
        let path = self.record();
        match fs::read(&path) {
            Ok(json) => Record::from_json(&json, &path).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(reason) => Err(ReportError::Read { path, reason }),
        }
    }

    /// How the run of `experiment` ended in this folder, if it has.
    ///
    /// # Errors
    /// As [`Self::record_if_any`].
    pub fn ended(&self, experiment: &str) -> Result<Option<Status>, ReportError> {
        let record = self.record_if_any()?;
        Ok(record.filter(|record| record.experiment == experiment).map(|record| record.status))
    }

    /// Writes a file of the folder whole.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        files::write_atomically(&self.path.join(name), bytes)
    }

    /// The sample grid of `step`.
    pub fn grid(&self, step: u64) -> PathBuf {
        self.path.join(format!("samples/step-{step:06}.png"))
    }

    /// Removes what a killed process has left half written.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove_partial_files(&self) -> Result<(), FileError> {
        files::partial::remove_left(&self.path)?;
        files::partial::remove_left(&self.path.join("samples"))?;
        files::partial::remove_left(&self.path.join(picture::FOLDER))?;
        files::partial::remove_left(&self.path.join("events"))
    }
}
