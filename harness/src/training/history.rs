//! What has been measured of a run so far: `losses.csv`, which grows by a row a step, and `metrics.csv`, written anew at
//! each evaluation. The event file for TensorBoard holds both.
//!
//! Whatever they hold beyond the last checkpoint is dropped when a stopped run resumes, so that both end up as if it had
//! never stopped.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use bench_data::files::{self, FileError};
use bench_metrics::{Direction, Measure, Panel};
use bench_models::trainer::Losses;
use bench_reports::history::{
    LossColumns, LossPoint, MetricPoint, parse_losses, parse_metrics, write_metrics,
};
use bench_reports::record::{Best, MetricValues};

use super::error::RunError;
use super::events::Events;
use super::folder::RunFolder;

/// The measurements of a run.
pub(super) struct History {
    losses: Log,
    /// Every evaluation; the first is of the untrained generator.
    points: Vec<MetricPoint>,
    /// Keys of the values that there may be, in order.
    keys: Vec<String>,
    /// By which the best is chosen.
    leading: Option<&'static Measure>,
    metrics_path: PathBuf,
    events: Events,
    folder: RunFolder,
}

impl History {
    /// The measurements of a run that stands at `step`, in its folder; `parts` are the names of the parts of its losses.
    ///
    /// # Errors
    /// If a file is there and damaged, or cannot be written.
    pub(super) fn open(
        folder: &RunFolder,
        step: u64,
        panel: &Panel,
        parts: &[&str],
    ) -> Result<Self, RunError> {
        let metrics_path = folder.metrics();
        let mut points = match read_if_present(&metrics_path)? {
            Some(csv) => parse_metrics(&csv, &metrics_path)?,
            None => Vec::new(),
        };
        points.retain(|point| point.step <= step);
        let (losses, kept) = Log::open(folder.losses(), step, parts)?;
        Ok(Self {
            losses,
            events: Events::open(folder, &kept, &points)?,
            folder: folder.clone(),
            points,
            keys: panel.keys().into_iter().map(str::to_owned).collect(),
            leading: panel.measures().first().copied(),
            metrics_path,
        })
    }

    /// Adds the losses of a step.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn push_losses(&mut self, step: u64, losses: &Losses) -> Result<(), FileError> {
        self.losses.push(step, losses)?;
        self.events.push_losses(step, losses, &self.losses.parts)
    }

    /// Steps whose losses are not there.
    pub(super) fn missing_losses(&self) -> u64 {
        self.losses.missing
    }

    /// Adds an evaluation.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn push_metrics(&mut self, point: MetricPoint) -> Result<(), FileError> {
        self.points.push(point);
        // Values that were never asked for have no column.
        let is_there =
            |key: &&String| self.points.iter().any(|point| point.values.contains_key(*key));
        let keys: Vec<String> = self.keys.iter().filter(is_there).cloned().collect();
        files::write_atomically(&self.metrics_path, &write_metrics(&self.points, &keys))?;
        self.points.last().map_or(Ok(()), |point| self.events.push_metrics(&self.folder, point))
    }

    /// Brings the losses to the disk: a checkpoint must not outlive those of the steps before it.
    ///
    /// # Errors
    /// If the disk refuses.
    pub(super) fn sync(&self) -> Result<(), FileError> {
        let Log { file, path, .. } = &self.losses;
        file.sync_data().map_err(|error| FileError::io("write", path, error))
    }

    /// Whether the generator was scored at `step`.
    pub(super) fn is_scored_at(&self, step: u64) -> bool {
        self.points.iter().any(|point| point.step == step)
    }

    /// The values of the generator before training; none if it was not scored.
    pub(super) fn untrained(&self) -> MetricValues {
        let first = self.points.first().filter(|point| point.step == 0);
        first.map(|point| point.values.clone()).unwrap_or_default()
    }

    /// The values at `step`; none if it was not scored then.
    pub(super) fn at(&self, step: u64) -> MetricValues {
        let last = self.points.iter().rfind(|point| point.step == step && step > 0);
        last.map(|point| point.values.clone()).unwrap_or_default()
    }

    /// The best evaluation of the trained generator by the leading measure; the first of equals.
    pub(super) fn best(&self) -> Option<Best> {
        let Measure { key, direction, .. } = self.leading?;
        let value = |point: &MetricPoint| point.values.get(*key).copied();
        let mut best: Option<(&MetricPoint, f64)> = None;
        for point in self.points.iter().filter(|point| point.step > 0) {
            let Some(found) = value(point) else { continue };
            let better = best.is_none_or(|(_, known)| match direction {
                Direction::LowerIsBetter => found < known,
                Direction::HigherIsBetter => found > known,
            });
            if better {
                best = Some((point, found));
            }
        }
        best.map(|(point, _)| Best {
            step: point.step,
            by: (*key).to_owned(),
            metrics: point.values.clone(),
        })
    }
}

/// `losses.csv`, appended to as the run goes on.
struct Log {
    path: PathBuf,
    file: File,
    columns: LossColumns,
    /// Names of the parts of the losses.
    parts: Vec<String>,
    /// Steps before the present start that it does not tell of, because it was cut.
    missing: u64,
}

impl Log {
    /// The file at `path` up to `step`, and what it holds.
    fn open(path: PathBuf, step: u64, parts: &[&str]) -> Result<(Self, Vec<LossPoint>), RunError> {
        let mut kept: Vec<LossPoint> = match read_if_present(&path)? {
            Some(csv) => parse_losses(&csv, &path)?,
            None => Vec::new(),
        };
        kept.retain(|point| point.step <= step);
        let missing = step.saturating_sub(kept.len() as u64);
        if missing > 0 {
            log::warn!(
                "{}: the losses of {missing} of {step} steps are missing, and stay missing; delete the run's folder to begin \
                 anew",
                path.display()
            );
        }
        let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        let columns = LossColumns::new(&parts);
        let mut bytes = columns.header();
        for point in &kept {
            bytes.extend(columns.row(point));
        }
        files::write_atomically(&path, &bytes)?;
        let file = OpenOptions::new().append(true).open(&path);
        let file = file.map_err(|error| FileError::io("write", &path, error))?;
        Ok((Self { path, file, columns, parts, missing }, kept))
    }

    fn push(&mut self, step: u64, losses: &Losses) -> Result<(), FileError> {
        let parts = self.parts.iter().cloned().zip(losses.parts.iter().copied());
        let point = LossPoint {
            step,
            discriminator: Some(losses.discriminator),
            generator: Some(losses.generator),
            parts: parts.collect(),
        };
        let row = self.columns.row(&point);
        self.file.write_all(&row).map_err(|error| FileError::io("write", &self.path, error))
    }
}

fn read_if_present(path: &PathBuf) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::io("read", path, error)),
    }
}
