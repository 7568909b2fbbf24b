//! Scoring a checkpoint again, as the run that wrote it did.

use std::path::Path;

use bench_models::TrainedGenerator;

use super::{Fitted, Queue};
use crate::training::config::{Inputs, RunConfig};
use crate::training::error::RunError;
use crate::training::scoring::{self, Scale, Scores};

/// What was found.
pub(in crate::training) struct Rescored {
    /// Hashes of the dataset and the extractor as they are at hand.
    pub(in crate::training) inputs: Inputs,
    /// The scores; none where the inputs are not those of the run.
    pub(in crate::training) scores: Option<Scores>,
}

impl Queue {
    /// Scores the generator in the file `checkpoint` of the run with this configuration; nothing is written.
    ///
    /// # Errors
    /// If the dataset, the extractor or the checkpoint cannot be used.
    pub(in crate::training) fn rescore(
        &mut self,
        config: &RunConfig,
        checkpoint: &Path,
    ) -> Result<Rescored, RunError> {
        let mut reference = self.reference(&config.dataset, config.image_size)?;
        let inputs = self.inputs(&reference, &config.evaluation)?;
        let scores = match inputs == config.inputs {
            false => None,
            true => {
                let Self { bench, cache, data, .. } = self;
                let extractors = &mut bench.extractors;
                let measured = reference.measure(&config.evaluation, data, extractors, cache)?;
                let Fitted { panel, .. } = self.fitted(&config.evaluation.plan, &measured);
                let (variant, recipe) = (config.variant()?, config.recipe.clone());
                let device = self.bench.device;
                let trained = TrainedGenerator::load(variant, recipe, checkpoint, device)?;
                let label = format!("scoring {} at step {}", config.name, trained.step());
                let scale = Scale { config, panel: &panel, measured: &measured };
                let sampler = trained.sampler(config.seed);
                let extractors = &mut self.bench.extractors;
                Some(scoring::score(&sampler, &scale, extractors, label)?)
            }
        };
        self.loaded = Some(reference);
        Ok(Rescored { inputs, scores })
    }
}
