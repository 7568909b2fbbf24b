//! A run as a results folder holds it: `results/<suite>/<run>/`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::ReportError;
use crate::history::{LossPoint, MetricPoint, parse_losses, parse_metrics};
use crate::origin::Origin;
use crate::published::PublishedTable;
use crate::record::Record;

/// What the record in a run's folder is called.
pub(crate) const RECORD: &str = "record.json";

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
    /// What made it; [`crate::load_all`] fills it in.
    pub origin: Origin,
}

impl Run {
    /// Reads the folder of one run, of schema 1 as well.
    ///
    /// # Errors
    /// An unreadable or malformed file, by its path. Only `record.json` must exist.
    pub fn load(dir: &Path) -> Result<Self, ReportError> {
        Ok(Self::load_with_tables(dir)?.0)
    }

    /// The run, and the published tables that a record of schema 1 holds.
    pub(crate) fn load_with_tables(dir: &Path) -> Result<(Self, Vec<PublishedTable>), ReportError> {
        let record_path = dir.join(RECORD);
        let json =
            fs::read(&record_path).map_err(|error| ReportError::read(&record_path, error))?;
        let (mut record, tables) = Record::with_tables_from_json(&json, &record_path)?;

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
        if tables.is_some() {
            if let Some(config) = read_if_present(&dir.join("config.toml"))? {
                record.read_old_config(&String::from_utf8_lossy(&config));
            }
            record.read_old_history(&metrics);
        }
        let samples = last_samples(&dir.join("samples"))?;
        let run = Self { record, losses, metrics, samples, origin: Origin::default() };
        Ok((run, tables.unwrap_or_default()))
    }

    /// Evaluations after training had begun.
    pub(crate) fn trained_evaluations(&self) -> usize {
        self.metrics.iter().filter(|point| point.step > 0).count()
    }
}

pub(crate) fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, ReportError> {
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
