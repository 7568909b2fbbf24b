//! `bench all`: every run of the suites, then tables and figures.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bench_data::datasets::ImageCache;
use bench_data::files;
use bench_metrics::Panel;
use bench_models::device::{self, Device};
use clap::{Args as _, FromArgMatches as _};

use super::background::BackgroundArgs;
use super::fetch_missing::fetch_missing;
use super::metric_options::MetricOptions;
use super::report;
use super::study::{Study, StudyArgs};
use crate::evaluation::{EvaluationConfig, ExtractorArgs, FeatureCache};
use crate::exit::Failure;
use crate::process::stop;
use crate::training::extractors::Extractors;
use crate::training::queue::Queue;
use crate::training::reference::DataFolder;
use crate::training::runner::Workbench;

/// Least time between two reports on runs that have ended while others are still to come.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);

/// Train and score every run of the suites, and write tables and figures.
///
/// A run that has ended is kept; one that stopped goes on from its last checkpoint. SIGINT (Ctrl-C), SIGTERM, SIGUSR1 and
/// SIGHUP end the present step, save the run and end the program with exit code 5; a second SIGINT ends it at once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench all\n  \
    bench all --data data --budget quick --seeds 0,1,2\n  \
    bench all --metrics fid,prdc --prdc-k 3\n  \
    bench all --suite my-suite.toml --out my-results")]
pub struct AllArgs {
    /// Which runs there are.
    #[command(flatten)]
    study: StudyArgs,
}

/// Options of every command that trains.
#[derive(Debug, clap::Args)]
pub struct CommonArgs {
    /// Folder for the results.
    #[arg(long, default_value = "results")]
    pub out: PathBuf,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    #[command(flatten)]
    background: BackgroundArgs,
    /// What scores the images.
    #[command(flatten)]
    pub extractor: ExtractorArgs,
    /// What is computed; a suite's own metrics and parameters by default.
    #[command(flatten)]
    pub metrics: MetricOptions,
    /// Fetch nothing: use what is there.
    #[arg(long)]
    pub offline: bool,
    /// Device to train on: cpu, cuda or cuda:N.
    #[arg(long, default_value = "cpu")]
    pub device: String,
    /// CPU threads; results depend on their number in their last digits. All of this machine by default.
    #[arg(long, value_parser = crate::parse_threads)]
    pub threads: Option<usize>,
    /// Save a run's state at least this often, in minutes, besides at its evaluations; 0: after every step.
    #[arg(long, value_name = "MINUTES", default_value = "10", value_parser = minutes)]
    pub checkpoint_minutes: Duration,
    /// Decode all images and extract all features of reference images anew, and keep none.
    #[arg(long)]
    pub no_cache: bool,
}

impl CommonArgs {
    /// Readies the folder for results, device, threads, extractor and, as far as they can be fetched, `datasets`. From now
    /// on, signals end the program with what is trained saved.
    ///
    /// # Errors
    /// If one of the first four cannot be had, or a dataset is there and damaged.
    pub fn queue(&self, datasets: &[String]) -> anyhow::Result<Queue> {
        stop::on_signals();
        files::check_folder_writable(&self.out)?;
        crate::set_threads(self.threads())?;
        self.queue_on(device::select(&self.device)?, datasets)
    }

    /// A queue that computes on `device`. What can be fetched of `datasets` is there then.
    ///
    /// # Errors
    /// If the extractor cannot be had, or a dataset is there and damaged.
    pub fn queue_on(&self, device: Device, datasets: &[String]) -> anyhow::Result<Queue> {
        let threads = self.threads();
        let request = self.extractor.request(Default::default(), None);
        if !self.offline {
            fetch_missing(&request, datasets, &self.data)?;
        }
        let bench = Workbench {
            device,
            device_name: self.device.clone(),
            threads,
            extractors: Extractors::load(&request, threads)?,
            checkpoint_every: self.checkpoint_minutes,
        };
        let (features, images) = match self.no_cache {
            true => (FeatureCache::none(), None),
            false => (FeatureCache::of_user(threads), ImageCache::of_user()),
        };
        let data = DataFolder {
            path: self.data.clone(),
            cache: images,
            background: self.background.background,
        };
        Ok(Queue::new(bench, data, features, &self.out))
    }

    /// The options that make runs on other machines the same ones as in `queue`: with absolute paths, and an open choice
    /// settled. Metrics stand in the runs' configurations.
    ///
    /// # Errors
    /// A usage failure for a path that cannot be made absolute, or is no UTF-8.
    pub fn to_options(&self, queue: &Queue) -> anyhow::Result<Vec<String>> {
        let Self { out, data, background, extractor, metrics: _, offline: _, .. } = self;
        let Self { device, threads: _, checkpoint_minutes, no_cache, .. } = self;
        let path = |name: &str, path: &Path| -> std::io::Result<OsString> {
            let mut option = OsString::from(name);
            option.push(std::path::absolute(path)?);
            Ok(option)
        };
        let mut options = vec![path("--out=", out)?, path("--data=", data)?];
        options.extend(extractor.to_options(queue.extractor())?);
        let minutes = checkpoint_minutes.as_secs_f64() / 60.0;
        options.push(format!("--device={device}").into());
        options.push(format!("--threads={}", self.threads()).into());
        options.push(format!("--checkpoint-minutes={minutes}").into());
        options.push("--offline".into());
        options.extend(background.to_option().map(OsString::from));
        options.extend(no_cache.then(|| "--no-cache".into()));
        let utf8 = |option: OsString| {
            option.into_string().map_err(|option| {
                Failure::usage(format!(
                    "{option:?} is no UTF-8, which a plan cannot hold; use another path"
                ))
            })
        };
        Ok(options.into_iter().map(utf8).collect::<Result<_, _>>()?)
    }

    /// What [`Self::to_options`] gave.
    ///
    /// # Errors
    /// If there are other options.
    pub fn from_options(options: &[String]) -> Result<Self, clap::Error> {
        let command = Self::augment_args(clap::Command::new("bench").no_binary_name(true));
        Self::from_arg_matches(&command.try_get_matches_from(options)?)
    }

    /// CPU threads to compute with.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(crate::default_threads)
    }

    /// Puts the metrics and parameters that the user names into `evaluation`.
    ///
    /// # Errors
    /// If there is no such metric, or a parameter is of none that is computed.
    pub fn apply_metrics(&self, evaluation: &mut EvaluationConfig) -> anyhow::Result<()> {
        let plan = &mut evaluation.plan;
        let metrics = match self.metrics.are_named() {
            true => self.metrics.metrics()?,
            false => plan.panel.metrics(),
        };
        self.metrics.check_parameters(&metrics).map_err(Failure::usage)?;
        let mut changes = plan.panel.changes(plan.protocol)?;
        for (metric, settings) in self.metrics.changes() {
            changes.entry(metric.clone()).or_default().extend(settings.clone());
        }
        plan.panel = Panel::new(plan.protocol, &metrics, &changes)?;
        Ok(())
    }
}

/// A time in minutes on the command line.
fn minutes(text: &str) -> Result<Duration, String> {
    let minutes: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    Duration::try_from_secs_f64(60.0 * minutes).map_err(|_| "give 0 or more minutes".to_owned())
}

/// Runs the command.
pub fn run(args: &AllArgs) -> anyhow::Result<()> {
    // Every configuration is checked before the first run starts.
    let mut study = args.study.study()?;
    let common = &args.study.common;
    let mut queue = common.queue(&study.datasets())?;
    study.replace_missing_datasets(&mut queue)?;
    let Study { suites, plans, truths } = study;
    queue.write_agenda(&plans)?;
    queue.write_tables(&suites)?;
    queue.measure_ground_truths(&truths)?;
    let mut reported = Instant::now();
    // Written on the way, so that one can look in; but drawing takes longer than a smoke run.
    let failures = queue.run_all(&plans, |out: &Path| -> anyhow::Result<()> {
        if reported.elapsed() > REPORT_INTERVAL {
            report::write_if_any(out)?;
            reported = Instant::now();
        }
        Ok(())
    });
    if failures.is_err() && stop::requested() {
        report::write_if_any(&common.out)?;
    }
    let failures = failures?;
    report::write(&common.out)?;
    report::print_screen(&common.out)?;
    match failures {
        0 => Ok(()),
        n => Err(Failure::run(format!("{n} of {} runs failed or diverged", plans.len())).into()),
    }
}
