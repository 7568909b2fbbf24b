//! One run, from configuration to record.

use std::collections::BTreeMap;
use std::time::Instant;

use bench_data::files::{self, FileError};
use bench_metrics::metrics::find as find_metric;
use bench_metrics::{
    Extractor, ImageBatch, Metric, MetricsError, OnnxExtractor, Parameters, inception,
};
use bench_models::device::Device;
use bench_models::images::ImageShape;
use bench_models::trainer::Losses;
use bench_models::{ModelError, Trainer};
use bench_reports::grid::sample_grid;
use bench_reports::record::{Record, SCHEMA, Status};

use super::config::{EvaluationConfig, RunConfig};
use super::folder::{Log, METRICS, RunFolder, metrics_row, values_of_row};
use super::labelled::labelled;
use super::manifest::Manifest;
use super::reference::{EMBEDDED_DATASET, PROTOCOL, Reference};
use super::suite::PlannedRun;
use crate::evaluation::{self, Measured, Measurement};
use crate::progress::Progress;

/// Rows and columns of the sample grids.
const GRID: (usize, usize) = (5, 10);

/// What all runs of a command share.
pub struct Workbench {
    /// Device that the networks are trained on.
    pub device: Device,
    /// Its name on the command line.
    pub device_name: String,
    /// CPU threads.
    pub threads: usize,
    /// The feature extractor.
    pub extractor: OnnxExtractor,
}

/// One run to carry out.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Its suite, what its source states and where its numbers are shown.
    pub plan: &'a PlannedRun,
    /// The plan's configuration, with its inputs.
    pub config: &'a RunConfig,
    /// What it trains on.
    pub reference: &'a Reference,
    /// What its images are compared with.
    pub measured: &'a Measured,
    /// Where the results go.
    pub folder: &'a RunFolder,
}

/// Trains, scores and records one run; a run that stopped goes on from its last checkpoint.
///
/// A diverged run is recorded as such and is no error here: see [`Record::status`].
///
/// # Errors
/// If the dataset does not fit the variant, a file cannot be written or the extractor fails.
pub fn run(job: &Job, bench: &mut Workbench) -> anyhow::Result<Record> {
    let started = Instant::now();
    let Job { config, reference, folder, .. } = *job;
    let mut trainer = Trainer::new(
        config.variant()?,
        config.recipe.clone(),
        labelled(&reference.dataset)?,
        config.seed,
        bench.device,
    )?;
    if folder.checkpoint().exists() {
        trainer.restore(&folder.checkpoint())?;
        let path = folder.path().display();
        eprintln!("{path}: resuming at step {}", trainer.step());
    }
    let resumed_at = trainer.step();
    folder.write("config.toml", config.to_toml()?.as_bytes())?;

    let mut history = History::open(folder, resumed_at)?;
    let label = format!("{} on {}, seed {}", config.variant, config.dataset, config.seed);
    let mut progress = Progress::new(label, config.recipe.steps);
    let status = match train(job, &mut trainer, bench, &mut history, &mut progress) {
        Ok(()) => Status::Done,
        Err(error) if is_divergence(&error) => {
            eprintln!("bench: error: {error:#}");
            Status::Diverged
        }
        Err(error) => return Err(error),
    };

    let seconds = started.elapsed().as_secs_f64();
    let mut record = record(job, bench, &trainer, status, &history, seconds)?;
    if resumed_at > 0 {
        record.notes.push(format!("time counts from step {resumed_at}, where the run was resumed"));
    }
    Manifest::of(job, bench, seconds).write(folder)?;
    folder.write("record.json", &record.to_json(&folder.record())?)?;
    progress.finish(summary(&record));
    Ok(record)
}

/// The training loop: steps, and every so often an evaluation and a checkpoint.
fn train(
    job: &Job,
    trainer: &mut Trainer,
    bench: &mut Workbench,
    history: &mut History,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let Job { config, folder, .. } = *job;
    let total = config.recipe.steps;
    if history.values.is_empty() {
        evaluate(job, trainer, bench, history)?;
    }
    while trainer.step() < total {
        let Losses { discriminator, generator } = trainer.train_step()?;
        let step = trainer.step();
        history.losses.push(&format!("{step},{discriminator},{generator}"))?;
        progress.set(step, format!("D {discriminator:.3} G {generator:.3}"));
        if step.is_multiple_of(config.evaluation.every) || step == total {
            evaluate(job, trainer, bench, history)?;
            files::replace_atomically(&folder.checkpoint(), |path| -> anyhow::Result<()> {
                Ok(trainer.save(path)?)
            })?;
        }
    }
    Ok(())
}

fn is_divergence(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ModelError::Diverged { .. }))
}

/// What has been measured of a run so far.
struct History {
    losses: Log,
    metrics: Log,
    /// Metric values of every evaluation; the first is of the untrained generator.
    values: Vec<BTreeMap<String, f64>>,
}

impl History {
    /// The logs of a run that stands at `step`.
    fn open(folder: &RunFolder, step: u64) -> Result<Self, FileError> {
        let metrics = folder.metrics(step)?;
        Ok(Self {
            losses: folder.losses(step)?,
            values: metrics.kept().iter().map(|row| values_of_row(row)).collect(),
            metrics,
        })
    }
}

/// Scores the generator as it is, and writes its row and its sample grid.
fn evaluate(
    job: &Job,
    trainer: &Trainer,
    bench: &mut Workbench,
    history: &mut History,
) -> anyhow::Result<()> {
    let ImageShape { height, width, channels } = trainer.shape();
    let mut measurement = Measurement::new(&mut bench.extractor);
    trainer.sampler().sample(job.config.evaluation.generated, |pixels| -> anyhow::Result<()> {
        let n = pixels.len() / trainer.shape().len();
        Ok(measurement.push(&ImageBatch::new(pixels, n, height, width, channels)?)?)
    })?;
    let generated = measurement.finish()?;
    let reference = job.measured;
    let values = scores(&job.config.evaluation, &generated, reference)?;
    let row =
        metrics_row(trainer.step(), trainer.images_seen(), &values, generated.n(), reference.n());
    history.metrics.push(&row)?;
    history.values.push(values);

    let (rows, columns) = GRID;
    let pixels = trainer.sampler().grid(rows, columns)?;
    let png = sample_grid(&pixels, rows * columns, height, width, channels, columns)?;
    job.folder.write_grid(trainer.step(), &png)?;
    Ok(())
}

/// IS, FID and KID as the protocol has them, with the evaluation's own subset sizes.
///
/// # Errors
/// If a metric cannot be computed.
pub fn scores(
    evaluation: &EvaluationConfig,
    generated: &Measured,
    reference: &Measured,
) -> Result<BTreeMap<String, f64>, MetricsError> {
    let metrics: Vec<&dyn Metric> =
        METRICS.iter().map(|m| find_metric(m)).collect::<Result<_, _>>()?;
    let parameters = Parameters {
        kid_subsets: evaluation.kid_subsets,
        kid_subset_size: evaluation.kid_subset_size,
        ..PROTOCOL.parameters()
    };
    evaluation::score(&metrics, generated.sample(), Some(reference.sample()), &parameters)
}

/// Whether scores may stand beside published ones: on the official images, by the published extractor (another one's
/// distance is another scale), and made as the source makes them.
pub fn is_comparable(bench: &Workbench, reference: &Reference, departures: &[String]) -> bool {
    bench.extractor.name() == inception::NAME
        && reference.fallback.is_none()
        && reference.dataset.comparable
        && departures.is_empty()
}

/// What a reader of the numbers should know: the departures from the source, and images that are not the official ones.
pub fn notes(budget: &str, departures: &[String], reference: &Reference) -> Vec<String> {
    let mut notes = Vec::new();
    if !departures.is_empty() {
        let departures = departures.join(", ");
        notes.push(format!("departures from the source under budget `{budget}`: {departures}"));
    }
    if !reference.dataset.comparable && reference.dataset.name != EMBEDDED_DATASET {
        let name = &reference.dataset.name;
        notes.push(format!("the images of {name} are not the official ones, or not all of them"));
    }
    notes
}

fn record(
    job: &Job,
    bench: &Workbench,
    trainer: &Trainer,
    status: Status,
    history: &History,
    wall_seconds: f64,
) -> anyhow::Result<Record> {
    let Job { plan, config, reference, .. } = *job;
    let departures = plan.departures();
    // What a diverged run scored on its way stands in its metrics.csv and is no result.
    let trained = match (status, history.values.as_slice()) {
        (Status::Done, [_, .., last]) => last.clone(),
        _ => BTreeMap::new(),
    };
    Ok(Record {
        schema: SCHEMA,
        suite: plan.suite.clone(),
        variant: config.variant.clone(),
        dataset: reference.dataset.name.clone(),
        seed: config.seed,
        config_hash: config.hash()?,
        budget: config.budget.clone(),
        status,
        steps: trainer.step(),
        images_seen: trainer.images_seen(),
        protocol: PROTOCOL.name().to_owned(),
        extractor: bench.extractor.name().to_owned(),
        extractor_sha256: bench.extractor.sha256().to_owned(),
        n_generated: Some(config.evaluation.generated),
        n_reference: Some(job.measured.n()),
        metrics: trained,
        untrained: history.values.first().cloned().unwrap_or_default(),
        wall_seconds,
        device: bench.device_name.clone(),
        threads: bench.threads as u64,
        warnings: reference.fallback.iter().cloned().collect(),
        notes: notes(&config.budget, &departures, reference),
        placements: plan.placements.clone(),
        published_comparable: is_comparable(bench, reference, &departures),
    })
}

fn summary(record: &Record) -> String {
    let value = |values: &BTreeMap<String, f64>, key: &str| {
        values.get(key).map_or("-".to_owned(), |v| format!("{v:.2}"))
    };
    format!(
        "{} after {} steps in {:.0} s, FID ({}) {} -> {}",
        record.status,
        record.steps,
        record.wall_seconds,
        record.extractor,
        value(&record.untrained, "fid"),
        value(&record.metrics, "fid"),
    )
}
