//! Suites: lists of runs with their budgets, read from TOML.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Table;

use super::config::{EvaluationConfig, Inputs, RunConfig, find_variant};
use crate::datasets;
use crate::exit::Failure;
use crate::nearest::nearest;

/// The suites inside the program: name and TOML text.
pub const SUITES: &[(&str, &str)] = &[("core", include_str!("../../suites/core.toml"))];

/// Side that images are trained at unless a suite's run says otherwise.
const DEFAULT_IMAGE_SIZE: u32 = 32;

/// A list of runs and how long they may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Name of the folder below the results folder.
    pub name: String,
    /// Title in listings.
    pub title: String,
    /// The runs, in the order in which they are carried out.
    pub runs: Vec<SuiteRun>,
    /// Budgets by name.
    pub budgets: BTreeMap<String, BudgetSpec>,
}

/// One run of a suite.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteRun {
    /// Registry name of the variant.
    pub variant: String,
    /// Registry name of the dataset.
    pub dataset: String,
    /// Side that the images are trained at.
    #[serde(default = "default_image_size")]
    pub image_size: u32,
    /// Overrides of the variant's recipe.
    #[serde(default)]
    pub set: Table,
}

fn default_image_size() -> u32 {
    DEFAULT_IMAGE_SIZE
}

/// How long runs train, and on how many images they are scored.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BudgetSpec {
    /// How runs are scored.
    pub evaluation: EvaluationConfig,
    /// Overrides of every recipe.
    #[serde(default)]
    pub set: Table,
    /// Overrides of one variant's recipe, after `set`.
    #[serde(default)]
    pub set_variant: BTreeMap<String, Table>,
}

impl Suite {
    /// A suite of the program by name, or one from a `.toml` file.
    ///
    /// # Errors
    /// A usage failure if there is no such suite or its text is wrong.
    pub fn find(name: &str) -> Result<Self, Failure> {
        if let Some((_, text)) = SUITES.iter().find(|(known, _)| *known == name) {
            return Self::parse(text, name);
        }
        if name.ends_with(".toml") {
            let text = std::fs::read_to_string(Path::new(name))
                .map_err(|e| Failure::input(format!("cannot read suite {name}: {e}")))?;
            return Self::parse(&text, name);
        }
        Err(Failure::usage(format!(
            "unknown suite `{name}`{}; see `bench list suites`, or name a .toml file",
            nearest(name, SUITES.iter().map(|(known, _)| *known))
        )))
    }

    fn parse(text: &str, path: &str) -> Result<Self, Failure> {
        let suite: Self =
            toml::from_str(text).map_err(|e| Failure::usage(format!("suite {path}: {e}")))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if suite.name.is_empty() || !suite.name.chars().all(plain) {
            return Err(Failure::usage(format!(
                "suite {path}: the name `{}` must be made of letters, digits, - and _",
                suite.name
            )));
        }
        if suite.runs.is_empty() {
            return Err(Failure::usage(format!("suite {path} has no runs; add [[runs]]")));
        }
        suite.check()?;
        Ok(suite)
    }

    /// Refuses runs of unknown variants or datasets.
    ///
    /// # Errors
    /// A usage failure with the nearest name.
    pub fn check(&self) -> Result<(), Failure> {
        for run in &self.runs {
            find_variant(&run.variant)?;
            datasets::find(&run.dataset).map_err(|e| Failure::usage(e.to_string()))?;
        }
        Ok(())
    }

    /// The configurations of all runs under a budget, for one seed.
    ///
    /// # Errors
    /// A usage failure if the suite lacks the budget or an override is wrong.
    pub fn configs(&self, budget: &str, seed: u64) -> Result<Vec<RunConfig>, Failure> {
        self.runs.iter().map(|run| self.config(run, budget, seed)).collect()
    }

    fn config(&self, run: &SuiteRun, budget: &str, seed: u64) -> Result<RunConfig, Failure> {
        let spec = self.budgets.get(budget).ok_or_else(|| {
            let known: Vec<&str> = self.budgets.keys().map(String::as_str).collect();
            Failure::usage(format!(
                "suite `{}` has no budget `{budget}`; its budgets are {}",
                self.name,
                known.join(", ")
            ))
        })?;
        let config = RunConfig {
            variant: run.variant.clone(),
            dataset: run.dataset.clone(),
            image_size: run.image_size,
            seed,
            budget: budget.to_owned(),
            evaluation: spec.evaluation.clone(),
            recipe: (find_variant(&run.variant)?.recipe)(),
            inputs: Inputs::default(),
        };
        let none = Table::new();
        let config = config
            .with_changes(&run.set)?
            .with_changes(&spec.set)?
            .with_changes(spec.set_variant.get(&run.variant).unwrap_or(&none))?;
        config.check()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_is_valid_under_every_budget() {
        for (name, _) in SUITES {
            let suite = Suite::find(name).unwrap();
            assert_eq!(suite.name, *name);
            for budget in ["smoke", "quick", "paper"] {
                assert!(!suite.configs(budget, 0).unwrap().is_empty(), "{name} {budget}");
            }
        }
    }

    #[test]
    fn the_paper_budget_keeps_the_sources_recipes() {
        for config in Suite::find("core").unwrap().configs("paper", 0).unwrap() {
            assert!(config.departures().unwrap().is_empty(), "{}", config.variant);
        }
    }

    #[test]
    fn wrong_suites_are_refused_with_the_reason() {
        let core = SUITES[0].1;
        let message = |text: &str| Suite::parse(text, "x.toml").unwrap_err().to_string();
        assert!(message(&core.replace("title", "titel")).contains("titel"));
        assert!(message(&core.replace("\"dcgan\"", "\"dcgn\"")).contains("`dcgan`"));
        assert!(message(&core.replace("\"mnist\"", "\"mnst\"")).contains("mnst"));
        assert!(message(&core.replace("\"core\"", "\"../core\"")).contains("letters"));
        let suite = Suite::parse(core, "x").unwrap();
        assert!(suite.configs("huge", 0).unwrap_err().to_string().contains("smoke"));
    }
}
