//! Real images against real images: the scores of a train split against the held-out one, the best
//! that a generator of such images can hope for.

use std::time::Instant;

use bench_data::files;
use bench_metrics::Extractor;
use bench_reports::published::Placement;
use bench_reports::record::{Record, SCHEMA, Status};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::config::{EvaluationConfig, Inputs};
use super::folder::RunFolder;
use super::reference::{PROTOCOL, Reference};
use super::runner::{self, Workbench};
use crate::evaluation::Measured;
use crate::exit::Failure;

/// What the images are called where a run has a variant.
pub const TRAIN_IMAGES: &str = "train-images";

/// A measurement to carry out: images of the train split, scored as generated ones would be.
#[derive(Clone, Debug, PartialEq)]
pub struct GroundTruth {
    /// Name of its suite.
    pub suite: String,
    /// Registry name of the dataset, or the path of a folder or `.zip` of images.
    pub dataset: String,
    /// Side of the images, in pixels.
    pub image_size: u32,
    /// The budget's name.
    pub budget: String,
    /// How the images are scored.
    pub evaluation: EvaluationConfig,
    /// How the source scored them.
    pub stated: EvaluationConfig,
    /// The rows of the source's tables that it measures anew.
    pub placements: Vec<Placement>,
}

/// What decides the result, and so the folder's name.
#[derive(Serialize)]
struct Decisive<'a> {
    dataset: &'a str,
    image_size: u32,
    budget: &'a str,
    evaluation: &'a EvaluationConfig,
    inputs: Inputs,
}

impl GroundTruth {
    /// First 8 hexadecimal digits of the SHA-256 of what decides the result.
    ///
    /// # Errors
    /// If it cannot be written as TOML, which is a defect.
    pub fn hash(&self, inputs: Inputs) -> Result<String, Failure> {
        let Self { dataset, image_size, budget, evaluation, .. } = self;
        let decisive = Decisive { dataset, image_size: *image_size, budget, evaluation, inputs };
        let text = toml::to_string(&decisive).map_err(|e| Failure::usage(e.to_string()))?;
        Ok(files::hexadecimal(&Sha256::digest(text)[..4]))
    }

    /// Scores `train` images against `reference` and writes the record.
    ///
    /// # Errors
    /// If a metric cannot be computed or the record cannot be written.
    pub fn record(
        &self,
        train: &Measured,
        (reference, measured): (&Reference, &Measured),
        bench: &Workbench,
        (folder, hash): (&RunFolder, String),
        started: Instant,
    ) -> anyhow::Result<Record> {
        let departures = self.evaluation.departures(&self.stated);
        let record = Record {
            schema: SCHEMA,
            suite: self.suite.clone(),
            variant: TRAIN_IMAGES.to_owned(),
            dataset: reference.dataset.name.clone(),
            seed: 0,
            config_hash: hash,
            budget: self.budget.clone(),
            status: Status::Done,
            steps: 0,
            images_seen: 0,
            protocol: PROTOCOL.name().to_owned(),
            extractor: bench.extractor.name().to_owned(),
            extractor_sha256: bench.extractor.sha256().to_owned(),
            n_generated: Some(train.n()),
            n_reference: Some(measured.n()),
            metrics: runner::scores(&self.evaluation, train, measured)?,
            untrained: Default::default(),
            wall_seconds: started.elapsed().as_secs_f64(),
            device: bench.device_name.clone(),
            threads: bench.threads as u64,
            warnings: reference.fallback.iter().cloned().collect(),
            notes: runner::notes(&self.budget, &departures, reference),
            published_comparable: runner::is_comparable(bench, reference, &departures),
            placements: self.placements.clone(),
        };
        folder.write("record.json", &record.to_json(&folder.record())?)?;
        Ok(record)
    }
}
