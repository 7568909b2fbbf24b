//! A run's folder: `results/<suite>/<variant>-s<seed>-<config hash>/`.
//!
//! `losses.csv` and `metrics.csv` grow as the run trains; whatever they hold beyond the last
//! checkpoint is dropped when a stopped run resumes, so that both end up as if it had never
//! stopped.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use bench_data::files::{self, FileError};
use bench_reports::{Record, ReportError, Status};

/// The metrics that a run is scored by, each time it is evaluated.
pub const METRICS: [&str; 3] = ["fid", "kid", "is"];

/// Columns of `metrics.csv` between the counters and the sample counts: the keys of [`METRICS`].
pub const METRIC_COLUMNS: [&str; 6] = ["fid", "kid_mean", "kid_std", "kid_se", "is_mean", "is_std"];

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder for a run of `variant` with `seed` and a configuration hash.
    pub fn new(results: &Path, suite: &str, variant: &str, seed: u64, hash: &str) -> Self {
        Self { path: results.join(suite).join(format!("{variant}-s{seed}-{hash}")) }
    }

    /// The folder at `path`, of a run that has been started.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The configuration of the run, complete.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The state that the run resumes from.
    pub fn checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint.safetensors")
    }

    /// The outcome; it exists once the run has ended.
    pub fn record(&self) -> PathBuf {
        self.path.join("record.json")
    }

    /// How the run ended, if it has.
    ///
    /// # Errors
    /// If the record is there and cannot be read.
    pub fn ended(&self) -> Result<Option<Status>, ReportError> {
        let path = self.record();
        match fs::read(&path) {
            Ok(json) => Ok(Some(Record::from_json(&json, &path)?.status)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(reason) => Err(ReportError::Read { path, reason }),
        }
    }

    /// Writes a file of the folder whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        files::write_atomically(&self.path.join(name), bytes)
    }

    /// Opens `losses.csv`, keeping the rows up to `step`.
    pub fn losses(&self, step: u64) -> Result<Log, FileError> {
        Log::open(self.path.join("losses.csv"), "step,loss_d,loss_g", step)
    }

    /// Opens `metrics.csv`, keeping the rows up to `step`.
    pub fn metrics(&self, step: u64) -> Result<Log, FileError> {
        let columns = METRIC_COLUMNS.join(",");
        let header = format!("step,images_seen,{columns},n_generated,n_reference");
        Log::open(self.path.join("metrics.csv"), &header, step)
    }

    /// Writes the sample grid of `step`.
    pub fn write_grid(&self, step: u64, png: &[u8]) -> Result<(), FileError> {
        self.write(&format!("samples/step-{step:06}.png"), png)
    }
}

/// A CSV file whose first column is the step, appended to as the run goes on.
pub struct Log {
    path: PathBuf,
    file: File,
    /// Rows kept from before, header excluded.
    kept: Vec<String>,
}

impl Log {
    fn open(path: PathBuf, header: &str, step: u64) -> Result<Self, FileError> {
        let old = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(FileError::io("read", &path, e)),
        };
        let kept: Vec<String> = old
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .skip(1)
            .map(|line| line.trim_end().to_owned())
            .filter(|line| step_of(line).is_some_and(|s| s <= step))
            .collect();
        let mut text = format!("{header}\n");
        for line in &kept {
            let _ = writeln!(text, "{line}");
        }
        files::write_atomically(&path, text.as_bytes())?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(|e| FileError::io("write", &path, e))?;
        Ok(Self { path, file, kept })
    }

    /// The rows that were there before, as text.
    pub fn kept(&self) -> &[String] {
        &self.kept
    }

    /// Appends a row.
    pub fn push(&mut self, row: &str) -> Result<(), FileError> {
        writeln!(self.file, "{row}").map_err(|e| FileError::io("write", &self.path, e))
    }
}

fn step_of(line: &str) -> Option<u64> {
    line.split(',').next()?.parse().ok()
}

/// One row of `metrics.csv`; what is missing stays empty.
pub fn metrics_row(
    step: u64,
    images_seen: u64,
    values: &BTreeMap<String, f64>,
    n_generated: u64,
    n_reference: u64,
) -> String {
    let mut row = format!("{step},{images_seen}");
    for column in METRIC_COLUMNS {
        row.push(',');
        if let Some(value) = values.get(column) {
            let _ = write!(row, "{value}");
        }
    }
    let _ = write!(row, ",{n_generated},{n_reference}");
    row
}

/// The metric values of a row that [`metrics_row`] wrote.
pub fn values_of_row(row: &str) -> BTreeMap<String, f64> {
    let cells = row.split(',').skip(2);
    METRIC_COLUMNS
        .iter()
        .zip(cells)
        .filter_map(|(column, cell)| Some(((*column).to_owned(), cell.parse().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_drops_what_lies_beyond_the_step_and_half_lines() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::new(root.path(), "s", "v", 0, "00000000");
        let mut log = folder.losses(0).unwrap();
        for step in 1..=3 {
            log.push(&format!("{step},0.5,0.25")).unwrap();
        }
        let path = folder.path().join("losses.csv");
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("4,0.");
        fs::write(&path, text).unwrap();
        let log = folder.losses(2).unwrap();
        assert_eq!(log.kept(), ["1,0.5,0.25", "2,0.5,0.25"]);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "step,loss_d,loss_g\n1,0.5,0.25\n2,0.5,0.25\n");
    }

    #[test]
    fn the_columns_are_the_keys_of_the_metrics() {
        let keys = METRICS.map(|name| bench_metrics::metrics::find(name).unwrap().keys());
        assert_eq!(keys.concat(), METRIC_COLUMNS);
    }

    #[test]
    fn metric_rows_read_back_and_missing_stays_missing() {
        let values = BTreeMap::from([("fid".to_owned(), 1.5), ("is_std".to_owned(), 0.1)]);
        let row = metrics_row(3, 12, &values, 10, 20);
        assert_eq!(row, "3,12,1.5,,,,,0.1,10,20");
        assert_eq!(values_of_row(&row), values);
    }
}
