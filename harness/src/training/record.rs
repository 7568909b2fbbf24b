//! The one place where records are made: of runs, and of real images against real images.

use bench_metrics::{Direction, Extractor, Measure, Panel};
use bench_reports::measure::{Direction as ShownDirection, Measure as ShownMeasure};
use bench_reports::published::Placement;
use bench_reports::record::{Best, Kind, MetricValues, Record, SCHEMA, Status};

use super::comparability::Circumstances;
use super::config::RunConfig;
use super::error::RunError;
use super::reference::Reference;
use super::runner::Workbench;

/// What stands behind a record: where it belongs and what it was measured on.
pub(super) struct Subject<'a> {
    pub(super) kind: Kind,
    pub(super) suite: &'a str,
    /// For real images, the configuration that a run on them would have.
    pub(super) config: &'a RunConfig,
    pub(super) panel: &'a Panel,
    pub(super) reference: &'a Reference,
    pub(super) placements: &'a [Placement],
    /// Where it departs from its source.
    pub(super) departures: Vec<String>,
    pub(super) unstated: &'a [String],
    /// Generated and reference images.
    pub(super) n: (u64, u64),
}

/// What came of it.
pub(super) struct Outcome {
    pub(super) status: Status,
    pub(super) steps: u64,
    pub(super) images_seen: u64,
    pub(super) metrics: MetricValues,
    /// Of the pixels of the images that were scored.
    pub(super) images_sha256: Option<String>,
    pub(super) untrained: MetricValues,
    pub(super) best: Option<Best>,
    pub(super) wall_seconds: f64,
    pub(super) warnings: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// The record of `subject`.
///
/// # Errors
/// If its configuration cannot be written, which is a defect.
pub(super) fn record(
    subject: &Subject,
    outcome: Outcome,
    bench: &Workbench,
) -> Result<Record, RunError> {
    let Subject { config, reference, departures, .. } = subject;
    let extractor = bench.extractors.current();
    let circumstances = Circumstances {
        budget: &config.budget,
        departures,
        unstated: subject.unstated,
        reference_images: (config.evaluation.reference(), subject.n.1),
        reference,
        extractors: &bench.extractors,
    };
    let measures = subject.panel.measures().into_iter();
    let mut settings = config.settings()?;
    if subject.kind == Kind::RealImages {
        // They were trained by none.
        settings.retain(|key, _| !key.starts_with("recipe."));
    }
    Ok(Record {
        schema: SCHEMA,
        kind: subject.kind,
        suite: subject.suite.to_owned(),
        name: config.name.clone(),
        variant: config.variant.clone(),
        dataset: reference.dataset.name.clone(),
        dataset_sha256: reference.dataset.sha256.clone(),
        split: config.evaluation.split().name().to_owned(),
        image_size: config.image_size,
        seed: config.seed,
        experiment: config.experiment()?,
        settings,
        budget: config.budget.clone(),
        status: outcome.status,
        steps: outcome.steps,
        images_seen: outcome.images_seen,
        protocol: config.evaluation.plan.protocol.name().to_owned(),
        extractor: extractor.name().to_owned(),
        extractor_sha256: extractor.sha256().to_owned(),
        n_generated: Some(subject.n.0),
        n_reference: Some(subject.n.1),
        generated_sha256: outcome.images_sha256,
        measures: measures.map(|measure| shown(measure, extractor.name())).collect(),
        metrics: outcome.metrics,
        untrained: outcome.untrained,
        best: outcome.best,
        wall_seconds: outcome.wall_seconds,
        device: bench.device_name.clone(),
        threads: bench.threads as u64,
        warnings: [reference.fallback.iter().cloned().collect(), outcome.warnings].concat(),
        notes: [outcome.notes, reference.dataset.notes.clone()].concat(),
        incomparable: circumstances.reasons(),
        placements: subject.placements.to_vec(),
    })
}

/// A metric's measure of the features of `extractor`, as reports take it: the two packages know nothing of each other.
pub(crate) fn shown(measure: &Measure, extractor: &str) -> ShownMeasure {
    let title = measure.title_for(extractor);
    ShownMeasure {
        key: measure.key.to_owned(),
        published_title: (title != measure.title).then(|| measure.title.to_owned()),
        title,
        unit: measure.unit.to_owned(),
        direction: match measure.direction {
            Direction::LowerIsBetter => ShownDirection::LowerIsBetter,
            Direction::HigherIsBetter => ShownDirection::HigherIsBetter,
        },
        decimals: measure.decimals,
        spread: measure.spread.map(str::to_owned),
        further: measure.further.iter().map(|key| (*key).to_owned()).collect(),
    }
}
