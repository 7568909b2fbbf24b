//! The scoring plan: how images are scored, resolved and checked once, and the same in suites, configurations, the
//! arguments of `bench eval` and the JSON that it prints.

use std::collections::BTreeMap;

use bench_metrics::panel::Changes;
use bench_metrics::{Extractor, Metric, MetricsError, Panel, Protocol};
use serde::{Deserialize, Serialize};

use bench_data::datasets::Split;

/// The metrics of a plan that names none, as far as they can be computed.
const DEFAULT_METRICS: [&str; 3] = ["fid", "kid", "is"];

/// Most images, and most steps between two evaluations.
const MOST: u64 = 1_000_000_000;

/// How images are scored.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoringPlan {
    /// Whose conventions are followed.
    pub protocol: Protocol,
    /// The metrics with their parameters.
    pub panel: Panel,
    /// Generated images that are scored; `None` for all that there are.
    pub generated: Option<u64>,
    /// Images that they are compared with, fewer if there are fewer; `None` for all that there are.
    pub reference: Option<u64>,
    /// The split of the dataset that these are drawn from; `None` where sources name their own.
    pub split: Option<Split>,
}

impl ScoringPlan {
    /// A plan for all images of the sources that a command names.
    pub fn of_all(protocol: Protocol, panel: Panel) -> Self {
        Self { protocol, panel, generated: None, reference: None, split: None }
    }

    /// Leaves out the metrics that need spatial features, if `extractor` gives none, and says so.
    pub fn fit_to_spatial(&mut self, extractor: &dyn Extractor) -> Option<String> {
        let needy = |metric: &dyn Metric| metric.needs_spatial() && extractor.spatial_dim() == 0;
        let has_some = self.panel.metrics().into_iter().any(needy);
        self.panel.retain(|metric| !needy(metric));
        has_some.then(|| {
            format!("sFID cannot be computed: {} gives no spatial features", extractor.name())
        })
    }

    /// Leaves out the metrics that need logits, if `extractor` gives none, and says which; none if it gives them.
    pub fn fit_to_extractor(&mut self, extractor: &dyn Extractor) -> Option<String> {
        if extractor.class_count() > 0 {
            return None;
        }
        let without: Vec<&str> = self
            .panel
            .metrics()
            .into_iter()
            .filter(|m| m.needs_logits())
            .map(|m| m.title())
            .collect();
        self.panel.retain(|metric| !metric.needs_logits());
        (!without.is_empty()).then(|| {
            format!(
                "{} cannot be computed: extractor {} gives no class logits",
                without.join(", "),
                extractor.name()
            )
        })
    }

    /// Where a metric of the plan gives another number than the protocol's program; a user is to know of each.
    pub fn departures(&self) -> impl Iterator<Item = String> + use<> {
        let metrics: Vec<&str> = self.panel.metrics().iter().map(|metric| metric.name()).collect();
        let of_numbers = self.protocol.departures().iter().filter(|it| it.changes_its_number);
        of_numbers.filter(move |it| metrics.contains(&it.metric)).map(|it| it.text.to_owned())
    }

    /// Lowers every parameter that counts images to what is there, and says so.
    pub fn fit_to_images(&mut self, generated: u64, reference: Option<u64>) -> Vec<String> {
        self.panel.shrink_to(reference.map_or(generated, |reference| reference.min(generated)))
    }
}

/// A plan as suites and `config.toml` state it. Parameters that are not stated are the protocol's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatedPlan {
    #[serde(default = "default_protocol")]
    protocol: String,
    #[serde(default = "default_metrics")]
    metrics: Vec<String>,
    generated: u64,
    reference: u64,
    #[serde(default = "train_split")]
    split: Split,
    /// Generator steps between two evaluations.
    every: u64,
    #[serde(default)]
    parameters: Changes,
}

fn default_protocol() -> String {
    Protocol::default().name().to_owned()
}

fn default_metrics() -> Vec<String> {
    DEFAULT_METRICS.map(str::to_owned).to_vec()
}

fn train_split() -> Split {
    Split::Train
}

/// How a run is scored, before, during and after training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StatedPlan", into = "StatedPlan")]
pub struct EvaluationConfig {
    /// What is computed; numbers of images and the split are given.
    pub plan: ScoringPlan,
    /// Generator steps between evaluations; the first is before training, the last after it.
    pub every: u64,
}

impl EvaluationConfig {
    /// Generated images that are scored.
    pub fn generated(&self) -> u64 {
        self.plan.generated.unwrap_or_default()
    }

    /// Images that they are compared with; fewer if the split has fewer.
    pub fn reference(&self) -> u64 {
        self.plan.reference.unwrap_or_default()
    }

    /// The split of the dataset that these are drawn from.
    pub fn split(&self) -> Split {
        self.plan.split.unwrap_or(Split::Train)
    }

    /// This configuration with every parameter of its metrics.
    fn stated(&self, parameters: Changes) -> StatedPlan {
        StatedPlan {
            protocol: self.plan.protocol.name().to_owned(),
            metrics: self.plan.panel.metrics().iter().map(|m| m.name().to_owned()).collect(),
            generated: self.generated(),
            reference: self.reference(),
            split: self.split(),
            every: self.every,
            parameters,
        }
    }

    /// As a suite would state it: with the parameters alone that are not the protocol's, so that another protocol or
    /// other metrics bring their own.
    #[cfg(feature = "train")]
    pub(crate) fn sparse(&self) -> Result<StatedPlan, MetricsError> {
        Ok(self.stated(self.plan.panel.changes(self.plan.protocol)?))
    }
}

impl From<EvaluationConfig> for StatedPlan {
    fn from(config: EvaluationConfig) -> Self {
        let owned = |settings: BTreeMap<&str, u64>| {
            settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        };
        let all = config.plan.panel.parameters().into_iter();
        config.stated(all.map(|(metric, settings)| (metric.to_owned(), owned(settings))).collect())
    }
}

impl TryFrom<StatedPlan> for EvaluationConfig {
    type Error = MetricsError;

    fn try_from(stated: StatedPlan) -> Result<Self, MetricsError> {
        let StatedPlan { protocol, metrics, generated, reference, split, every, parameters } =
            stated;
        for (parameter, value, least) in
            [("generated", generated, 2), ("reference", reference, 2), ("every", every, 1)]
        {
            if !(least..=MOST).contains(&value) {
                let (of, most) = ("evaluation", MOST);
                return Err(MetricsError::Setting { of, parameter, value, least, most });
            }
        }
        let protocol = Protocol::parse(&protocol)?;
        let panel = Panel::of_names(protocol, &metrics, &parameters)?;
        let plan = ScoringPlan {
            protocol,
            panel,
            generated: Some(generated),
            reference: Some(reference),
            split: Some(split),
        };
        Ok(Self { plan, every })
    }
}
