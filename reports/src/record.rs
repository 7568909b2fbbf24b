//! The record of one run: flat, versioned, and all that a report knows of the run's outcome.

pub(crate) mod schema1;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::ReportError;
pub use crate::measure::{Direction, Measure};
pub use crate::published::Placement;
use crate::published::PublishedTable;

/// The schema this crate writes; it reads schema 1 as well. A change of meaning or a removed field raises it.
pub const SCHEMA: u64 = 2;

/// Hexadecimal digits of an experiment's hash where people read it.
pub const SHOWN_DIGITS: usize = 8;

/// Metric values by key, such as `fid` or `kid_mean`; a key that is absent was not measured.
pub type MetricValues = BTreeMap<String, f64>;

/// What was scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A generator that the run trained.
    #[default]
    Run,
    /// Real images, scored as generated ones would be: what a generator can hope for, and no rival of one.
    RealImages,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Training reached its last step and the run was scored.
    Done,
    /// A loss or a parameter became non-finite.
    Diverged,
    /// The run stopped on an error.
    Failed,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
        })
    }
}

/// The best evaluation of a run after training had begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Generator step of the evaluation.
    pub step: u64,
    /// Key of the measure it was chosen by, such as `fid`.
    pub by: String,
    /// All that was measured at that step.
    #[serde(default, serialize_with = "finite_only", deserialize_with = "without_nulls")]
    pub metrics: MetricValues,
}

/// What a run was and what came of it (`record.json`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`], also of a record that was read from an older one.
    pub schema: u64,
    /// What was scored.
    #[serde(default)]
    pub kind: Kind,
    /// The suite the run belongs to.
    pub suite: String,
    /// The run's name, such as `sngan-proj-d4`; unique in its suite.
    pub name: String,
    /// The variant's name, such as `sngan-proj`.
    pub variant: String,
    /// The dataset's name, such as `cifar10`.
    pub dataset: String,
    /// SHA-256 of the dataset's contents, in hex; empty where a record of schema 1 does not tell.
    pub dataset_sha256: String,
    /// The split of the reference images, `train` or `test`; empty where a record of schema 1 does not tell.
    pub split: String,
    /// Side of the images, in pixels; 0 where a record of schema 1 does not tell.
    pub image_size: u32,
    /// The seed every random draw of the run derives from.
    pub seed: u64,
    /// SHA-256, in 64 digits of hex, of all that decides the result but the seed. Shown with [`SHOWN_DIGITS`].
    pub experiment: String,
    /// The resolved configuration without seed and budget, flat: `recipe.batch_size` is `64`.
    pub settings: BTreeMap<String, String>,
    /// The budget's name, such as `quick`.
    pub budget: String,
    /// How the run ended.
    pub status: Status,
    /// Generator steps taken.
    pub steps: u64,
    /// Real images the discriminator has seen, repeats included.
    pub images_seen: u64,
    /// The protocol the metrics follow, such as `pytorch-fid`.
    pub protocol: String,
    /// The feature extractor's name, also of a run that ended before it was scored: it decides beside which runs a
    /// figure shows this one.
    pub extractor: String,
    /// SHA-256 of the extractor's file, in hex.
    pub extractor_sha256: String,
    /// Generated images scored at the end; missing when none were.
    pub n_generated: Option<u64>,
    /// Reference images behind the reference statistics; missing when none were used.
    pub n_reference: Option<u64>,
    /// SHA-256, in hex, of the pixels of the generated images that were scored at the end, `[n, height, width, channels]`
    /// bytes in order; missing where a record does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_sha256: Option<String>,
    /// How the values are presented, in the order in which they are shown; the first is the leading one.
    pub measures: Vec<Measure>,
    /// Metrics of the last step; empty for a diverged run. Non-finite values are written as missing, and `null` is
    /// read as missing.
    #[serde(default, serialize_with = "finite_only", deserialize_with = "without_nulls")]
    pub metrics: MetricValues,
    /// The same metrics of the generator before training.
    #[serde(default, serialize_with = "finite_only", deserialize_with = "without_nulls")]
    pub untrained: MetricValues,
    /// The best evaluation by the leading measure, also of a run that diverged after it.
    pub best: Option<Best>,
    /// Wall time of the run in seconds, evaluation included.
    pub wall_seconds: f64,
    /// The device, such as `cpu` or `cuda:0`.
    pub device: String,
    /// CPU threads the run was given.
    pub threads: u64,
    /// What a reader of the numbers must be warned of.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What a reader should know, such as what the budget changed.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Why the numbers must not stand beside published ones; empty where they may.
    #[serde(default)]
    pub incomparable: Vec<String>,
    /// The rows of the suite's published tables that the run measures anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub placements: Vec<Placement>,
}

impl Record {
    /// Parses a record of schema 2 or 1; `path` is only named in errors. What a record of schema 1 does not hold and
    /// other files of its folder do (settings, best evaluation, published tables) is filled in by [`crate::Run::load`].
    ///
    /// # Errors
    /// [`ReportError::SchemaVersion`] for any other schema, [`ReportError::Record`] for anything that is no record.
    pub fn from_json(json: &[u8], path: &Path) -> Result<Self, ReportError> {
        Ok(Self::with_tables_from_json(json, path)?.0)
    }

    /// The record, and of one of schema 1 the published tables in its placements, one each.
    pub(crate) fn with_tables_from_json(
        json: &[u8],
        path: &Path,
    ) -> Result<(Self, Option<Vec<PublishedTable>>), ReportError> {
        #[derive(Deserialize)]
        struct Version {
            schema: u64,
        }
        let invalid = |error| ReportError::record(path, error);
        // The version goes first: another schema need not have this one's fields.
        let version: Version = serde_json::from_slice(json).map_err(invalid)?;
        match version.schema {
            SCHEMA => Ok((serde_json::from_slice(json).map_err(invalid)?, None)),
            schema1::SCHEMA => {
                let old: schema1::Record = serde_json::from_slice(json).map_err(invalid)?;
                let (record, tables) = old.upgraded();
                Ok((record, Some(tables)))
            }
            found => Err(ReportError::SchemaVersion { path: path.to_owned(), found }),
        }
    }

    /// The record as indented JSON with a final newline; keys of maps are sorted, so equal records are equal bytes.
    ///
    /// # Errors
    /// [`ReportError::Record`] naming `path` when the record cannot be written as JSON.
    pub fn to_json(&self, path: &Path) -> Result<Vec<u8>, ReportError> {
        let mut json =
            serde_json::to_vec_pretty(self).map_err(|error| ReportError::record(path, error))?;
        json.push(b'\n');
        Ok(json)
    }

    /// A metric of the last step; `None` when it is missing or not finite.
    pub fn metric(&self, key: &str) -> Option<f64> {
        finite(&self.metrics, key)
    }

    /// A metric of the generator before training; `None` when it is missing or not finite.
    pub fn untrained_metric(&self, key: &str) -> Option<f64> {
        finite(&self.untrained, key)
    }

    /// A metric of the best evaluation; `None` when it is missing or not finite.
    pub fn best_metric(&self, key: &str) -> Option<f64> {
        finite(&self.best.as_ref()?.metrics, key)
    }

    /// How a run ended that did not end as it should, such as `diverged at step 1200`.
    pub(crate) fn ending(&self) -> Option<String> {
        (self.status != Status::Done).then(|| format!("{} at step {}", self.status, self.steps))
    }

    /// The experiment's hash in [`SHOWN_DIGITS`].
    pub fn short_experiment(&self) -> &str {
        self.experiment.get(..SHOWN_DIGITS).unwrap_or(&self.experiment)
    }
}

fn finite(values: &MetricValues, key: &str) -> Option<f64> {
    values.get(key).copied().filter(|value| value.is_finite())
}

fn finite_only<S: Serializer>(values: &MetricValues, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().filter(|(_, value)| value.is_finite()))
}

fn without_nulls<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MetricValues, D::Error> {
    let values = BTreeMap::<String, Option<f64>>::deserialize(deserializer)?;
    Ok(values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}
