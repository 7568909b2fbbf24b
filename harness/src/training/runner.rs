//! One run, from configuration to record.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bench_data::files;
use bench_metrics::Panel;
use bench_models::device::Device;
use bench_models::images::ImageShape;
use bench_models::{ModelError, Recipe, Trainer, refusals};
use bench_reports::grid::sample_grid;
use bench_reports::history::MetricPoint;
use bench_reports::record::{Kind, Record, Status};

use super::checkpoints::{self, Checkpoints};
use super::config::RunConfig;
use super::error::RunError;
use super::extractors::Extractors;
use super::folder::RunFolder;
use super::history::History;
use super::labelled::labelled;
use super::manifest::Manifest;
use super::record::{Outcome, Subject, record};
use super::reference::Reference;
use super::scoring::{self, Scale, Scores};
use super::starts::{self, End, Start};
use super::suite::PlannedRun;
use crate::evaluation::{FeatureCache, Measured};
use crate::pictures::{Album, Lab};
use crate::process::{self, stop};
use crate::progress::Progress;

/// Rows and columns of the sample grids.
const GRID: (usize, usize) = (5, 10);

/// Steps whose losses are fetched from a GPU together: it is waited for that often, and `losses.csv` is so far behind.
const LOSSES_OF_GPU: usize = 25;

/// What all runs of a command share.
pub struct Workbench {
    /// Device that the networks are trained on.
    pub device: Device,
    /// Its name on the command line.
    pub device_name: String,
    /// Whether it computes as fast as it can, and not the same every time.
    pub fast: bool,
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
    pub measured: &'a Arc<Measured>,
    /// Where features of images are kept.
    pub cache: &'a FeatureCache,
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
    let mut starts = start(job, bench, resumed_at)?;

    let mut history = History::open(folder, resumed_at, job.panel, trainer.loss_parts())?;
    let label = format!("{} on {}, seed {}", config.name, config.dataset, config.seed);
    let mut progress = Progress::of(label, config.recipe.steps, "steps");
    let trained = refusals::as_errors(|| {
        train(job, &mut trainer, bench, (&mut history, &mut checkpoints), &mut progress)
    });
    let trained = trained.map_err(|error| of_device(error, job, bench, &checkpoints));
    let seconds = started.elapsed().as_secs_f64();
    let trained = trained.and_then(|last| draw_pictures(job, bench, &history).map(|()| last));
    let mut end = |how: &str, step: u64, bench: &Workbench| -> Result<(), RunError> {
        if let Some(start) = starts.last_mut() {
            start.end = Some(End::now(how, step));
        }
        Ok(Manifest::of(job, bench, &starts, seconds)?.write(folder)?)
    };
    let (status, last) = match trained {
        Ok(last) => (Status::Done, last),
        Err(RunError::Model(error @ ModelError::Diverged { .. })) => {
            log::error!("{error}");
            (Status::Diverged, None)
        }
        Err(RunError::Stopped { command }) => {
            checkpoints.save(&trainer, &history)?;
            end("stopped", trainer.step(), bench)?;
            progress.finish(format!("stopped and saved after {} steps", trainer.step()));
            return Err(RunError::Stopped { command });
        }
        Err(error) => {
            // The error says why; that this cannot be written either would say no more.
            let _ = end("failed", trainer.step(), bench);
            return Err(error);
        }
    };
    end(&status.to_string(), trainer.step(), bench)?;

    let mut notes = notes(job, &starts, resumed_at, (status, trainer.step()));
    if let missing @ 1.. = history.missing_losses() {
        notes.push(format!("losses.csv lacks {missing} steps: the file was cut"));
    }
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
        warnings: last.iter().filter_map(|scores| scores.collapse(trainer.step())).collect(),
        images_sha256: last.map(|scores| scores.images_sha256),
        notes,
    };
    let record = record(&subject(job), outcome, bench)?;
    checkpoints.finish()?;
    folder.write("record.json", &record.to_json(&folder.record())?)?;
    checkpoints::keep_lasting(folder, status)?;
    progress.finish(summary(&record));
    Ok(record)
}

/// `error`, with what to do, where the device has too little memory or failed.
fn of_device(error: RunError, job: &Job, bench: &Workbench, checkpoints: &Checkpoints) -> RunError {
    let device = bench.device_name.clone();
    let Recipe { batch_size, accumulate, .. } = job.config.recipe;
    match error {
        RunError::Model(error) if error.is_out_of_memory() => RunError::OutOfMemory {
            reason: error.to_string(),
            device,
            images: batch_size,
            accumulate,
        },
        RunError::Model(error) if error.is_lost_device() => RunError::LostDevice {
            device,
            reason: error.to_string(),
            kept: checkpoints.described(),
        },
        error => error,
    }
}

/// What the record says of a run that was started so often, the last time at step `resumed_at`, and ended so.
fn notes(
    job: &Job,
    starts: &[Start],
    resumed_at: u64,
    (status, step): (Status, u64),
) -> Vec<String> {
    let mut notes = job.notes.to_vec();
    notes.extend(starts::notes(starts));
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
        for note in starts::notes(&starts[starts.len().saturating_sub(2)..]) {
            log::info!("{}: {note}", job.folder.path().display());
        }
    }
    job.folder.write("config.toml", job.config.to_toml()?.as_bytes())?;
    Manifest::of(job, bench, &starts, 0.0)?.write(job.folder)?;
    Ok(starts)
}

/// The training loop: steps, every so often a checkpoint, and evaluations, each of a state that is saved. In the end it gives
/// the last scores.
fn train(
    job: &Job,
    trainer: &mut Trainer,
    bench: &mut Workbench,
    (history, checkpoints): (&mut History, &mut Checkpoints),
    progress: &mut Progress,
) -> Result<Option<Scores>, RunError> {
    let total = job.config.recipe.steps;
    let mut last = None;
    // A CPU has done a step when it goes on; a GPU would have to be waited for.
    let together = if bench.device.is_cuda() { LOSSES_OF_GPU } else { 1 };
    loop {
        let step = trainer.step();
        if step.is_multiple_of(job.config.evaluation.every) || step == total {
            record_losses(trainer, history, progress)?;
            checkpoints.save(trainer, history)?;
            // The last scores are made again where they are there without the record: what is said of them is not.
            if !history.is_scored_at(step) || step == total {
                let scores = evaluate(job, trainer, bench, history)?;
                if let Some(text) = scores.collapse(step) {
                    log::warn!("{}: {text}", job.config.name);
                }
                last = Some(scores);
            }
            checkpoints.keep_best(history)?;
        }
        if step >= total {
            return Ok(last);
        }
        if let Err(stopped) = go_on() {
            record_losses(trainer, history, progress)?;
            return Err(stopped);
        }
        trainer.advance()?;
        if trainer.untaken_losses() >= together || checkpoints.is_due() {
            record_losses(trainer, history, progress)?;
            checkpoints.save_if_due(trainer, history)?;
        }
    }
}

/// Records the losses of the steps since the last time. A checkpoint is of steps whose losses are there, and were finite.
fn record_losses(
    trainer: &mut Trainer,
    history: &mut History,
    progress: &mut Progress,
) -> Result<(), RunError> {
    trainer.take_losses(|step, losses| {
        history.push_losses(step, losses)?;
        progress.set(step, format!("D {:.3} G {:.3}", losses.discriminator, losses.generator));
        Ok(())
    })
}

/// An error where a signal has asked for the end.
pub(crate) fn go_on() -> Result<(), RunError> {
    if stop::requested() {
        return Err(RunError::Stopped { command: process::command_line() });
    }
    Ok(())
}

/// Scores the generator as it is, and writes its sample grid and then its row, unless it is there: where there is a row, there
/// is a grid.
fn evaluate(
    job: &Job,
    trainer: &Trainer,
    bench: &mut Workbench,
    history: &mut History,
) -> Result<Scores, RunError> {
    let step = trainer.step();
    let label = format!("scoring {} at step {step}", job.config.name);
    let scale = Scale { config: job.config, panel: job.panel, measured: job.measured };
    let scores = scoring::score(&trainer.sampler(), &scale, &mut bench.extractors, label)?;
    if !history.is_scored_at(step) {
        write_grid(job, trainer)?;
        history.push_metrics(MetricPoint {
            step,
            images_seen: trainer.images_seen(),
            values: scores.values.clone(),
            n_generated: Some(scores.n_generated),
            n_reference: Some(scores.n_reference),
        })?;
    }
    Ok(scores)
}

/// Draws what is to be looked at, from the checkpoints, before the record says that the run has ended.
fn draw_pictures(job: &Job, bench: &mut Workbench, history: &History) -> Result<(), RunError> {
    let album = Album {
        folder: job.folder,
        config: job.config,
        plan: &job.plan.pictures,
        reference: job.reference,
        best: history.best().map(|best| best.step),
        device: bench.device,
    };
    let lab = Lab {
        extractors: &mut bench.extractors,
        cache: job.cache,
        panel: job.panel,
        measured: job.measured,
    };
    album.fill(Some(lab))
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
    let of_extractor = format!(" ({extractor})");
    let title = measure.title.trim_end_matches(&of_extractor);
    format!("{done}, {title}{of_extractor} {before} -> {after}")
}
