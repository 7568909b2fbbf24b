//! The files of a run against each other.

use std::fs;
use std::path::PathBuf;

use bench_data::files::{hexadecimal, sha256_file};
use bench_models::checkpoint;
use bench_reports::history::{parse_losses, parse_metrics};
use bench_reports::picture::{self, PictureNote};
use bench_reports::record::{MetricValues, Record};
use bench_reports::{ReportError, Status};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Findings, READING, Subject, is_score};
use crate::training::error::RunError;
use crate::training::folder::RunFolder;

/// What a manifest says of other files; an older one may say less.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    experiment: Option<String>,
    config_sha256: Option<String>,
    dataset_sha256: Option<String>,
    extractor_sha256: Option<String>,
}

/// Compares record, manifest, configuration, histories, grids and checkpoints.
///
/// # Errors
/// If the configuration cannot be written as TOML, which is a defect.
pub(super) fn check(subject: &Subject, findings: &mut Findings) -> Result<(), RunError> {
    let Subject { folder, config, record } = subject;
    let experiment = config.experiment()?;
    let name = folder.path().canonicalize().unwrap_or_default();
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    findings.check(name.ends_with(&experiment[..8]), || {
        format!(
            "the folder is called {name} and the experiment of its configuration {}",
            &experiment[..8]
        )
    });
    manifest(subject, &experiment, findings);
    checkpoints(folder, record.as_ref(), findings);
    pictures(folder, record.as_ref(), findings);
    if let Some(record) = record {
        findings.compare("record.json: experiment", &record.experiment, &experiment);
        let inputs = &config.inputs;
        findings.compare(
            "record.json: dataset_sha256",
            &record.dataset_sha256,
            &inputs.dataset_sha256,
        );
        findings.compare(
            "record.json: extractor_sha256",
            &record.extractor_sha256,
            &inputs.extractor_sha256,
        );
        if let Err(error) = histories(folder, record, findings) {
            findings.check(false, || error.to_string());
        }
    }
    Ok(())
}

fn manifest(subject: &Subject, experiment: &str, findings: &mut Findings) {
    let path = subject.folder.manifest();
    let read = fs::read(&path).map_err(|error| error.to_string());
    let claims: Claims =
        match read.and_then(|json| serde_json::from_slice(&json).map_err(|e| e.to_string())) {
            Ok(claims) => claims,
            Err(reason) => return findings.check(false, || format!("manifest.json: {reason}")),
        };
    let config = fs::read(subject.folder.config()).unwrap_or_default();
    let inputs = &subject.config.inputs;
    for (what, claimed, found) in [
        ("experiment", claims.experiment, experiment.to_owned()),
        ("config_sha256", claims.config_sha256, hexadecimal(&Sha256::digest(config))),
        ("dataset_sha256", claims.dataset_sha256, inputs.dataset_sha256.clone()),
        ("extractor_sha256", claims.extractor_sha256, inputs.extractor_sha256.clone()),
    ] {
        match claimed {
            Some(claimed) => findings.compare(&format!("manifest.json: {what}"), claimed, found),
            None => findings.notes.push(format!("manifest.json tells no {what}")),
        }
    }
}

/// Every checkpoint that is there is whole, and those that have to be are there.
fn checkpoints(folder: &RunFolder, record: Option<&Record>, findings: &mut Findings) {
    let is_done = record.is_some_and(|record| record.status == Status::Done && record.steps > 0);
    let has_best = record.is_some_and(|record| record.best.is_some());
    for (path, is_needed) in [(folder.checkpoint(), is_done), (folder.best(), has_best)] {
        if path.exists() {
            let read = checkpoint::read(&path);
            findings.check(read.is_ok(), || read.map_or_else(|e| e.to_string(), |_| String::new()));
        } else if is_needed {
            findings.check(false, || format!("{} is missing", path.display()));
        }
    }
}

/// Every picture is as its note says, and of the checkpoint that there is.
fn pictures(folder: &RunFolder, record: Option<&Record>, findings: &mut Findings) {
    let entries = fs::read_dir(folder.path().join(picture::FOLDER)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|kind| kind == "json")) {
        let json = fs::read(path).unwrap_or_default();
        let note = match PictureNote::from_json(&json, path) {
            Ok(note) => note,
            Err(error) => {
                findings.check(false, || error.to_string());
                continue;
            }
        };
        let png = path.with_extension("png");
        let found = sha256_file(&png).unwrap_or_else(|error| error.to_string());
        findings.compare(&format!("the SHA-256 of {}", png.display()), found, note.png_sha256);
        let step = record.and_then(|record| match note.checkpoint.as_deref() {
            Some("best") => record.best.as_ref().map(|best| best.step),
            Some(_) => Some(record.steps),
            None => None,
        });
        if let Some(step) = step {
            findings.compare(&format!("{}: step", path.display()), note.step, step);
        }
    }
}

/// The histories tell of every step, and of the scores in the record.
fn histories(
    folder: &RunFolder,
    record: &Record,
    findings: &mut Findings,
) -> Result<(), ReportError> {
    let read = |path: &std::path::Path| {
        fs::read(path).map_err(|reason| ReportError::Read { path: path.to_owned(), reason })
    };
    let losses = parse_losses(&read(&folder.losses())?, &folder.losses())?;
    findings.compare("losses.csv: number of steps", losses.len() as u64, record.steps);
    let points = parse_metrics(&read(&folder.metrics())?, &folder.metrics())?;
    let mut scores = |step: u64, expected: &MetricValues| {
        let found = points.iter().rfind(|point| point.step == step);
        let is_same = found.is_some_and(|point| {
            expected.iter().all(|(key, value)| {
                point.values.get(key).is_some_and(|found| is_score(*found, *value, READING))
            })
        });
        findings.check(is_same, || format!("metrics.csv: step {step} is not as in record.json"));
    };
    if record.status == Status::Done {
        scores(record.steps, &record.metrics);
    }
    if let Some(best) = &record.best {
        scores(best.step, &best.metrics);
    }
    for point in &points {
        let grid = folder.grid(point.step);
        findings.check(grid.is_file(), || format!("{} is missing", grid.display()));
    }
    Ok(())
}
