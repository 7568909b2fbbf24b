//! The configuration of one run, complete: what `config.toml` in the run's folder holds.

mod overrides;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bench_data::datasets;
use bench_data::nearest::nearest;
use bench_models::Recipe;
use bench_models::variants::{self, Variant};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::error::ConfigError;
use crate::evaluation::EvaluationConfig;

/// What a run works on, found when it starts: a run on other images or with another extractor is
/// another run, in another folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Content hash of the train split, at the run's size.
    pub dataset_sha256: String,
    /// Hash of the feature extractor.
    pub extractor_sha256: String,
}

/// Everything that decides a run's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// What the run is called, in its suite alone.
    pub name: String,
    /// Registry name of the variant.
    pub variant: String,
    /// Registry name of the dataset, or the path of a folder or `.zip` of images.
    pub dataset: String,
    /// Side that the images are trained at, in pixels.
    pub image_size: u32,
    /// Seed of all random streams.
    pub seed: u64,
    /// The budget's name, or `custom`.
    pub budget: String,
    /// How the run is scored.
    pub evaluation: EvaluationConfig,
    /// The variant's hyper-parameters, overrides applied.
    pub recipe: Recipe,
    /// Hashes of what it works on; empty until the run starts.
    #[serde(default)]
    pub inputs: Inputs,
}

/// What decides the result of a run but its seed: the experiment. A path says where images lie and not what they are,
/// which their hash does.
#[derive(Serialize)]
struct Experiment<'a> {
    variant: &'a str,
    dataset: Option<&'a str>,
    image_size: u32,
    evaluation: &'a EvaluationConfig,
    recipe: &'a Recipe,
    inputs: &'a Inputs,
}

impl RunConfig {
    /// The configuration in the file `config.toml` of a run.
    ///
    /// # Errors
    /// [`ConfigError::Unusable`] where the file is missing, or not of this version.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|error| {
            let hint = "give the folder of a run, such as results/single/dcgan-s0-1a2b3c4d";
            ConfigError::unusable(path, error, hint)
        })?;
        let other = "the run was made by another version of the program, or the file was changed";
        let config: Self = toml::from_str(&text)
            .map_err(|error| ConfigError::unusable(path, error.message(), other))?;
        config.check().map_err(|error| ConfigError::unusable(path, error, other))?;
        Ok(config)
    }

    /// The registry's entry.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with the nearest name if there is no such variant.
    pub fn variant(&self) -> Result<&'static Variant, ConfigError> {
        find_variant(&self.variant)
    }

    /// Refuses what cannot run.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`], naming the key.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.variant()?;
        self.recipe.check().map_err(ConfigError::invalid)
    }

    /// The configuration as `config.toml` holds it.
    ///
    /// # Errors
    /// If it cannot be written as TOML, which is a defect.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(ConfigError::invalid)
    }

    /// SHA-256, 64 hexadecimal digits, of all that decides the result but the seed: neither the name, nor the budget's, nor
    /// the spelling of a path, nor threads or device.
    ///
    /// # Errors
    /// As [`Self::to_toml`].
    pub fn experiment(&self) -> Result<String, ConfigError> {
        let text = toml::to_string(&self.decisive()).map_err(ConfigError::invalid)?;
        Ok(bench_data::files::hexadecimal(&Sha256::digest(text)))
    }

    /// All settings of the experiment by their full keys, as text.
    ///
    /// # Errors
    /// As [`Self::to_toml`].
    pub fn settings(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        let mut settings = BTreeMap::new();
        flatten("", overrides::to_table(&self.decisive())?, &mut settings);
        Ok(settings)
    }

    fn decisive(&self) -> Experiment<'_> {
        let Self { variant, dataset, image_size, evaluation, recipe, inputs, .. } = self;
        let dataset = datasets::known(dataset).map(|_| dataset.as_str());
        Experiment { variant, dataset, image_size: *image_size, evaluation, recipe, inputs }
    }

    /// Where this configuration departs from `stated`, the source's: `steps 400 instead of 39100`.
    pub fn departures(&self, stated: &Self) -> Vec<String> {
        let mut departures = Vec::new();
        if self.image_size != stated.image_size {
            let (ours, theirs) = (self.image_size, stated.image_size);
            departures.push(format!("image_size {ours} instead of {theirs}"));
        }
        let [ours, theirs] = [&self.recipe, &stated.recipe]
            .map(|recipe| overrides::whole_recipe(recipe).unwrap_or_default());
        departures.extend(differences(ours, theirs, ""));
        departures.extend(evaluation_departures(&self.evaluation, &stated.evaluation));
        departures
    }
}

/// Where an evaluation departs from `stated`, the source's. Which metrics are computed changes the value of none.
pub fn evaluation_departures(ours: &EvaluationConfig, stated: &EvaluationConfig) -> Vec<String> {
    let [ours, stated] = [ours, stated].map(|plan| Table::try_from(plan).unwrap_or_default());
    let mut departures = differences(ours, stated, "evaluation.");
    departures.retain(|departure| !departure.starts_with("evaluation.metrics "));
    departures
}

/// The keys in which two of a kind differ: `prefix` key value `instead of` value.
fn differences(ours: Table, theirs: Table, prefix: &str) -> Vec<String> {
    let flat = |table| {
        let mut settings = BTreeMap::new();
        flatten("", table, &mut settings);
        settings
    };
    let (ours, theirs) = (flat(ours), flat(theirs));
    let differing = ours.iter().filter(|(key, value)| theirs.get(*key) != Some(*value));
    differing
        .map(|(key, value)| {
            let stated = theirs.get(key).map_or("nothing", String::as_str);
            format!("{prefix}{key} {value} instead of {stated}")
        })
        .collect()
}

/// The values of a table by their full keys, as text without quotes.
fn flatten(prefix: &str, table: Table, into: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        match value {
            Value::Table(inner) => flatten(&format!("{prefix}{key}."), inner, into),
            Value::String(text) => drop(into.insert(format!("{prefix}{key}"), text)),
            value => drop(into.insert(format!("{prefix}{key}"), value.to_string())),
        }
    }
}

/// The variant called `name`.
///
/// # Errors
/// [`ConfigError::Invalid`] with the nearest name.
pub fn find_variant(name: &str) -> Result<&'static Variant, ConfigError> {
    variants::find(name).ok_or_else(|| {
        let names = variants::VARIANTS.iter().map(|v| v.name);
        ConfigError::invalid(format!(
            "unknown variant `{name}`{}; see `bench list variants`",
            nearest(name, names)
        ))
    })
}
