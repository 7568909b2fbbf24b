//! A run as a results folder holds it: `results/<suite>/<run>/`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::ReportError;
use crate::history::{LossPoint, MetricPoint, parse_losses, parse_metrics};
use crate::record::Record;

/// The last sample grid of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleGrid {
    /// Generator step the samples were drawn at, from the file's name.
    pub step: u64,
    /// The grid's file, for errors.
    pub path: PathBuf,
    /// The PNG itself.
    pub png: Vec<u8>,
}

/// One run: its record, its histories and its last samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// `record.json`.
    pub record: Record,
    /// `losses.csv`; empty when the run wrote none.
    pub losses: Vec<LossPoint>,
    /// `metrics.csv`; empty when the run wrote none.
    pub metrics: Vec<MetricPoint>,
    /// The grid with the highest step under `samples/`, if there is one.
    pub samples: Option<SampleGrid>,
}

impl Run {
    /// Reads the folder of one run.
    ///
    /// # Errors
    /// An unreadable or malformed file, by its path. Only `record.json` must exist.
    pub fn load(dir: &Path) -> Result<Self, ReportError> {
        let record_path = dir.join("record.json");
        let json =
            fs::read(&record_path).map_err(|error| ReportError::read(&record_path, error))?;
        let record = Record::from_json(&json, &record_path)?;

        let losses_path = dir.join("losses.csv");
        let losses = match read_if_present(&losses_path)? {
            Some(csv) => parse_losses(&csv, &losses_path)?,
            None => Vec::new(),
        };
        let metrics_path = dir.join("metrics.csv");
        let metrics = match read_if_present(&metrics_path)? {
            Some(csv) => parse_metrics(&csv, &metrics_path)?,
            None => Vec::new(),
        };
        Ok(Self { record, losses, metrics, samples: last_samples(&dir.join("samples"))? })
    }
}

/// Reads every run under a results folder (`<results>/<suite>/<run>/record.json`), ordered by suite, dataset,
/// variant, seed, budget and configuration hash. Folders without a record, such as those of runs still in
/// progress, are passed over.
///
/// # Errors
/// An unreadable folder, or the first run that [`Run::load`] refuses.
pub fn load_all(results: &Path) -> Result<Vec<Run>, ReportError> {
    let mut runs = Vec::new();
    for suite in subfolders(results)? {
        for dir in subfolders(&suite)? {
            if dir.join("record.json").is_file() {
                runs.push(Run::load(&dir)?);
            }
        }
    }
    runs.sort_by(|a, b| sort_key(&a.record).cmp(&sort_key(&b.record)));
    Ok(runs)
}

fn sort_key(record: &Record) -> (&str, &str, &str, u64, &str, &str) {
    (
        &record.suite,
        &record.dataset,
        &record.variant,
        record.seed,
        &record.budget,
        &record.config_hash,
    )
}

/// The folders directly inside `dir`, sorted by path.
fn subfolders(dir: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| ReportError::read(dir, error))? {
        let path = entry.map_err(|error| ReportError::read(dir, error))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, ReportError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ReportError::read(path, error)),
    }
}

/// The `step-<number>.png` with the highest number.
fn last_samples(dir: &Path) -> Result<Option<SampleGrid>, ReportError> {
    if !dir.is_dir() {
        return Ok(None);
    }
    let mut last: Option<(u64, PathBuf)> = None;
    for entry in fs::read_dir(dir).map_err(|error| ReportError::read(dir, error))? {
        let path = entry.map_err(|error| ReportError::read(dir, error))?.path();
        if let Some(step) = step_of(&path)
            && last.as_ref().is_none_or(|(highest, _)| step > *highest)
        {
            last = Some((step, path));
        }
    }
    last.map(|(step, path)| {
        let png = fs::read(&path).map_err(|error| ReportError::read(&path, error))?;
        Ok(SampleGrid { step, path, png })
    })
    .transpose()
}

fn step_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix("step-")?.strip_suffix(".png")?.parse().ok()
}
