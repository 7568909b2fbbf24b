//! A source's tables, as a suite states them.

use std::collections::BTreeMap;

use bench_models::variants::Published;
use bench_reports::published::{Layout, PublishedRow, PublishedTable, Reports};
use serde::Deserialize;

use super::{Suite, SuiteRun};
use crate::training::config::find_variant;
use crate::training::error::ConfigError;

/// A table of the source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteTable {
    /// What its file is called after the suite's name.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Where the source shows it.
    pub source: String,
    /// How the published values came about, as far as the source says.
    pub protocol: Option<String>,
    /// Which of a run's scores the source shows: `last` or `best`.
    #[serde(default)]
    pub reports: Reports,
    /// Which way runs are laid out: `runs-down` or `runs-across`.
    #[serde(default)]
    pub layout: Layout,
    /// Keys of the metrics it shows, in the source's order.
    pub metrics: Vec<String>,
    /// One entry a run, in the source's order.
    pub rows: Vec<SuiteRow>,
}

/// One run in a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuiteRow {
    /// The source's name for it.
    pub title: String,
    /// The run, or the ground truth, that measures it anew; none, where the suite has none.
    pub run: Option<String>,
    /// The published values by metric key, where the registry's entry of the variant has none.
    #[serde(default)]
    pub published: BTreeMap<String, f64>,
}

impl SuiteTable {
    /// Names of the runs that it shows.
    pub(super) fn runs(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(|row| row.run.as_deref())
    }

    /// The table with its published values: the suite's own, and what the registry says of the
    /// variants that run as their source states them.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] if a run or a variant is unknown.
    pub(super) fn published(&self, suite: &Suite) -> Result<PublishedTable, ConfigError> {
        let rows = self.rows.iter().map(|row| {
            let mut published = row.published.clone();
            let run = suite.runs.iter().find(|run| row.run.as_deref() == Some(run.name()));
            if let Some(run) = run {
                for value in of_registry(run)? {
                    published.entry(value.metric.to_owned()).or_insert(value.value);
                }
            }
            published.retain(|metric, _| self.metrics.contains(metric));
            Ok(PublishedRow { title: row.title.clone(), published })
        });
        Ok(PublishedTable {
            id: self.id.clone(),
            title: self.title.clone(),
            source: self.source.clone(),
            protocol: self.protocol.clone(),
            reports: self.reports,
            layout: self.layout,
            metrics: self.metrics.clone(),
            rows: rows.collect::<Result<_, ConfigError>>()?,
        })
    }
}

/// What the registry says was published of this run: nothing, if the run changes the recipe.
fn of_registry(run: &SuiteRun) -> Result<impl Iterator<Item = &'static Published>, ConfigError> {
    let as_stated = run.set.keys().all(|key| key.starts_with("evaluation."));
    let published = find_variant(&run.variant)?.published;
    Ok(published.iter().filter(move |value| as_stated && value.dataset == run.dataset))
}
