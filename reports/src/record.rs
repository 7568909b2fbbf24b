//! The record of one run: flat, versioned, and all that a report knows of the run's outcome.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::ReportError;
use crate::published::Placement;

/// The schema this crate writes and reads; a change of meaning or a removed field raises it.
pub const SCHEMA: u64 = 1;

/// Metric values by key, such as `fid` or `kid_mean`; a key that is absent was not measured.
pub type MetricValues = BTreeMap<String, f64>;

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

/// What a run was and what came of it (`record.json`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`] of the program that wrote it.
    pub schema: u64,
    /// The suite the run belongs to.
    pub suite: String,
    /// The variant's name, such as `wgan-gp`.
    pub variant: String,
    /// The dataset's name, such as `cifar10`.
    pub dataset: String,
    /// The seed every random draw of the run derives from.
    pub seed: u64,
    /// Hash of the resolved configuration, in hex.
    pub config_hash: String,
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
    /// Final metrics. Non-finite values are written as missing, and `null` is read as missing.
    #[serde(default, serialize_with = "finite_only", deserialize_with = "without_nulls")]
    pub metrics: MetricValues,
    /// The same metrics of the generator before training.
    #[serde(default, serialize_with = "finite_only", deserialize_with = "without_nulls")]
    pub untrained: MetricValues,
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
    /// Whether the metrics may be shown beside published ones.
    pub published_comparable: bool,
    /// The rows of published tables that the run measures anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub placements: Vec<Placement>,
}

impl Record {
    /// Parses a record; `path` is only named in errors.
    ///
    /// # Errors
    /// [`ReportError::SchemaVersion`] for a schema other than [`SCHEMA`], [`ReportError::Record`] for anything
    /// that is no record.
    pub fn from_json(json: &[u8], path: &Path) -> Result<Self, ReportError> {
        #[derive(Deserialize)]
        struct Version {
            schema: u64,
        }
        let invalid = |error: serde_json::Error| ReportError::Record {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        // The version goes first: another schema need not have this one's fields.
        let version: Version = serde_json::from_slice(json).map_err(invalid)?;
        if version.schema != SCHEMA {
            return Err(ReportError::SchemaVersion {
                path: path.to_owned(),
                found: version.schema,
                supported: SCHEMA,
            });
        }
        serde_json::from_slice(json).map_err(invalid)
    }

    /// The record as indented JSON with a final newline; keys of maps are sorted, so equal records are equal bytes.
    ///
    /// # Errors
    /// [`ReportError::Record`] naming `path` when the record cannot be written as JSON.
    pub fn to_json(&self, path: &Path) -> Result<Vec<u8>, ReportError> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|error| ReportError::Record {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        json.push(b'\n');
        Ok(json)
    }

    /// A final metric; `None` when it is missing or not finite.
    pub fn metric(&self, key: &str) -> Option<f64> {
        finite(&self.metrics, key)
    }

    /// A metric of the generator before training; `None` when it is missing or not finite.
    pub fn untrained_metric(&self, key: &str) -> Option<f64> {
        finite(&self.untrained, key)
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
