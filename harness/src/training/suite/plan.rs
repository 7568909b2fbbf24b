//! From a suite, a budget and a seed to the runs that are carried out.

use bench_reports::published::{Placement, Reports, SuiteTables};
use serde::{Deserialize, Serialize};
use toml::Table;

use super::{Budget, Suite, SuiteGroundTruth, SuiteRun, SuiteTable};
use crate::pictures::PicturePlan;
use crate::training::agenda::{self, AskedRun};
use crate::training::config::{Inputs, RunConfig, find_variant};
use crate::training::error::ConfigError;
use crate::training::ground_truth::GroundTruth;

/// A run to carry out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedRun {
    /// Name of its suite.
    pub suite: String,
    /// Its configuration under the budget, checked.
    pub config: RunConfig,
    /// Its configuration as the source states it.
    pub stated: RunConfig,
    /// What the source does not say and its numbers hang on.
    pub unstated: Vec<String>,
    /// The rows of the source's tables that it measures anew.
    pub placements: Vec<Placement>,
    /// The pictures that it draws at its end.
    #[serde(default)]
    pub pictures: PicturePlan,
}

impl PlannedRun {
    /// Whether both are the same run of the same suite, whatever they are called and in whatever rows they are shown.
    pub fn is_the_same_run(&self, other: &Self) -> bool {
        let nameless = |plan: &Self| RunConfig { name: String::new(), ..plan.config.clone() };
        self.suite == other.suite && nameless(self) == nameless(other)
    }

    /// What it goes by before its inputs are known; see [`agenda::id_of`].
    ///
    /// # Errors
    /// If its configuration cannot be written as TOML, which is a defect.
    pub fn id(&self) -> Result<String, ConfigError> {
        let text = self.config.to_toml()?;
        agenda::id_of(&text).ok_or_else(|| ConfigError::invalid("the configuration is no TOML"))
    }

    /// The run as others see that it is asked for.
    ///
    /// # Errors
    /// As [`Self::id`].
    pub fn asked(&self) -> Result<AskedRun, ConfigError> {
        let RunConfig { name, variant, dataset, seed, recipe, .. } = self.config.clone();
        let suite = self.suite.clone();
        Ok(AskedRun { id: self.id()?, suite, name, variant, dataset, seed, steps: recipe.steps })
    }

    /// What the budget, or the user, changed against the source: `steps 400 instead of 39100`.
    pub fn departures(&self) -> Vec<String> {
        self.config.departures(&self.stated)
    }
}

impl Suite {
    /// The runs under a budget, for one seed.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] if the suite lacks the budget or an override is wrong.
    pub fn plans(&self, budget: &str, seed: u64) -> Result<Vec<PlannedRun>, ConfigError> {
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
    pub fn planned_ground_truths(&self, budget: &str) -> Result<Vec<GroundTruth>, ConfigError> {
        self.ground_truths.iter().map(|truth| self.ground_truth(truth, budget)).collect()
    }

    fn plan(&self, run: &SuiteRun, budget: &str, seed: u64) -> Result<PlannedRun, ConfigError> {
        let variant = find_variant(&run.variant)?;
        let spec = self.budget(budget)?;
        let stated = RunConfig {
            name: run.name().to_owned(),
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
        Ok(PlannedRun {
            suite: self.name.clone(),
            config,
            stated,
            unstated: self.unstated.clone(),
            placements: self.placements(run.name()),
            pictures: self.pictures(run.name()),
        })
    }

    /// What the source's figures show of the run called `name`, of the checkpoint that its tables report.
    fn pictures(&self, name: &str) -> PicturePlan {
        let is_best = |table: &SuiteTable| {
            table.reports == Reports::Best && table.runs().any(|run| run == name)
        };
        let of = match self.tables.iter().any(is_best) {
            true => Reports::Best,
            false => Reports::Last,
        };
        let mut plan = PicturePlan { of, ..Default::default() };
        let shown = self.figures.iter().filter(|figure| figure.shows_run(name));
        plan.ask(shown.filter_map(|figure| figure.picture.clone()));
        plan
    }

    fn ground_truth(
        &self,
        truth: &SuiteGroundTruth,
        budget: &str,
    ) -> Result<GroundTruth, ConfigError> {
        let stated = self.evaluation.with_changes(&truth.evaluation)?;
        let evaluation = stated.with_changes(&self.budget(budget)?.evaluation)?;
        Ok(GroundTruth {
            suite: self.name.clone(),
            name: truth.name.clone(),
            dataset: truth.dataset.clone(),
            image_size: truth.image_size,
            budget: budget.to_owned(),
            evaluation,
            stated,
            unstated: self.unstated.clone(),
            placements: self.placements(&truth.name),
        })
    }

    /// The budget called `name`.
    fn budget(&self, name: &str) -> Result<&Budget, ConfigError> {
        self.budgets.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.budgets.keys().map(String::as_str).collect();
            ConfigError::Invalid(format!(
                "suite `{}` has no budget `{name}`; its budgets are {}: give `--budget` one of them, or add \
                 [budgets.{name}] to the suite",
                self.name,
                known.join(", ")
            ))
        })
    }

    /// The rows of the source's tables that show the run, or the ground truth, called `name`.
    fn placements(&self, name: &str) -> Vec<Placement> {
        let of_table = |table: &'_ SuiteTable| {
            let rows = table.rows.iter().enumerate();
            let of_run = rows.filter(|(_, row)| row.run.as_deref() == Some(name));
            of_run.map(|(row, _)| Placement { table: table.id.clone(), row }).collect::<Vec<_>>()
        };
        self.tables.iter().flat_map(of_table).collect()
    }

    /// The source's tables with their published values, as the results folder keeps them.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] if a run's variant is unknown.
    pub fn published(&self) -> Result<SuiteTables, ConfigError> {
        let tables = self.tables.iter().map(|table| table.published(self));
        let figures = self.figures.clone();
        Ok(SuiteTables { tables: tables.collect::<Result<_, _>>()?, figures })
    }
}
