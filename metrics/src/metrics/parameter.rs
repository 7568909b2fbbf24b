//! Parameters of metrics: declared beside each metric, set by protocols, suites and users.

use std::collections::BTreeMap;

use super::Metric;
use crate::error::MetricsError;

/// A parameter that a metric declares. Options of the command line (`--kid-subset-size`), keys of suites
/// (`parameters.kid.subset_size`) and the documentation follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name below the metric's: lower-case letters and underscores.
    pub name: &'static str,
    /// One line: what it is.
    pub doc: &'static str,
    /// The value unless a protocol or a user sets another; `None` where it is off.
    pub default: Option<u64>,
    /// Least value.
    pub least: u64,
    /// Largest value.
    pub most: u64,
    /// Whether it counts images of each side, and so shrinks to the smaller side where there are fewer.
    pub counts_images: bool,
    /// Whether setting it asks for every image's features on both sides, where the metric is else content with less.
    pub needs_images: bool,
    /// Name of its option on the command line where that is not the metric's name and its own.
    pub option: Option<&'static str>,
}

impl Parameter {
    /// What most parameters have in common.
    pub const PLAIN: Self = Self {
        name: "",
        doc: "",
        default: None,
        least: 1,
        most: 1_000_000,
        counts_images: false,
        needs_images: false,
        option: None,
    };

    /// Name of its option on the command line, without dashes: `kid-subset-size`.
    pub fn option_of(&self, metric: &dyn Metric) -> String {
        let own = || format!("{}-{}", metric.name(), self.name.replace('_', "-"));
        self.option.map_or_else(own, str::to_owned)
    }
}

/// The seed of a metric's random draws, as everywhere in torch-fidelity.
pub const SEED: Parameter = Parameter {
    name: "seed",
    doc: "seed of the random draws (numpy's RandomState)",
    default: Some(2020),
    least: 0,
    most: u32::MAX as u64,
    ..Parameter::PLAIN
};

/// The parameters of one metric, each within its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    metric: &'static str,
    values: Vec<(&'static Parameter, Option<u64>)>,
}

impl Settings {
    /// The defaults of `metric`.
    pub fn defaults(metric: &dyn Metric) -> Self {
        let values = metric.parameters().iter().map(|own| (own, own.default)).collect();
        Self { metric: metric.name(), values }
    }

    /// These settings with the parameter `name` set.
    ///
    /// # Errors
    /// [`MetricsError::UnknownName`] for another metric's parameter, [`MetricsError::Setting`] beyond its bounds.
    pub fn with(mut self, name: &str, value: u64) -> Result<Self, MetricsError> {
        let metric = self.metric;
        let known: Vec<&str> = self.values.iter().map(|(own, _)| own.name).collect();
        let Some(place) = known.iter().position(|known| *known == name) else {
            return Err(MetricsError::UnknownName {
                kind: "parameter",
                name: format!("{metric}.{name}"),
                known: match known.is_empty() {
                    true => "none".to_owned(),
                    false => known.join(", "),
                },
            });
        };
        let (parameter, slot) = &mut self.values[place];
        let &Parameter { name, least, most, .. } = *parameter;
        if !(least..=most).contains(&value) {
            return Err(MetricsError::Setting { of: metric, parameter: name, value, least, most });
        }
        *slot = Some(value);
        Ok(self)
    }

    /// The value of the parameter `name`; `None` where it is off.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.values.iter().find(|(own, _)| own.name == name).and_then(|(_, value)| *value)
    }

    /// The value of a parameter that cannot be off.
    ///
    /// # Errors
    /// [`MetricsError::UnknownName`] if it is, or is not declared.
    pub(crate) fn count(&self, name: &'static str) -> Result<usize, MetricsError> {
        let value = self.get(name).and_then(|value| usize::try_from(value).ok());
        value.ok_or_else(|| MetricsError::UnknownName {
            kind: "parameter",
            name: format!("{}.{name}", self.metric),
            known: self.all().into_keys().collect::<Vec<_>>().join(", "),
        })
    }

    /// The [`SEED`].
    ///
    /// # Errors
    /// As [`Self::count`].
    pub(crate) fn seed(&self) -> Result<u32, MetricsError> {
        // Its bounds are those of u32.
        self.count(SEED.name).map(|seed| seed as u32)
    }

    /// All values that are not off, by name.
    pub fn all(&self) -> BTreeMap<&'static str, u64> {
        self.values.iter().filter_map(|(own, value)| Some((own.name, (*value)?))).collect()
    }

    /// Lowers every parameter that counts images to `images`, the number on the smaller side, and says so: one
    /// sentence a parameter.
    pub(crate) fn shrink_to(&mut self, images: u64, title: &str) -> Vec<String> {
        let mut notes = Vec::new();
        for (parameter, slot) in &mut self.values {
            let &Parameter { name, least, counts_images, .. } = *parameter;
            if let Some(value) = slot
                && counts_images
                && *value > images
                && images >= least
            {
                notes.push(format!(
                    "{title}: {} is {images} instead of {value}, since there are no more images",
                    name.replace('_', " ")
                ));
                *value = images;
            }
        }
        notes
    }
}
