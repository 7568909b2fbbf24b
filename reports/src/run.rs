//! A run as a results folder holds it: `results/<suite>/<run>/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::ReportError;
use crate::history::{LossPoint, MetricPoint, parse_losses, parse_metrics};
use crate::origin::Origin;
use crate::picture::{self, PictureNote};
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
    /// Its folder in the results folder, such as `basics/dcgan-s0-1a2b3c4d`; empty for a run that lies in none.
    pub folder: String,
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
    /// Every grid's step and file, by step.
    pub grids: Vec<(u64, PathBuf)>,
    /// The note of each picture, by the name of its files.
    pub pictures: BTreeMap<String, PathBuf>,
}

impl SampleGrid {
    /// Reads the file of a step.
    pub(crate) fn load((step, path): &(u64, PathBuf)) -> Result<Self, ReportError> {
        let png = fs::read(path).map_err(|error| ReportError::read(path, error))?;
        Ok(Self { step: *step, path: path.clone(), png })
    }

    /// The grid's pixels.
    ///
    /// # Errors
    /// [`ReportError::Samples`] for a file that is no PNG.
    pub(crate) fn pixels(&self) -> Result<image::RgbImage, ReportError> {
        let format = image::ImageFormat::Png;
        let decoded = image::load_from_memory_with_format(&self.png, format);
        let failed = |error: image::ImageError| ReportError::Samples {
            path: self.path.clone(),
            reason: error.to_string(),
        };
        Ok(decoded.map_err(failed)?.to_rgb8())
    }
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
        let grids = grids(&dir.join("samples"))?;
        let samples = grids.last().map(SampleGrid::load).transpose()?;
        let (folder, origin) = (last_two(dir), Origin::default());
        let pictures = notes(&dir.join(picture::FOLDER))?;
        let run = Self { folder, record, losses, metrics, samples, grids, origin, pictures };
        Ok((run, tables.unwrap_or_default()))
    }

    /// The picture whose files are called `stem`, if the run has it: what it shows, and its pixels.
    ///
    /// # Errors
    /// [`ReportError::Read`] or [`ReportError::Picture`] where it cannot be read.
    pub(crate) fn picture(
        &self,
        stem: &str,
    ) -> Result<Option<(PictureNote, image::RgbImage)>, ReportError> {
        let Some(path) = self.pictures.get(stem) else { return Ok(None) };
        let json = fs::read(path).map_err(|error| ReportError::read(path, error))?;
        let note = PictureNote::from_json(&json, path)?;
        let path = path.with_extension("png");
        let png = fs::read(&path).map_err(|error| ReportError::read(&path, error))?;
        let decoded = image::load_from_memory_with_format(&png, image::ImageFormat::Png);
        let pixels = decoded.map_err(|error| ReportError::picture(&path, error))?.to_rgb8();
        Ok(Some((note, pixels)))
    }

    /// Evaluations after training had begun.
    pub(crate) fn trained_evaluations(&self) -> usize {
        self.metrics.iter().filter(|point| point.step > 0).count()
    }
}

/// `suite/run`, the last two names of a path.
fn last_two(dir: &Path) -> String {
    let names: Vec<_> = dir.iter().map(|name| name.to_string_lossy()).collect();
    names[names.len().saturating_sub(2)..].join("/")
}

pub(crate) fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, ReportError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ReportError::read(path, error)),
    }
}

/// Every `step-<number>.png`, by number.
fn grids(dir: &Path) -> Result<Vec<(u64, PathBuf)>, ReportError> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let mut grids = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| ReportError::read(dir, error))? {
        let path = entry.map_err(|error| ReportError::read(dir, error))?.path();
        grids.extend(step_of(&path).map(|step| (step, path)));
    }
    grids.sort();
    Ok(grids)
}

fn step_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix("step-")?.strip_suffix(".png")?.parse().ok()
}

/// Every `<stem>.json`, by stem.
fn notes(dir: &Path) -> Result<BTreeMap<String, PathBuf>, ReportError> {
    if !dir.is_dir() {
        return Ok(BTreeMap::new());
    }
    let mut notes = BTreeMap::new();
    for entry in fs::read_dir(dir).map_err(|error| ReportError::read(dir, error))? {
        let path = entry.map_err(|error| ReportError::read(dir, error))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            notes.insert(stem, path);
        }
    }
    Ok(notes)
}
