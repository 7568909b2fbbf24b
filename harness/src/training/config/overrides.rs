//! Changes of a configuration by key, as suites, budgets and `--set` make them.

use bench_data::nearest::{nearest, nearest_field};
use bench_models::Recipe;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{ConfigError, RunConfig};
use crate::evaluation::EvaluationConfig;

/// Tables that take keys which are not there yet; whoever reads them checks these.
const OPEN_TABLE: &str = "parameters";

impl RunConfig {
    /// Applies `KEY=VALUE` overrides: keys of the recipe (`batch_size=64`,
    /// `generator_optimizer.lr=1e-4`), or with their full path (`evaluation.generated=1000`).
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] for unknown keys, with the nearest, and for values of the wrong type.
    pub fn with_overrides(self, overrides: &[String]) -> Result<Self, ConfigError> {
        let mut changes = Table::new();
        for text in overrides {
            let (key, value) = text.split_once('=').ok_or_else(|| {
                ConfigError::invalid(format!("`{text}` is not an override; write KEY=VALUE"))
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
    pub fn with_changes(self, changes: &Table) -> Result<Self, ConfigError> {
        let mut table = to_table(&self)?;
        let evaluation = self.evaluation.sparse().map_err(ConfigError::invalid)?;
        table.insert("evaluation".to_owned(), Value::Table(to_table(&evaluation)?));
        table.insert("recipe".to_owned(), Value::Table(whole_recipe(&self.recipe)?));
        for (key, value) in changes {
            if ["inputs", "name"].contains(&first_part(key)) {
                return Err(ConfigError::invalid(format!("`{key}` is found out, not set")));
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
}

impl EvaluationConfig {
    /// This evaluation with the keys of `changes` set.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] for unknown keys, with the nearest, and for values of the wrong type.
    pub fn with_changes(&self, changes: &Table) -> Result<Self, ConfigError> {
        let mut table = to_table(&self.sparse().map_err(ConfigError::invalid)?)?;
        for (key, value) in changes {
            set(&mut table, key, value.clone())?;
        }
        from_table(table)
    }
}

/// A value as TOML.
pub(super) fn to_table(value: &impl Serialize) -> Result<Table, ConfigError> {
    Table::try_from(value).map_err(ConfigError::invalid)
}

/// A recipe as TOML, with what a configuration leaves out where it is as usual.
pub(super) fn whole_recipe(recipe: &Recipe) -> Result<Table, ConfigError> {
    let mut table = to_table(recipe)?;
    let precision = Value::try_from(recipe.precision).map_err(ConfigError::invalid)?;
    table.insert("precision".to_owned(), precision);
    Ok(table)
}

fn from_table<T: DeserializeOwned>(table: Table) -> Result<T, ConfigError> {
    table.try_into().map_err(|e: toml::de::Error| {
        ConfigError::invalid(format!("bad value: {}{}", e.message(), nearest_field(e.message())))
    })
}

fn first_part(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

fn set(table: &mut Table, key: &str, value: Value) -> Result<(), ConfigError> {
    let shown = key.strip_prefix("recipe.").unwrap_or(key);
    let (first, rest) = match key.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (key, None),
    };
    let known: Vec<String> = table.keys().cloned().collect();
    let Some(slot) = table.get_mut(first) else {
        return Err(ConfigError::invalid(format!(
            "unknown key `{shown}`{}; the keys are {}",
            nearest(first, known.iter().map(String::as_str)),
            known.join(", ")
        )));
    };
    match (rest, slot) {
        (Some(rest), Value::Table(inner)) if first == OPEN_TABLE => insert(inner, rest, value),
        (None, Value::Table(inner)) if first == OPEN_TABLE => match value {
            Value::Table(changes) => {
                changes.into_iter().try_for_each(|(key, value)| insert(inner, &key, value))
            }
            value => Err(no_table(shown, &value)),
        },
        (Some(rest), Value::Table(inner)) => set(inner, rest, value),
        (Some(_), _) => {
            Err(ConfigError::invalid(format!("`{shown}`: `{first}` has no keys below it")))
        }
        // `{ kind = "sgd", lr = 0.01 }` is another optimiser; `{ lr = 0.01 }` changes this one.
        (None, Value::Table(inner)) => match value {
            Value::Table(whole) if whole.contains_key("kind") => {
                *inner = whole;
                Ok(())
            }
            Value::Table(changes) => {
                changes.into_iter().try_for_each(|(key, value)| set(inner, &key, value))
            }
            value => Err(no_table(shown, &value)),
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

/// Puts a value under a key whose tables need not be there yet.
fn insert(table: &mut Table, key: &str, value: Value) -> Result<(), ConfigError> {
    let (first, rest) = match key.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (key, None),
    };
    match (rest, value) {
        (None, Value::Table(changes)) => {
            let inner = table.entry(first.to_owned()).or_insert_with(|| Table::new().into());
            let Value::Table(inner) = inner else { return Err(no_table(first, inner)) };
            changes.into_iter().try_for_each(|(key, value)| insert(inner, &key, value))
        }
        (None, value) => {
            table.insert(first.to_owned(), value);
            Ok(())
        }
        (Some(rest), value) => {
            let inner = table.entry(first.to_owned()).or_insert_with(|| Table::new().into());
            let Value::Table(inner) = inner else { return Err(no_table(first, inner)) };
            insert(inner, rest, value)
        }
    }
}

fn no_table(key: &str, value: &Value) -> ConfigError {
    ConfigError::invalid(format!(
        "`{key}` is {value}; give a table such as {{ kind = \"…\" }}, or one of its keys"
    ))
}
