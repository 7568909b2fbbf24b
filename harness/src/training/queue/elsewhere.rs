//! What has to be known of runs that others carry out, and what is made once for all of them.

use std::collections::BTreeSet;

use bench_reports::Status;

use super::Queue;
use crate::training::config::RunConfig;
use crate::training::error::RunError;
use crate::training::folder::RunFolder;
use crate::training::suite::PlannedRun;

/// A run whose inputs are known.
pub struct Located {
    /// Its configuration, with them.
    pub config: RunConfig,
    /// Hash of all that decides its result but the seed.
    pub experiment: String,
    /// Where its results go.
    pub folder: RunFolder,
    /// How it ended, if it has.
    pub status: Option<Status>,
}

impl Queue {
    /// Where a run goes and how it stands; nothing is carried out.
    ///
    /// # Errors
    /// If its dataset cannot be loaded, or its record is there and cannot be read.
    pub fn locate(&mut self, plan: &PlannedRun) -> Result<Located, RunError> {
        let reference = self.reference(&plan.config.dataset, plan.config.image_size)?;
        let inputs = self.inputs(&reference, &plan.config.evaluation)?;
        self.loaded = Some(reference);
        let config = RunConfig { inputs, ..plan.config.clone() };
        let folder = self.folder(&plan.suite, &config)?;
        let experiment = config.experiment()?;
        let status = folder.ended(&experiment)?;
        Ok(Located { config, experiment, folder, status })
    }

    /// Extracts the features that `plans` are compared with, each once, so that the cache holds them.
    ///
    /// # Errors
    /// If a dataset cannot be loaded or the extractor fails.
    pub fn extract_references<'a>(
        &mut self,
        plans: impl Iterator<Item = &'a PlannedRun>,
    ) -> Result<(), RunError> {
        let mut done = BTreeSet::new();
        for PlannedRun { config, .. } in plans {
            let RunConfig { dataset, image_size, evaluation, .. } = config;
            let (wanted, split) = (evaluation.reference(), evaluation.split());
            let protocol = evaluation.plan.protocol;
            if !done.insert(format!("{dataset} {image_size} {wanted} {split} {protocol}")) {
                continue;
            }
            let mut reference = self.reference(dataset, *image_size)?;
            let Self { bench, cache, data, .. } = self;
            reference.measure(evaluation, data, &mut bench.extractors, cache)?;
            self.loaded = Some(reference);
        }
        Ok(())
    }
}
