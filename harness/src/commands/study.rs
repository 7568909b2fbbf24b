//! Which runs a study has: `bench all` carries them out on this machine, `bench submit` on a cluster.

use std::collections::BTreeSet;

use super::all::CommonArgs;
use crate::training::error::ConfigError;
use crate::training::ground_truth::GroundTruth;
use crate::training::labelled;
use crate::training::queue::Queue;
use crate::training::suite::{PlannedRun, SUITES, Suite};

/// Options that decide the runs.
#[derive(Debug, clap::Args)]
pub struct StudyArgs {
    /// Suites to run, by name or as a .toml file; all by default.
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
    /// How long the runs train: smoke, quick, paper, or one of the suite's own.
    #[arg(long, default_value = "quick")]
    budget: String,
    /// Seeds; every run is carried out once with each.
    #[arg(long, value_delimiter = ',', default_value = "0")]
    seeds: Vec<u64>,
    /// What the runs share.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Runs to carry out, and measurements of real images beside them.
#[derive(Debug)]
pub struct Study {
    /// The suites that they are of.
    pub suites: Vec<Suite>,
    /// The runs, in order.
    pub plans: Vec<PlannedRun>,
    /// The measurements.
    pub truths: Vec<GroundTruth>,
}

impl StudyArgs {
    /// The study that is asked for; every configuration is checked.
    ///
    /// # Errors
    /// If a suite, a budget or a configuration cannot be.
    pub fn study(&self) -> anyhow::Result<Study> {
        let suites = self.suites()?;
        let (mut plans, mut truths) = (Vec::new(), Vec::new());
        for suite in &suites {
            truths.extend(suite.planned_ground_truths(&self.budget)?);
            for &seed in &self.seeds {
                plans.extend(suite.plans(&self.budget, seed)?);
            }
        }
        let of_runs = plans.iter_mut().map(|plan| &mut plan.config.evaluation);
        for evaluation in of_runs.chain(truths.iter_mut().map(|truth| &mut truth.evaluation)) {
            self.common.apply_metrics(evaluation)?;
        }
        for plan in &mut plans {
            self.common.apply_pictures(&mut plan.pictures)?;
            labelled::check(&plan.config)?;
        }
        Ok(Study { suites, plans, truths })
    }

    fn suites(&self) -> Result<Vec<Suite>, ConfigError> {
        if self.suite.is_empty() {
            return SUITES.iter().map(|(name, _)| Suite::find(name)).collect();
        }
        self.suite.iter().map(|name| Suite::find(name)).collect()
    }
}

impl Study {
    /// The datasets of the runs and measurements, each once.
    pub fn datasets(&self) -> Vec<String> {
        let of_runs = self.plans.iter().map(|plan| &plan.config.dataset);
        let datasets: BTreeSet<&String> =
            of_runs.chain(self.truths.iter().map(|truth| &truth.dataset)).collect();
        datasets.into_iter().cloned().collect()
    }

    /// Lets datasets inside the program stand in for those that `queue` does not find.
    ///
    /// # Errors
    /// If a dataset is there and damaged.
    pub fn replace_missing_datasets(&mut self, queue: &mut Queue) -> anyhow::Result<()> {
        let datasets = self.datasets();
        Ok(queue.replace_missing_datasets(&datasets, &mut self.plans, &mut self.truths)?)
    }
}
