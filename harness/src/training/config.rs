//! The configuration of one run, complete: what `config.toml` in the run's folder holds.

use std::fs;
use std::path::Path;

use bench_data::datasets::Split;
use bench_data::nearest::{nearest, nearest_field};
use bench_models::Recipe;
use bench_models::variants::{self, Variant};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use crate::exit::Failure;

/// How a run is scored, before, during and after training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationConfig {
    /// Generated images that are scored.
    pub generated: u64,
    /// Images that they are compared with; fewer if the split has fewer.
    pub reference: usize,
    /// The split of the dataset that these are drawn from.
    #[serde(default = "train_split")]
    pub split: Split,
    /// Generator steps between evaluations; the first is before training, the last after it.
    pub every: u64,
    /// Subset pairs of KID.
    pub kid_subsets: usize,
    /// Images of either side in a subset of KID.
    pub kid_subset_size: usize,
}

fn train_split() -> Split {
    Split::Train
}

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

impl RunConfig {
    /// The configuration in the file `config.toml` of a run.
    ///
    /// # Errors
    /// An input failure that names the file where it is missing, or not of this version.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let refused = |reason: &str, hint| {
            Failure::input(format!("cannot use {}: {reason}; {hint}", path.display()))
        };
        let text = fs::read_to_string(path).map_err(|error| {
            let hint = "give the folder of a run, such as results/single/dcgan-s0-1a2b3c4d";
            refused(&error.to_string(), hint)
        })?;
        let other = "the run was made by another version of the program, or the file was changed";
        let config: Self =
            toml::from_str(&text).map_err(|error| refused(error.message(), other))?;
        config.check().map_err(|error| refused(&error.to_string(), other))?;
        Ok(config)
    }

    /// The registry's entry.
    ///
    /// # Errors
    /// A usage failure with the nearest name if there is no such variant.
    pub fn variant(&self) -> Result<&'static Variant, Failure> {
        find_variant(&self.variant)
    }

    /// Refuses what cannot run.
    ///
    /// # Errors
    /// A usage failure that names the key.
    pub fn check(&self) -> Result<(), Failure> {
        self.variant()?;
        let usage = |e: bench_models::ModelError| Failure::usage(e.to_string());
        self.recipe.check().map_err(usage)?;
        self.evaluation.check()
    }

    /// Applies `KEY=VALUE` overrides: keys of the recipe (`batch_size=64`,
    /// `generator_optimizer.lr=1e-4`), or with their full path (`evaluation.generated=1000`).
    ///
    /// # Errors
    /// A usage failure for unknown keys, with the nearest, and for values of the wrong type.
    pub fn with_overrides(self, overrides: &[String]) -> Result<Self, Failure> {
        let mut changes = Table::new();
        for text in overrides {
            let (key, value) = text.split_once('=').ok_or_else(|| {
                Failure::usage(format!("`{text}` is not an override; write KEY=VALUE"))
            })?;
            // A bare word is a string: `--set loss=bce` needs no quotes.
            let value = format!("x = {value}")
                .parse::<Table>()
                .ok()
                .and_then(|mut table| table.remove("x"))
                .unwrap_or_else(|| Value::String(value.to_owned()));
            changes.insert(key.trim().to_owned(), value);
        }
        self.with_changes(&changes)
    }

    /// [`Self::with_overrides`] for parsed values.
    pub fn with_changes(self, changes: &Table) -> Result<Self, Failure> {
        let mut table = to_table(&self)?;
        for (key, value) in changes {
            if first_part(key) == "inputs" {
                return Err(Failure::usage(format!("`{key}` is found out, not set")));
            }
            let full = if key.contains('.') && table.contains_key(first_part(key)) {
                key.clone()
            } else {
                format!("recipe.{key}")
            };
            set(&mut table, &full, value.clone())?;
        }
        from_table(table)
    }

    /// The configuration as `config.toml` holds it.
    pub fn to_toml(&self) -> Result<String, Failure> {
        toml::to_string(self).map_err(|e| Failure::usage(e.to_string()))
    }

    /// First 8 hexadecimal digits of the SHA-256 of [`Self::to_toml`].
    pub fn hash(&self) -> Result<String, Failure> {
        let digest = Sha256::digest(self.to_toml()?);
        Ok(bench_data::files::hexadecimal(&digest[..4]))
    }

    /// Where this configuration departs from `stated`, the source's: `steps 400 instead of 39100`.
    pub fn departures(&self, stated: &Self) -> Vec<String> {
        let mut departures = Vec::new();
        if self.image_size != stated.image_size {
            let (ours, theirs) = (self.image_size, stated.image_size);
            departures.push(format!("image_size {ours} instead of {theirs}"));
        }
        departures.extend(differences(&self.recipe, &stated.recipe, ""));
        departures.extend(self.evaluation.departures(&stated.evaluation));
        departures
    }
}

impl EvaluationConfig {
    /// Refuses what cannot be computed.
    ///
    /// # Errors
    /// A usage failure that names the key.
    pub fn check(&self) -> Result<(), Failure> {
        let Self { generated, reference, every, kid_subsets, kid_subset_size, .. } = *self;
        for (key, value, least) in [
            ("evaluation.generated", generated, 2),
            ("evaluation.reference", reference as u64, 2),
            ("evaluation.every", every, 1),
            ("evaluation.kid_subsets", kid_subsets as u64, 1),
            ("evaluation.kid_subset_size", kid_subset_size as u64, 2),
        ] {
            if value < least {
                return Err(Failure::usage(format!("`{key}` is {value}; give at least {least}")));
            }
        }
        if kid_subset_size as u64 > generated.min(reference as u64) {
            return Err(Failure::usage(format!(
                "`evaluation.kid_subset_size` is {kid_subset_size}, more than the {} images that \
                 are scored; lower it",
                generated.min(reference as u64)
            )));
        }
        Ok(())
    }

    /// This evaluation with the keys of `changes` set.
    ///
    /// # Errors
    /// A usage failure for unknown keys, with the nearest, and for values of the wrong type.
    pub fn with_changes(&self, changes: &Table) -> Result<Self, Failure> {
        let mut table = to_table(self)?;
        for (key, value) in changes {
            set(&mut table, key, value.clone())?;
        }
        from_table(table)
    }

    /// Where this evaluation departs from `stated`, the source's.
    pub fn departures(&self, stated: &Self) -> Vec<String> {
        differences(self, stated, "evaluation.")
    }
}

/// The keys in which two of a kind differ: `prefix` key value `instead of` value.
fn differences<T: Serialize>(ours: &T, theirs: &T, prefix: &str) -> Vec<String> {
    let (Ok(ours), Ok(theirs)) = (Table::try_from(ours), Table::try_from(theirs)) else {
        return Vec::new();
    };
    let differing = ours.iter().filter(|(key, value)| theirs.get(*key) != Some(*value));
    differing
        .map(|(key, value)| {
            let stated = theirs.get(key).map_or("nothing".to_owned(), Value::to_string);
            format!("{prefix}{key} {value} instead of {stated}")
        })
        .collect()
}

/// The variant called `name`.
///
/// # Errors
/// A usage failure with the nearest name.
pub fn find_variant(name: &str) -> Result<&'static Variant, Failure> {
    variants::find(name).ok_or_else(|| {
        let names = variants::VARIANTS.iter().map(|v| v.name);
        Failure::usage(format!(
            "unknown variant `{name}`{}; see `bench list variants`",
            nearest(name, names)
        ))
    })
}

fn to_table(value: &impl Serialize) -> Result<Table, Failure> {
    Table::try_from(value).map_err(|e| Failure::usage(e.to_string()))
}

fn from_table<T: DeserializeOwned>(table: Table) -> Result<T, Failure> {
    table.try_into().map_err(|e: toml::de::Error| {
        Failure::usage(format!("bad value: {}{}", e.message(), nearest_field(e.message())))
    })
}

fn first_part(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

fn set(table: &mut Table, key: &str, value: Value) -> Result<(), Failure> {
    let shown = key.strip_prefix("recipe.").unwrap_or(key);
    let (first, rest) = match key.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (key, None),
    };
    let known: Vec<String> = table.keys().cloned().collect();
    let Some(slot) = table.get_mut(first) else {
        return Err(Failure::usage(format!(
            "unknown key `{shown}`{}; the keys are {}",
            nearest(first, known.iter().map(String::as_str)),
            known.join(", ")
        )));
    };
    match (rest, slot) {
        (Some(rest), Value::Table(inner)) => set(inner, rest, value),
        (Some(_), _) => Err(Failure::usage(format!("`{shown}`: `{first}` has no keys below it"))),
        // `{ kind = "sgd", lr = 0.01 }` is another optimiser; `{ lr = 0.01 }` changes this one.
        (None, Value::Table(inner)) => match value {
            Value::Table(whole) if whole.contains_key("kind") => {
                *inner = whole;
                Ok(())
            }
            Value::Table(changes) => {
                changes.into_iter().try_for_each(|(key, value)| set(inner, &key, value))
            }
            value => Err(Failure::usage(format!(
                "`{shown}` is {value}; give a table such as {{ kind = \"…\" }}, or one of its keys"
            ))),
        },
        (None, slot) => {
            // TOML tells 1 from 1.0; users need not.
            *slot = match (&*slot, value) {
                (Value::Float(_), Value::Integer(i)) => Value::Float(i as f64),
                (_, value) => value,
            };
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn config() -> RunConfig {
        RunConfig {
            variant: "dcgan".into(),
            dataset: "shapes".into(),
            image_size: 32,
            seed: 0,
            budget: "custom".into(),
            evaluation: EvaluationConfig {
                generated: 100,
                reference: 100,
                every: 10,
                kid_subsets: 5,
                kid_subset_size: 50,
                split: Split::Train,
            },
            recipe: (find_variant("dcgan").unwrap().recipe)(),
            inputs: Inputs::default(),
        }
    }

    fn changed(text: &str) -> Result<RunConfig, Failure> {
        config().with_overrides(&[text.to_owned()])
    }

    #[test]
    fn overrides_reach_recipe_optimizer_and_evaluation() {
        assert_eq!(changed("batch_size=7").unwrap().recipe.batch_size, 7);
        assert_eq!(changed("gradient_penalty=2").unwrap().recipe.gradient_penalty, 2.0);
        assert_eq!(changed("evaluation.generated=9").unwrap().evaluation.generated, 9);
        let lr = changed("generator_optimizer.lr=0.5").unwrap().recipe.generator_optimizer;
        assert!(format!("{lr:?}").contains("lr: 0.5"), "{lr:?}");
        let loss = changed("loss=wasserstein").unwrap().recipe.loss;
        assert_eq!(loss, bench_models::losses::Loss::Wasserstein);
    }

    #[test]
    fn an_optimizer_is_replaced_whole_or_changed_in_part() {
        let sgd = r#"generator_optimizer={kind="sgd", lr=1, momentum=0, weight_decay=0}"#;
        let changed = self::changed(sgd).unwrap();
        let text = format!("{:?}", changed.recipe.generator_optimizer);
        assert!(text.starts_with("Sgd") && text.contains("lr: 1.0"), "{text}");
        assert_eq!(changed.recipe.discriminator_optimizer, config().recipe.discriminator_optimizer);
        let lr = self::changed("generator_optimizer={lr=0.5}").unwrap();
        assert_eq!(lr, self::changed("generator_optimizer.lr=0.5").unwrap());
        let message = self::changed("generator_optimizer=sgd").unwrap_err().to_string();
        assert!(message.contains("give a table"), "{message}");
        let unknown = r#"generator_optimizer={kind="sgdd", lr=1}"#;
        let message = self::changed(unknown).unwrap_err().to_string();
        assert!(message.contains("did you mean `sgd`"), "{message}");
    }

    #[test]
    fn unknown_keys_are_refused_with_the_nearest() {
        let message = changed("batch_sise=7").unwrap_err().to_string();
        assert!(message.contains("did you mean `batch_size`"), "{message}");
        let message = changed("generator_optimizer.learning=7").unwrap_err().to_string();
        assert!(message.contains("unknown key"), "{message}");
        assert!(changed("batch_size=many").is_err());
        assert!(changed("batch_size=-1").is_err());
        assert!(changed("batch_size").is_err());
        assert!(changed("batch_size.x=1").is_err());
    }

    #[test]
    fn the_hash_follows_every_key_and_the_text_reads_back() {
        let text = config().to_toml().unwrap();
        assert_eq!(toml::from_str::<RunConfig>(&text).unwrap(), config());
        assert_eq!(config().hash().unwrap().len(), 8);
        assert_ne!(config().hash().unwrap(), changed("latent_dim=3").unwrap().hash().unwrap());
    }

    #[test]
    fn departures_name_both_values() {
        let changed = RunConfig { image_size: 64, ..self::changed("batch_size=7").unwrap() };
        let changed = changed.with_overrides(&["evaluation.generated=90".to_owned()]).unwrap();
        assert_eq!(
            changed.departures(&config()),
            [
                "image_size 64 instead of 32",
                "batch_size 7 instead of 128",
                "evaluation.generated 90 instead of 100"
            ]
        );
        assert!(config().departures(&config()).is_empty());
    }

    #[test]
    fn impossible_evaluations_are_refused() {
        assert!(config().check().is_ok());
        for text in
            ["evaluation.generated=1", "evaluation.every=0", "evaluation.kid_subset_size=101"]
        {
            assert!(changed(text).unwrap().check().is_err(), "{text}");
        }
    }
}
