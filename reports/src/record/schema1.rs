//! Records of schema 1, as the program wrote them before runs had names, measures and experiments.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Best, Direction, Kind, Measure, MetricValues, Placement, Status, without_nulls};
use crate::history::MetricPoint;
use crate::published::{Layout, PublishedRow, PublishedTable, Reports};

pub(crate) const SCHEMA: u64 = 1;

/// What real images were called where a run has its variant.
const TRAIN_IMAGES: &str = "train-images";

/// Why numbers were not comparable was not kept.
const UNKNOWN_REASON: &str = "recorded before reasons were kept";

/// A record of schema 1.
#[derive(Deserialize)]
pub(super) struct Record {
    suite: String,
    variant: String,
    dataset: String,
    seed: u64,
    config_hash: String,
    budget: String,
    status: Status,
    steps: u64,
    images_seen: u64,
    protocol: String,
    extractor: String,
    extractor_sha256: String,
    n_generated: Option<u64>,
    n_reference: Option<u64>,
    #[serde(default, deserialize_with = "without_nulls")]
    metrics: MetricValues,
    #[serde(default, deserialize_with = "without_nulls")]
    untrained: MetricValues,
    wall_seconds: f64,
    device: String,
    threads: u64,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    published_comparable: bool,
    #[serde(default)]
    placements: Vec<WholePlacement>,
}

/// A placement that holds its table whole.
#[derive(Deserialize)]
struct WholePlacement {
    table: Table,
    row: usize,
}

/// A published table before it said which score its source reports.
#[derive(Deserialize)]
struct Table {
    id: String,
    title: String,
    source: String,
    protocol: Option<String>,
    layout: Layout,
    metrics: Vec<String>,
    rows: Vec<PublishedRow>,
}

impl From<Table> for PublishedTable {
    fn from(table: Table) -> Self {
        let Table { id, title, source, protocol, layout, metrics, rows } = table;
        Self { id, title, source, protocol, layout, reports: Reports::default(), metrics, rows }
    }
}

impl Record {
    /// The record as far as it tells by itself, and the tables of its placements.
    pub(super) fn upgraded(self) -> (super::Record, Vec<PublishedTable>) {
        let placed = |p: &WholePlacement| Placement { table: p.table.id.clone(), row: p.row };
        let placements = self.placements.iter().map(placed).collect();
        let tables = self.placements.into_iter().map(|placement| placement.table.into()).collect();
        let kind = if self.variant == TRAIN_IMAGES { Kind::RealImages } else { Kind::Run };
        let incomparable = match self.published_comparable {
            true => Vec::new(),
            false => vec![UNKNOWN_REASON.to_owned()],
        };
        let record = super::Record {
            schema: super::SCHEMA,
            kind,
            suite: self.suite,
            name: self.variant.clone(),
            variant: self.variant,
            dataset: self.dataset,
            dataset_sha256: String::new(),
            split: String::new(),
            image_size: 0,
            seed: self.seed,
            experiment: hexadecimal(&Sha256::digest(&self.config_hash)),
            settings: BTreeMap::new(),
            budget: self.budget,
            status: self.status,
            steps: self.steps,
            images_seen: self.images_seen,
            protocol: self.protocol,
            extractor: self.extractor,
            extractor_sha256: self.extractor_sha256,
            n_generated: self.n_generated,
            n_reference: self.n_reference,
            generated_sha256: None,
            measures: measures_of(self.metrics.keys().chain(self.untrained.keys())),
            metrics: self.metrics,
            untrained: self.untrained,
            best: None,
            wall_seconds: self.wall_seconds,
            device: self.device,
            threads: self.threads,
            warnings: self.warnings,
            notes: self.notes,
            incomparable,
            placements,
        };
        (record, tables)
    }
}

impl super::Record {
    /// Fills in what the `config.toml` of a run of schema 1 tells: experiment, settings, and what they say of the
    /// data. A file that is not TOML gives its hash alone.
    pub(crate) fn read_old_config(&mut self, config: &str) {
        let decisive = |line: &&str| !line.starts_with("seed =") && !line.starts_with("budget =");
        let decisive: String = config.split_inclusive('\n').filter(decisive).collect();
        self.experiment = hexadecimal(&Sha256::digest(&decisive));
        let Ok(table) = decisive.parse::<toml::Table>() else {
            return;
        };
        self.settings = flattened(&table);
        let setting = |key: &str| self.settings.get(key).cloned();
        self.dataset_sha256 = setting("inputs.dataset_sha256").unwrap_or_default();
        self.split = setting("evaluation.split").unwrap_or_default();
        self.image_size = setting("image_size").and_then(|side| side.parse().ok()).unwrap_or(0);
    }

    /// Fills in what the `metrics.csv` of a run of schema 1 tells: measures that a diverged run's record lacks, and
    /// the best evaluation after training had begun.
    pub(crate) fn read_old_history(&mut self, history: &[MetricPoint]) {
        let keys = history.iter().flat_map(|point| point.values.keys());
        self.measures = measures_of(keys.chain(self.metrics.keys()).chain(self.untrained.keys()));
        let Some(leading) = self.measures.first() else {
            return;
        };
        let trained = history.iter().filter(|point| point.step > 0);
        let scored = trained.filter_map(|point| Some((point.values.get(&leading.key)?, point)));
        let best = scored.min_by(|(a, _), (b, _)| leading.direction.order(**a, **b));
        self.best = best.map(|(_, point)| Best {
            step: point.step,
            by: leading.key.clone(),
            metrics: point.values.clone(),
        });
    }
}

/// `recipe.generator_optimizer.lr` for a value in nested tables.
fn flattened(table: &toml::Table) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => {
                let inner = flattened(inner).into_iter();
                flat.extend(inner.map(|(rest, value)| (format!("{key}.{rest}"), value)));
            }
            toml::Value::String(text) => {
                flat.insert(key.clone(), text.clone());
            }
            other => {
                flat.insert(key.clone(), other.to_string());
            }
        }
    }
    flat
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How the measures of schema 1 were presented: key, title, direction, decimals, spread, further keys.
type Presentation =
    (&'static str, &'static str, Direction, usize, Option<&'static str>, &'static [&'static str]);

const MEASURES: &[Presentation] = &[
    ("fid", "FID", Direction::LowerIsBetter, 2, None, &["fid_ci_low", "fid_ci_high"]),
    ("kid_mean", "KID", Direction::LowerIsBetter, 4, Some("kid_std"), &["kid_se"]),
    ("is_mean", "IS", Direction::HigherIsBetter, 2, Some("is_std"), &[]),
    ("precision", "Precision", Direction::HigherIsBetter, 3, None, &[]),
    ("recall", "Recall", Direction::HigherIsBetter, 3, None, &[]),
    ("density", "Density", Direction::HigherIsBetter, 3, None, &[]),
    ("coverage", "Coverage", Direction::HigherIsBetter, 3, None, &[]),
    ("fid_infinity", "FID∞", Direction::LowerIsBetter, 2, None, &[]),
];

fn measures_of<'a>(keys: impl Iterator<Item = &'a String> + Clone) -> Vec<Measure> {
    let has = |key: &str| keys.clone().any(|found| found == key);
    let present = MEASURES.iter().filter(|presentation| has(presentation.0));
    present
        .map(|&(key, title, direction, decimals, spread, further)| Measure {
            key: key.to_owned(),
            title: title.to_owned(),
            published_title: None,
            unit: String::new(),
            direction,
            decimals,
            spread: spread.filter(|key| has(key)).map(str::to_owned),
            further: further.iter().filter(|key| has(key)).map(|key| (*key).to_owned()).collect(),
        })
        .collect()
}
