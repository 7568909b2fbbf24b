//! Real images against real images: the scores of a train split against the held-out one, the best
//! that a generator of such images can hope for.

use std::time::Instant;

use bench_metrics::{Evidence, Panel};
use bench_models::Recipe;
use bench_reports::published::Placement;
use bench_reports::record::{Kind, Record, Status};
use serde::{Deserialize, Serialize};

use super::config::{Inputs, RunConfig, evaluation_departures};
use super::error::RunError;
use super::folder::RunFolder;
use super::record::{Outcome, Subject, record};
use super::reference::Reference;
use super::runner::Workbench;
use crate::evaluation::{EvaluationConfig, Measured};

/// What the images are called where a run has a variant.
pub const TRAIN_IMAGES: &str = "train-images";

/// A measurement to carry out: images of the train split, scored as generated ones would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroundTruth {
    /// Name of its suite.
    pub suite: String,
    /// What tables call it.
    pub name: String,
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
    /// What the source does not say and its numbers hang on.
    pub unstated: Vec<String>,
    /// The rows of the source's tables that it measures anew.
    pub placements: Vec<Placement>,
}

/// Images that were scored, and what they were compared with.
pub struct RealImages<'a> {
    /// Images of the train split.
    pub train: &'a Measured,
    /// Where they come from.
    pub reference: &'a Reference,
    /// What they are compared with.
    pub measured: &'a Measured,
    /// The metrics, as far as extractor and images allow.
    pub panel: &'a Panel,
    /// What was changed for that.
    pub notes: Vec<String>,
}

impl GroundTruth {
    /// The configuration that a run on these images would have that takes no step.
    pub fn config(&self, inputs: Inputs) -> RunConfig {
        RunConfig {
            name: self.name.clone(),
            variant: TRAIN_IMAGES.to_owned(),
            dataset: self.dataset.clone(),
            image_size: self.image_size,
            seed: 0,
            budget: self.budget.clone(),
            evaluation: self.evaluation.clone(),
            recipe: Recipe { steps: 0, ..Recipe::default() },
            inputs,
        }
    }

    /// Scores the images and writes the record of `config`, which is [`Self::config`].
    ///
    /// # Errors
    /// If a metric cannot be computed or the record cannot be written.
    pub fn record(
        &self,
        images: RealImages,
        config: &RunConfig,
        bench: &Workbench,
        folder: &RunFolder,
        started: Instant,
    ) -> Result<Record, RunError> {
        let RealImages { train, reference, measured, panel, notes } = images;
        let evidence = Evidence {
            generated: train.sample(),
            reference: Some(measured.sample()),
            held_out: None,
        };
        let outcome = Outcome {
            status: Status::Done,
            steps: 0,
            images_seen: 0,
            metrics: panel.compute(&evidence)?,
            // They are the dataset's, whose hash stands in the record.
            images_sha256: None,
            untrained: Default::default(),
            best: None,
            wall_seconds: started.elapsed().as_secs_f64(),
            warnings: Vec::new(),
            notes,
        };
        let subject = Subject {
            kind: Kind::RealImages,
            suite: &self.suite,
            config,
            panel,
            reference,
            placements: &self.placements,
            departures: evaluation_departures(&self.evaluation, &self.stated),
            unstated: &self.unstated,
            n: (train.n(), measured.n()),
        };
        let record = record(&subject, outcome, bench)?;
        folder.write("record.json", &record.to_json(&folder.record())?)?;
        Ok(record)
    }
}
