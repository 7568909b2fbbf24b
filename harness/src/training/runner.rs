//! One run, from configuration to record.

use std::collections::BTreeMap;
use std::time::Instant;

use bench_metrics::{Extractor, ImageBatch, METRICS, OnnxExtractor, Parameters, Protocol};
use bench_models::device::Device;
use bench_models::images::{ImageShape, LabelledImages};
use bench_models::{ModelError, Trainer};
use bench_reports::grid::sample_grid;
use bench_reports::record::{Record, SCHEMA, Status};

use super::config::RunConfig;
use super::folder::{Log, RunFolder, metrics_row, values_of_row};
use super::manifest::Manifest;
use super::reference::Reference;
use crate::evaluation::{self, Measurement};
use crate::files;
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
    /// The suite's name, or `single`.
    pub suite: &'a str,
    /// The run's configuration, checked.
    pub config: &'a RunConfig,
    /// What it trains on and is compared with.
    pub reference: &'a Reference,
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
    let Job {
        config,
        reference,
        folder,
        ..
    } = *job;
    let variant = config.variant()?;
    let dataset = &reference.dataset;
    let mut trainer = Trainer::new(
        variant,
        config.recipe.clone(),
        labelled(reference)?,
        config.seed,
        bench.device,
    )?;
    if folder.checkpoint().exists() {
        trainer.restore(&folder.checkpoint())?;
        eprintln!(
            "{}: resuming at step {}",
            folder.path().display(),
            trainer.step()
        );
    }
    folder.write("config.toml", config.to_toml()?.as_bytes())?;
    let mut losses = folder.losses(trainer.step())?;
    let mut metrics = folder.metrics(trainer.step())?;
    let mut history: Vec<BTreeMap<String, f64>> = metrics
        .kept()
        .iter()
        .map(|row| values_of_row(row))
        .collect();

    if history.is_empty() {
        history.push(evaluate(job, &trainer, bench, &mut metrics)?);
    }
    let total = config.recipe.steps;
    let label = format!(
        "{} on {}, seed {}",
        config.variant, dataset.name, config.seed
    );
    let mut progress = Progress::new(label, total);
    let mut status = Status::Done;
    while trainer.step() < total {
        let step = match trainer.train_step() {
            Ok(step) => step,
            Err(error @ ModelError::Diverged { .. }) => {
                eprintln!("bench: {error}");
                status = Status::Diverged;
                break;
            }
            Err(error) => return Err(error.into()),
        };
        losses.push(&format!(
            "{},{},{}",
            trainer.step(),
            step.discriminator,
            step.generator
        ))?;
        let message = format!("D {:.3} G {:.3}", step.discriminator, step.generator);
        progress.set(trainer.step(), message);
        if trainer.step().is_multiple_of(config.evaluation.every) || trainer.step() == total {
            losses.flush()?;
            history.push(evaluate(job, &trainer, bench, &mut metrics)?);
            files::replace_atomically(&folder.checkpoint(), |path| -> anyhow::Result<()> {
                Ok(trainer.save(path)?)
            })?;
        }
    }
    losses.flush()?;

    let seconds = started.elapsed().as_secs_f64();
    let record = record(job, bench, &trainer, status, &history, seconds)?;
    Manifest::of(job, bench, seconds).write(folder)?;
    folder.write("record.json", &record.to_json(&folder.record())?)?;
    progress.finish(summary(&record));
    Ok(record)
}

fn labelled(reference: &Reference) -> Result<LabelledImages<'_>, ModelError> {
    let dataset = &reference.dataset;
    let shape = ImageShape {
        height: dataset.height,
        width: dataset.width,
        channels: dataset.channels,
    };
    let labels = dataset.labels.as_deref().unwrap_or_default();
    LabelledImages::new(&dataset.images, labels, shape, dataset.classes.len())
}

/// Scores the generator as it is, writes its row and its sample grid, and returns the values.
fn evaluate(
    job: &Job,
    trainer: &Trainer,
    bench: &mut Workbench,
    metrics: &mut Log,
) -> anyhow::Result<BTreeMap<String, f64>> {
    let ImageShape {
        height,
        width,
        channels,
    } = trainer.shape();
    let mut measurement = Measurement::new(&mut bench.extractor);
    trainer.sample(
        job.config.evaluation.generated,
        |pixels| -> anyhow::Result<()> {
            let n = pixels.len() / trainer.shape().len();
            Ok(measurement.push(&ImageBatch::new(pixels, n, height, width, channels)?)?)
        },
    )?;
    let generated = measurement.finish()?;
    let reference = &job.reference.measured;
    let values = evaluation::score(
        METRICS,
        &generated,
        Some(reference),
        &parameters(job.config),
    )?;
    let row = metrics_row(
        trainer.step(),
        trainer.images_seen(),
        &values,
        generated.n(),
        reference.n(),
    );
    metrics.push(&row)?;
    metrics.flush()?;

    let (rows, columns) = GRID;
    let pixels = trainer.grid(rows, columns)?;
    let png = sample_grid(&pixels, rows * columns, height, width, channels, columns)?;
    job.folder.write_grid(trainer.step(), &png)?;
    Ok(values)
}

/// IS, FID and KID as torch-fidelity computes them, with the run's own subset sizes.
fn parameters(config: &RunConfig) -> Parameters {
    Parameters {
        kid_subsets: config.evaluation.kid_subsets,
        kid_subset_size: config.evaluation.kid_subset_size,
        ..Protocol::TorchFidelity.parameters()
    }
}

fn record(
    job: &Job,
    bench: &Workbench,
    trainer: &Trainer,
    status: Status,
    history: &[BTreeMap<String, f64>],
    wall_seconds: f64,
) -> anyhow::Result<Record> {
    let Job {
        suite,
        config,
        reference,
        ..
    } = *job;
    let mut notes = Vec::new();
    let departures = config.departures()?;
    if !departures.is_empty() {
        notes.push(format!(
            "budget `{}` changed {}: {}",
            config.budget,
            config.variant,
            departures.join(", ")
        ));
    }
    let trained = history.last().filter(|_| history.len() > 1);
    Ok(Record {
        schema: SCHEMA,
        suite: suite.to_owned(),
        variant: config.variant.clone(),
        dataset: reference.dataset.name.clone(),
        seed: config.seed,
        config_hash: config.hash()?,
        budget: config.budget.clone(),
        status,
        steps: trainer.step(),
        images_seen: trainer.images_seen(),
        protocol: Protocol::TorchFidelity.name().to_owned(),
        extractor: bench.extractor.name().to_owned(),
        extractor_sha256: bench.extractor.sha256().to_owned(),
        n_generated: Some(config.evaluation.generated),
        n_reference: Some(reference.measured.n()),
        metrics: trained.cloned().unwrap_or_default(),
        untrained: history.first().cloned().unwrap_or_default(),
        wall_seconds,
        device: bench.device_name.clone(),
        threads: bench.threads as u64,
        warnings: reference.fallback.iter().cloned().collect(),
        notes,
        // Published values come from InceptionV3; another extractor's distance is another scale.
        published_comparable: false,
    })
}

fn summary(record: &Record) -> String {
    let value = |values: &BTreeMap<String, f64>, key: &str| {
        values
            .get(key)
            .map_or("-".to_owned(), |v| format!("{v:.2}"))
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
