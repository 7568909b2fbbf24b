//! From a suite, a budget and a seed to the runs that are carried out.

use bench_reports::published::Placement;
use toml::Table;

use super::{Budget, Suite, SuiteGroundTruth, SuiteRun};
use crate::exit::Failure;
use crate::training::config::{Inputs, RunConfig, find_variant};
use crate::training::ground_truth::GroundTruth;

/// A run to carry out.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRun {
    /// Name of its suite.
    pub suite: String,
    /// Its configuration under the budget, checked.
    pub config: RunConfig,
    /// Its configuration as the source states it.
    pub stated: RunConfig,
    /// The rows of the source's tables that it measures anew.
    pub placements: Vec<Placement>,
}

impl PlannedRun {
    /// What the budget, or the user, changed against the source: `steps 400 instead of 39100`.
    pub fn departures(&self) -> Vec<String> {
        self.config.departures(&self.stated)
    }
}

impl Suite {
    /// The runs under a budget, for one seed.
    ///
    /// # Errors
    /// A usage failure if the suite lacks the budget or an override is wrong.
    pub fn plans(&self, budget: &str, seed: u64) -> Result<Vec<PlannedRun>, Failure> {
        let spec = self.budget(budget)?;
        let chosen = |run: &&SuiteRun| match &spec.runs {
            Some(names) => names.iter().any(|name| name == run.name()),
            None => true,
        };
        self.runs.iter().filter(chosen).map(|run| self.plan(run, budget, seed)).collect()
    }

    /// The measurements of real images under a budget: one a source, whatever the seeds.
    ///
    /// # Errors
    /// As [`Self::plans`].
    pub fn planned_ground_truths(&self, budget: &str) -> Result<Vec<GroundTruth>, Failure> {
        self.ground_truths.iter().map(|truth| self.ground_truth(truth, budget)).collect()
    }

    fn plan(&self, run: &SuiteRun, budget: &str, seed: u64) -> Result<PlannedRun, Failure> {
        let variant = find_variant(&run.variant)?;
        let spec = self.budget(budget)?;
        let stated = RunConfig {
            variant: run.variant.clone(),
            dataset: run.dataset.clone(),
            image_size: run.image_size.unwrap_or(variant.image_size),
            seed,
            budget: budget.to_owned(),
            evaluation: self.evaluation.clone(),
            recipe: (variant.recipe)(),
            inputs: Inputs::default(),
        };
        let stated = stated.with_changes(&run.set)?;
        let none = Table::new();
        let evaluation = stated.evaluation.with_changes(&spec.evaluation)?;
        let config = RunConfig { evaluation, ..stated.clone() }
            .with_changes(&spec.set)?
            .with_changes(spec.set_variant.get(&run.variant).unwrap_or(&none))?;
        config.check()?;
        let placements = self.placements(run.name())?;
        Ok(PlannedRun { suite: self.name.clone(), config, stated, placements })
    }

    fn ground_truth(&self, truth: &SuiteGroundTruth, budget: &str) -> Result<GroundTruth, Failure> {
        let stated = self.evaluation.with_changes(&truth.evaluation)?;
        let evaluation = stated.with_changes(&self.budget(budget)?.evaluation)?;
        evaluation.check()?;
        Ok(GroundTruth {
            suite: self.name.clone(),
            dataset: truth.dataset.clone(),
            image_size: truth.image_size,
            budget: budget.to_owned(),
            evaluation,
            stated,
            placements: self.placements(&truth.name)?,
        })
    }

    /// The budget called `name`.
    fn budget(&self, name: &str) -> Result<&Budget, Failure> {
        self.budgets.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.budgets.keys().map(String::as_str).collect();
            Failure::usage(format!(
                "suite `{}` has no budget `{name}`; its budgets are {}",
                self.name,
                known.join(", ")
            ))
        })
    }

    fn placements(&self, name: &str) -> Result<Vec<Placement>, Failure> {
        let mut placements = Vec::new();
        for table in &self.tables {
            for (row, of_row) in table.rows.iter().enumerate() {
                if of_row.run.as_deref() == Some(name) {
                    placements.push(Placement { table: table.published(self)?, row });
                }
            }
        }
        Ok(placements)
    }
}
