//! Whether a run's folder still holds what its record says: hashes and histories, checkpoints, and the scores themselves.

mod files;
mod scores;

use std::path::Path;

use bench_reports::{Record, Status};

use super::config::RunConfig;
use super::error::RunError;
use super::folder::RunFolder;
use super::queue::Queue;

/// Which checkpoint is scored again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Checkpoint {
    /// The last one; the best of a diverged run.
    #[default]
    Last,
    /// The one of the best evaluation.
    Best,
}

/// Share of a score by which it may differ from what was written as JSON, whose last binary digit may be lost in reading.
const READING: f64 = 2.0 * f64::EPSILON;

/// Whether `value` is the score `expected`, up to a share of its size.
fn is_score(value: f64, expected: f64, share: f64) -> bool {
    (value - expected).abs() <= share * expected.abs()
}

/// What was looked at in the folder of a run, and what is not as it should be.
#[derive(Debug, Default, PartialEq)]
pub struct Findings {
    /// Number of things that were compared.
    pub checks: usize,
    /// What differs, each with both values or the reason.
    pub differences: Vec<String>,
    /// What could not be compared, and why.
    pub notes: Vec<String>,
}

impl Findings {
    /// Compares `found` with what is `expected` of `what`.
    fn compare<T: PartialEq + std::fmt::Display>(&mut self, what: &str, found: T, expected: T) {
        let is_same = found == expected;
        self.check(is_same, || format!("{what} is {found} instead of {expected}"));
    }

    fn check(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds {
            self.differences.push(otherwise());
        }
    }
}

/// A run that is looked at.
struct Subject<'a> {
    folder: &'a RunFolder,
    config: RunConfig,
    /// Unless it has not ended.
    record: Option<Record>,
}

/// Looks at the run in the folder `path`; with `queue` also at its dataset, its extractor and the scores of `checkpoint`.
///
/// # Errors
/// If what is at hand cannot be used: the dataset is not there, or the extractor fails. What is wrong with the run's own files
/// is a difference and no error.
pub fn verify(
    path: &Path,
    checkpoint: Checkpoint,
    queue: Option<&mut Queue>,
) -> Result<Findings, RunError> {
    let folder = &RunFolder::at(path);
    let mut findings = Findings::default();
    let config = match RunConfig::read(&folder.config()) {
        Ok(config) => config,
        Err(error) => {
            findings.check(false, || error.to_string());
            return Ok(findings);
        }
    };
    let record = match folder.record_if_any() {
        Ok(record) => record,
        Err(error) => {
            findings.check(false, || error.to_string());
            return Ok(findings);
        }
    };
    if record.is_none() {
        findings.notes.push("has not ended: there is no record to compare with".to_owned());
    }
    let subject = Subject { folder, config, record };
    files::check(&subject, &mut findings)?;
    if let (Some(queue), Some(record)) = (queue, &subject.record) {
        let checkpoint = match record.status {
            Status::Done => checkpoint,
            _ => Checkpoint::Best,
        };
        scores::check(&subject, record, checkpoint, queue, &mut findings)?;
    }
    Ok(findings)
}
