//! What `bench eval` prints.

use std::collections::BTreeMap;

use bench_metrics::{Extractor, Panel, Protocol};
use serde::Serialize;

use crate::device;
use crate::evaluation::{ClassScore, Statistics};

/// The scores with their provenance: the object of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(flatten)]
    pub(super) provenance: Provenance,
    /// Generated and reference images, as far as known.
    pub(super) n: (Option<u64>, Option<u64>),
    /// What either side is.
    pub(super) sources: BTreeMap<&'static str, serde_json::Value>,
    /// Whether there is a reference, of however many images.
    #[serde(skip)]
    pub(super) has_reference: bool,
    /// Held-out images, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) n_held_out: Option<u64>,
    pub(super) metrics: BTreeMap<String, f64>,
    /// Parameters of the metrics, by metric.
    pub(super) parameters: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) per_class: Option<BTreeMap<String, ClassScore>>,
    pub(super) warnings: Vec<String>,
    pub(super) version: &'static str,
}

/// Where the features come from; unknown where both sides are statistics that do not say.
#[derive(Debug, Serialize)]
pub(super) struct Provenance {
    protocol: Option<String>,
    extractor: ExtractorId,
    /// Whose convolutions the network was computed with; `None` where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    convolutions: Option<&'static str>,
    /// What it was computed on: `cpu` or `cuda:N`.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// The name of the GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    gpu: Option<String>,
    /// The number of CPU threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    threads: Option<usize>,
}

#[derive(Debug, Serialize)]
struct ExtractorId {
    name: Option<String>,
    sha256: Option<String>,
}

impl Provenance {
    pub(super) fn of_extractor(
        extractor: &dyn Extractor,
        protocol: Protocol,
        threads: usize,
    ) -> Self {
        let (name, sha256) = (extractor.name().to_owned(), extractor.sha256().to_owned());
        Self {
            protocol: Some(protocol.name().to_owned()),
            extractor: ExtractorId { name: Some(name), sha256: Some(sha256) },
            convolutions: Some(extractor.convolutions().name()),
            device: Some(extractor.device().to_string()),
            gpu: device::gpu_name(extractor.device()),
            threads: Some(threads),
        }
    }

    /// Name of the extractor, unless unknown.
    pub(super) fn extractor_name(&self) -> Option<&str> {
        self.extractor.name.as_deref()
    }

    /// What either file says; that they agree where both do has been checked.
    pub(super) fn of_statistics(generated: &Statistics, reference: &Statistics) -> Self {
        let identity = generated.extractor().or(reference.extractor()).cloned();
        let (name, sha256) = identity.map(|own| (own.name, own.sha256)).unzip();
        let protocol = generated.protocol().or(reference.protocol()).map(str::to_owned);
        Self {
            protocol,
            extractor: ExtractorId { name, sha256 },
            convolutions: None,
            device: None,
            gpu: None,
            threads: None,
        }
    }
}

impl Report {
    /// The object of `--json`.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub(super) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// The lines for people, values in the order of the metrics of `panel`: called by their keys or, `among` those of other
    /// extractors, by titles that tell them apart.
    pub(super) fn to_text(&self, panel: &Panel, among: bool) -> String {
        let Provenance { protocol, extractor, .. } = &self.provenance;
        let extractor = match (&extractor.name, &extractor.sha256) {
            (Some(name), Some(sha256)) => format!("{name} ({sha256:.12})"),
            _ => "unknown".to_owned(),
        };
        let count = |n: Option<u64>| n.map_or("unknown".to_owned(), |n| n.to_string());
        let mut images = format!("{} generated", count(self.n.0));
        if self.has_reference {
            images += &format!(", {} reference", count(self.n.1));
        }
        if let Some(n) = self.n_held_out {
            images += &format!(", {n} held out");
        }
        let mut lines = vec![
            ("protocol".to_owned(), protocol.clone().unwrap_or("unknown".to_owned())),
            ("extractor".to_owned(), extractor),
            ("images".to_owned(), images),
        ];
        let extractor = self.provenance.extractor_name().filter(|_| among);
        lines.extend(self.values(panel).into_iter().map(|(key, value)| {
            let label = extractor.map(|extractor| label(panel, key, extractor));
            (label.unwrap_or_else(|| key.to_owned()), format!("{value:.6}"))
        }));
        let chars = |name: &String| name.chars().count();
        let width = lines.iter().map(|(name, _)| chars(name)).max().unwrap_or_default().max(10);
        let mut text: String =
            lines.iter().map(|(name, value)| format!("{name:<width$} {value}\n")).collect();
        if let Some(scores) = &self.per_class {
            text += &table(scores);
        }
        text
    }

    /// The values in the order of the metrics' keys, what belongs to no metric last.
    fn values(&self, panel: &Panel) -> Vec<(&str, f64)> {
        let keys = panel.keys();
        let place = |key: &str| keys.iter().position(|known| *known == key).unwrap_or(keys.len());
        let mut values: Vec<(&str, f64)> =
            self.metrics.iter().map(|(key, &value)| (key.as_str(), value)).collect();
        values.sort_by_key(|(key, _)| place(key));
        values
    }
}

/// What the value of `key` is called among those of other extractors.
fn label(panel: &Panel, key: &str, extractor: &str) -> String {
    let measure = panel.measures().into_iter().find(|measure| measure.keys().any(|own| own == key));
    match measure {
        Some(measure) if measure.key == key => measure.title_among(extractor),
        Some(measure) => format!("{}, {key}", measure.title_among(extractor)),
        None => format!("{key} ({extractor})"),
    }
}

/// The scores of classes as a table.
fn table(scores: &BTreeMap<String, ClassScore>) -> String {
    let width = scores.keys().map(|class| class.chars().count()).max().unwrap_or_default().max(10);
    let mut text =
        format!("\n{:<width$} {:>12} {:>10} {:>10}\n", "class", "fid", "generated", "reference");
    for (class, ClassScore { fid, n }) in scores {
        text += &format!("{class:<width$} {fid:>12.6} {:>10} {:>10}\n", n.0, n.1);
    }
    text
}
