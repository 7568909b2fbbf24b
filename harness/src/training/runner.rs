//! One run, from configuration to record.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bench_data::files;
use bench_metrics::{Evidence, ImageBatch, Panel};
use bench_models::device::Device;
use bench_models::images::ImageShape;
use bench_models::{ModelError, Trainer};
use bench_reports::grid::sample_grid;
use bench_reports::history::MetricPoint;
use bench_reports::record::{Kind, Record, Status};

use super::checkpoints::Checkpoints;
use super::config::RunConfig;
use super::error::RunError;
use super::extractors::Extractors;
use super::folder::RunFolder;
use super::history::History;
use super::labelled::labelled;
use super::manifest::{self, Manifest};
use super::record::{Outcome, Subject, record};
use super::reference::Reference;
use super::starts::Start;
use super::suite::PlannedRun;
use crate::evaluation::{Measured, Measurement};
use crate::process::{self, stop};
use crate::progress::{Busy, Progress};

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
    pub extractors: Extractors,
    /// Longest time of training without a checkpoint.
    pub checkpoint_every: Duration,
}

/// One run to carry out.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Its suite, what its source states and where its numbers are shown.
    pub plan: &'a PlannedRun,
    /// The plan's configuration, with its inputs.
    pub config: &'a RunConfig,
    /// The metrics, as far as extractor and images allow.
    pub panel: &'a Panel,
    /// What was changed for that, as notes of the record.
    pub notes: &'a [String],
    /// What it trains on.
    pub reference: &'a Reference,
    /// What its images are compared with.
    pub measured: &'a Measured,
    /// Where the results go; no other process is at work there.
    pub folder: &'a RunFolder,
}

/// Trains, scores and records one run; a run that stopped goes on from its last checkpoint.
///
/// A diverged run is recorded as such and is no error here: see [`Record::status`].
///
/// # Errors
/// [`RunError::Stopped`] if a signal asked for the end; if the dataset does not fit the variant, a file cannot be written or the extractor fails.
pub fn run(job: &Job, bench: &mut Workbench) -> Result<Record, RunError> {
    let started = Instant::now();
    let _training = stop::Training::begin();
    let Job { config, reference, folder, .. } = *job;
    folder.remove_partial_files()?;
    let mut trainer = Trainer::new(
        config.variant()?,
        config.recipe.clone(),
        labelled(&reference.dataset)?,
        config.seed,
        bench.device,
    )?;
    if !folder.grid(0).exists() {
        write_grid(job, &trainer)?;
    }
    let mut checkpoints = Checkpoints::resume(folder, &mut trainer, bench.checkpoint_every)?;
    let resumed_at = trainer.step();
    let starts = start(job, bench, resumed_at)?;

    let mut history = History::open(folder, resumed_at, job.panel, trainer.loss_parts())?;
    let label = format!("{} on {}, seed {}", config.name, config.dataset, config.seed);
    let mut progress = Progress::of(label, config.recipe.steps, "steps");
    let trained = train(job, &mut trainer, bench, (&mut history, &mut checkpoints), &mut progress);
    let status = match trained {
        Ok(()) => Status::Done,
        Err(RunError::Model(error @ ModelError::Diverged { .. })) => {
            log::error!("{error}");
            Status::Diverged
        }
        Err(RunError::Stopped { command }) => {
            checkpoints.save(&trainer, &history)?;
            progress.finish(format!("stopped and saved after {} steps", trainer.step()));
            return Err(RunError::Stopped { command });
        }
        Err(error) => return Err(error),
    };

    let seconds = started.elapsed().as_secs_f64();
    let outcome = Outcome {
        status,
        steps: trainer.step(),
        images_seen: trainer.images_seen(),
        // What a diverged run scored on its way is no result; the best of it is kept as such.
        metrics: match status {
            Status::Done => history.at(trainer.step()),
            _ => BTreeMap::new(),
        },
        untrained: history.untrained(),
        best: history.best(),
        wall_seconds: seconds,
        notes: notes(job, &starts, resumed_at, (status, trainer.step())),
    };
    let record = record(&subject(job), outcome, bench)?;
    checkpoints.finish()?;
    Manifest::of(job, bench, &starts, seconds).write(folder)?;
    folder.write("record.json", &record.to_json(&folder.record())?)?;
    progress.finish(summary(&record));
    Ok(record)
}

/// What the record says of a run that was started so often, the last time at step `resumed_at`, and ended so.
fn notes(
    job: &Job,
    starts: &[Start],
    resumed_at: u64,
    (status, step): (Status, u64),
) -> Vec<String> {
    let mut notes = job.notes.to_vec();
    notes.extend(manifest::notes(starts));
    if resumed_at > 0 {
        notes.push(format!("time counts from step {resumed_at}, where the run was resumed"));
    }
    if status == Status::Diverged {
        notes.push(format!("diverged after step {step}"));
    }
    notes
}

/// Writes what the run is and that it was started at `step`; says so where it goes on.
fn start(job: &Job, bench: &Workbench, step: u64) -> Result<Vec<Start>, RunError> {
    let mut starts = Start::all(job.folder);
    starts.push(Start::now(job, bench, step));
    if step > 0 {
        log::info!("{}: resuming at step {step}", job.folder.path().display());
        // Of an earlier start, only what changed now is news.
        for note in manifest::notes(&starts[starts.len().saturating_sub(2)..]) {
            log::info!("{}: {note}", job.folder.path().display());
        }
    }
    job.folder.write("config.toml", job.config.to_toml()?.as_bytes())?;
    Manifest::of(job, bench, &starts, 0.0).write(job.folder)?;
    Ok(starts)
}

/// The training loop: steps, every so often a checkpoint, and evaluations, each of a state that is saved.
fn train(
    job: &Job,
    trainer: &mut Trainer,
    bench: &mut Workbench,
    (history, checkpoints): (&mut History, &mut Checkpoints),
    progress: &mut Progress,
) -> Result<(), RunError> {
    let total = job.config.recipe.steps;
    loop {
        let step = trainer.step();
        if step.is_multiple_of(job.config.evaluation.every) || step == total {
            checkpoints.save(trainer, history)?;
            if !history.is_scored_at(step) {
                evaluate(job, trainer, bench, history)?;
            }
            checkpoints.keep_best(history)?;
        }
        if step >= total {
            return Ok(());
        }
        go_on()?;
        let losses = trainer.train_step()?;
        let step = trainer.step();
        history.push_losses(step, &losses)?;
        progress.set(step, format!("D {:.3} G {:.3}", losses.discriminator, losses.generator));
        checkpoints.save_if_due(trainer, history)?;
    }
}

/// An error where a signal has asked for the end.
fn go_on() -> Result<(), RunError> {
    if stop::requested() {
        return Err(RunError::Stopped { command: process::command_line() });
    }
    Ok(())
}

/// Scores the generator as it is, and writes its sample grid and then its row: where there is a row, there is a grid.
fn evaluate(
    job: &Job,
    trainer: &Trainer,
    bench: &mut Workbench,
    history: &mut History,
) -> Result<(), RunError> {
    let ImageShape { height, width, channels } = trainer.shape();
    let plan = &job.config.evaluation.plan;
    let extractor = bench.extractors.under(plan.protocol).map_err(RunError::Features)?;
    let mut measurement = Measurement::new(extractor);
    let wanted = job.config.evaluation.generated();
    let label = format!("scoring {} at step {}", job.config.name, trainer.step());
    let mut progress = Progress::of_images(label, wanted);
    let mut scored = 0;
    trainer.sampler().sample(wanted, |pixels| -> Result<(), RunError> {
        go_on()?;
        let n = pixels.len() / trainer.shape().len();
        measurement.push(&ImageBatch::new(pixels, n, height, width, channels)?)?;
        scored += n as u64;
        progress.set(scored, "");
        Ok(())
    })?;
    progress.clear();
    let _busy = Busy::of("computing metrics");
    let generated = measurement.finish()?;
    let reference = job.measured;
    write_grid(job, trainer)?;
    let evidence = Evidence { generated: generated.sample(), reference: Some(reference.sample()) };
    history.push_metrics(MetricPoint {
        step: trainer.step(),
        images_seen: trainer.images_seen(),
        values: job.panel.compute(&evidence)?,
        n_generated: Some(generated.n()),
        n_reference: Some(reference.n()),
    })?;
    Ok(())
}

/// Writes the sample grid of the generator as it is.
fn write_grid(job: &Job, trainer: &Trainer) -> Result<(), RunError> {
    let (rows, columns) = GRID;
    let ImageShape { height, width, channels } = trainer.shape();
    let pixels = trainer.sampler().grid(rows, columns)?;
    let png = sample_grid(&pixels, rows * columns, height, width, channels, columns)?;
    Ok(files::write_atomically(&job.folder.grid(trainer.step()), &png)?)
}

fn subject<'a>(job: &'a Job) -> Subject<'a> {
    Subject {
        kind: Kind::Run,
        suite: &job.plan.suite,
        config: job.config,
        panel: job.panel,
        reference: job.reference,
        placements: &job.plan.placements,
        departures: job.plan.departures(),
        unstated: &job.plan.unstated,
        n: (job.config.evaluation.generated(), job.measured.n()),
    }
}

fn summary(record: &Record) -> String {
    let Record { status, steps, wall_seconds, extractor, .. } = record;
    let done = format!("{status} after {steps} steps in {wall_seconds:.0} s");
    let Some(measure) = record.measures.first() else { return done };
    let value = |values: &BTreeMap<String, f64>| {
        let decimals = measure.decimals;
        values.get(&measure.key).map_or("-".to_owned(), |v| format!("{v:.decimals$}"))
    };
    let (before, after) = (value(&record.untrained), value(&record.metrics));
    format!("{done}, {} ({extractor}) {before} -> {after}", measure.title)
}
