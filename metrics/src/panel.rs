//! The metrics of one evaluation with their parameters, checked.

use std::collections::BTreeMap;

use crate::error::MetricsError;
use crate::metrics::{Evidence, METRICS, Measure, Metric, Settings, find};
use crate::protocol::Protocol;

/// Values of parameters by metric and name, as a suite's file or a user states them.
pub type Changes = BTreeMap<String, BTreeMap<String, u64>>;

/// Metrics with their parameters, in the order in which they are shown.
#[derive(Clone)]
pub struct Panel {
    entries: Vec<(&'static dyn Metric, Settings)>,
}

impl Panel {
    /// `metrics` with the parameters of `protocol` and, where they set others, those of `changes`. A metric that is
    /// named twice is computed once; parameters of metrics that are not among them are checked and have no effect.
    ///
    /// # Errors
    /// [`MetricsError::UnknownName`], [`MetricsError::Setting`].
    pub fn new(
        protocol: Protocol,
        metrics: &[&'static dyn Metric],
        changes: &Changes,
    ) -> Result<Self, MetricsError> {
        for (name, changes) in changes {
            settings(protocol, find(name)?, Some(changes))?;
        }
        let mut entries: Vec<(&'static dyn Metric, Settings)> = Vec::new();
        for &metric in metrics {
            if entries.iter().all(|(known, _)| known.name() != metric.name()) {
                let settings = settings(protocol, metric, changes.get(metric.name()))?;
                entries.push((metric, settings));
            }
        }
        Ok(Self { entries })
    }

    /// [`Self::new`] of metrics by name; `all` stands for every one that needs neither held-out
    /// images nor spatial features.
    ///
    /// # Errors
    /// As [`Self::new`], and for no names at all.
    pub fn of_names<S: AsRef<str>>(
        protocol: Protocol,
        names: &[S],
        changes: &Changes,
    ) -> Result<Self, MetricsError> {
        Self::new(protocol, &by_names(names)?, changes)
    }

    /// The metrics.
    pub fn metrics(&self) -> Vec<&'static dyn Metric> {
        self.entries.iter().map(|(metric, _)| *metric).collect()
    }

    /// What the metrics measure, in order; the first is the leading one.
    pub fn measures(&self) -> Vec<&'static Measure> {
        self.entries.iter().flat_map(|(metric, _)| metric.measures()).collect()
    }

    /// Keys of all values that there may be, in order.
    pub fn keys(&self) -> Vec<&'static str> {
        self.measures().into_iter().flat_map(Measure::keys).collect()
    }

    /// The parameters that are not off, by metric and name; metrics without any are left out.
    pub fn parameters(&self) -> BTreeMap<&'static str, BTreeMap<&'static str, u64>> {
        let all = self.entries.iter().map(|(metric, settings)| (metric.name(), settings.all()));
        all.filter(|(_, settings)| !settings.is_empty()).collect()
    }

    /// The parameters that differ from those of `protocol`, as [`Self::new`] takes them.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn changes(&self, protocol: Protocol) -> Result<Changes, MetricsError> {
        let own = Self::new(protocol, &self.metrics(), &Changes::new())?.parameters();
        let mut changes = Changes::new();
        for (metric, settings) in self.parameters() {
            for (name, value) in settings {
                if own.get(metric).and_then(|own| own.get(name)) != Some(&value) {
                    changes.entry(metric.to_owned()).or_default().insert(name.to_owned(), value);
                }
            }
        }
        Ok(changes)
    }

    /// Whether there is nothing to compute.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Leaves out the metrics that `keep` refuses.
    pub fn retain(&mut self, mut keep: impl FnMut(&dyn Metric) -> bool) {
        self.entries.retain(|(metric, _)| keep(*metric));
    }

    /// Lowers parameters that count images to `images`, the number on the smaller side; says what was lowered.
    pub fn shrink_to(&mut self, images: u64) -> Vec<String> {
        let shrink = |(metric, settings): &mut (&'static dyn Metric, Settings)| {
            settings.shrink_to(images, metric.title())
        };
        self.entries.iter_mut().flat_map(shrink).collect()
    }

    /// The values of all metrics, by key.
    ///
    /// # Errors
    /// If a metric lacks its evidence or cannot be computed, or a value is not finite.
    pub fn compute(&self, evidence: &Evidence<'_>) -> Result<BTreeMap<String, f64>, MetricsError> {
        let mut values = BTreeMap::new();
        for outcome in self.outcomes(evidence) {
            values.extend(outcome.result?);
        }
        Ok(values)
    }

    /// What became of every metric, in order: one that fails takes no other with it.
    pub fn outcomes<'p>(
        &'p self,
        evidence: &'p Evidence<'_>,
    ) -> impl Iterator<Item = Outcome> + 'p {
        self.entries.iter().map(|(metric, settings)| Outcome {
            metric: *metric,
            result: metric.compute(evidence, settings).and_then(finite),
        })
    }
}

impl PartialEq for Panel {
    fn eq(&self, other: &Self) -> bool {
        let named = |panel: &Self| -> Vec<_> {
            panel.entries.iter().map(|(metric, settings)| (metric.name(), settings.all())).collect()
        };
        named(self) == named(other)
    }
}

impl std::fmt::Debug for Panel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries = self.entries.iter().map(|(metric, settings)| (metric.name(), settings.all()));
        f.debug_map().entries(entries).finish()
    }
}

/// What became of a metric.
pub struct Outcome {
    /// Which one.
    pub metric: &'static dyn Metric,
    /// Its values by key, each finite.
    pub result: Result<BTreeMap<String, f64>, MetricsError>,
}

/// The metrics of these names; `all` stands for every one that needs neither held-out images nor
/// spatial features.
///
/// # Errors
/// [`MetricsError::UnknownName`], also for no names at all.
pub fn by_names<S: AsRef<str>>(names: &[S]) -> Result<Vec<&'static dyn Metric>, MetricsError> {
    let mut metrics = Vec::new();
    for name in names.iter().map(|name| name.as_ref().trim()).filter(|name| !name.is_empty()) {
        match name {
            "all" => metrics.extend(METRICS.iter().filter(is_plain)),
            name => metrics.push(find(name)?),
        }
    }
    // The error of an empty name lists what there is.
    if metrics.is_empty() { find("").map(|metric| vec![metric]) } else { Ok(metrics) }
}

/// Whether a metric needs no more than generated and reference images under any protocol.
fn is_plain(metric: &&&'static dyn Metric) -> bool {
    !metric.needs_held_out() && !metric.needs_spatial()
}

/// The parameters of a metric under a protocol, with a user's changes.
fn settings(
    protocol: Protocol,
    metric: &'static dyn Metric,
    changes: Option<&BTreeMap<String, u64>>,
) -> Result<Settings, MetricsError> {
    let mut own = protocol.settings(metric.name());
    let own = own.try_fold(Settings::defaults(metric), |settings, (name, value)| {
        settings.with(name, value)
    })?;
    let mut changes = changes.into_iter().flatten();
    changes.try_fold(own, |settings, (name, value)| settings.with(name, *value))
}

fn finite(values: Vec<(&'static str, f64)>) -> Result<BTreeMap<String, f64>, MetricsError> {
    match values.iter().find(|(_, value)| !value.is_finite()) {
        Some((key, _)) => Err(MetricsError::NonFinite { what: key }),
        None => Ok(values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
    }
}

#[cfg(test)]
mod tests;
