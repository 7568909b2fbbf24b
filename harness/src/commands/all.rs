//! `bench all`: every run of the suites, then tables and figures.

mod arguments;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bench_data::datasets::ImageCache;
use bench_data::files;
use bench_metrics::{Device, Panel};
use bench_models::computation::{self, Computation};
use bench_reports::picture::AskedPicture;

use super::background::BackgroundArgs;
use super::fetch_missing::fetch_missing;
use super::metric_options::MetricOptions;
use super::report;
use super::study::{Study, StudyArgs};
use crate::device::{self, DeviceChoice, DeviceError, Work};
use crate::evaluation::{
    EvaluationConfig, ExtractorArgs, ExtractorChoice, ExtractorRequest, FeatureCache,
};
use crate::exit::Failure;
use crate::pictures::{self, PicturePlan};
use crate::process::{self, stop};
use crate::training::error::ConfigError;
use crate::training::extractors::Extractors;
use crate::training::jobs::{self, Crew};
use crate::training::queue::Queue;
use crate::training::reference::DataFolder;
use crate::training::runner::Workbench;

/// Least time between two reports on runs that have ended while others are still to come.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);

/// What stands for no pictures at all.
const NO_PICTURES: &str = "none";

/// Train and score every run of the suites, and write tables and figures.
///
/// A run that has ended is kept; one that stopped goes on from its last checkpoint. SIGINT (Ctrl-C), SIGTERM, SIGUSR1 and
/// SIGHUP end the present step, save the run and end the program with exit code 5; a second SIGINT ends it at once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench all\n  \
    bench all --data data --budget quick --seeds 0,1,2\n  \
    bench all --seeds 0,1,2 --jobs 4\n  \
    bench all --device cuda:0,cuda:1\n  \
    bench all --metrics fid,prdc --prdc-k 3\n  \
    bench all --suite my-suite.toml --out my-results")]
pub struct AllArgs {
    /// Runs at once, each in a process of its own; one by default, and one a device where --device names several.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
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
    /// Device to train and score on: cpu, cuda or cuda:N (see docs/gpu.md); auto takes the first GPU that the libraries at
    /// hand compute on, and else the CPU. `bench all` takes several, such as cuda:0,cuda:1, and shares them out.
    #[arg(long = "device", value_name = "NAME", value_delimiter = ',', default_value = "auto")]
    pub devices: Vec<DeviceChoice>,
    /// CPU threads of a run; results depend on their number in their last digits. All that the machine has by default,
    /// shared out where several runs go on at once.
    #[arg(long, value_parser = crate::parse_threads)]
    pub threads: Option<usize>,
    /// Save a run's state at least this often, in minutes, besides at its evaluations; 0: after every step.
    #[arg(long, value_name = "MINUTES", default_value = "10", value_parser = minutes)]
    pub checkpoint_minutes: Duration,
    /// Train as fast as a GPU can (TF32, the fastest way of each convolution): the same run may end in other bytes each time.
    #[arg(long)]
    pub fast: bool,
    /// Pictures that every run draws beside the usual ones and those of its suite (see `bench list pictures`), or none: no
    /// pictures at all.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub pictures: Vec<String>,
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
        let device = self.select(self.only_device()?)?;
        self.queue_on(device, self.threads_of_each(1), datasets)
    }

    /// The device of a command that computes on one.
    fn only_device(&self) -> Result<DeviceChoice, Failure> {
        match self.devices[..] {
            [choice] => Ok(choice),
            _ => Err(Failure::usage(
                "--device names several; `bench all` shares them out, and this command computes on one",
            )),
        }
    }

    /// A device to train and score on.
    fn select(&self, choice: DeviceChoice) -> Result<Device, DeviceError> {
        device::select(choice.for_convolutions(self.extractor.convolutions()), Work::All)
    }

    /// CPU threads of each of so many runs at once.
    fn threads_of_each(&self, jobs: usize) -> usize {
        self.threads.unwrap_or_else(|| (crate::default_threads() / jobs).max(1))
    }

    /// [`Self::queue`] for one device and so many threads.
    fn queue_on(
        &self,
        device: Device,
        threads: usize,
        datasets: &[String],
    ) -> anyhow::Result<Queue> {
        stop::on_signals();
        files::check_folder_writable(&self.out)?;
        if self.fast && device == Device::Cpu {
            log::info!("--fast changes how GPUs compute, and nothing on the CPU");
        }
        self.fetched_queue(device, threads, datasets)
    }

    /// A queue that carries out no run on this machine: where runs go and how they stand is known from it, and what they are
    /// compared with can be made.
    ///
    /// # Errors
    /// If threads or the extractor cannot be had, or a dataset is there and damaged.
    pub fn queue_for_others(&self, datasets: &[String]) -> anyhow::Result<Queue> {
        self.fetched_queue(Device::Cpu, self.threads_of_each(1), datasets)
    }

    fn fetched_queue(
        &self,
        device: Device,
        threads: usize,
        datasets: &[String],
    ) -> anyhow::Result<Queue> {
        let request = self.extractor.request(Default::default(), None)?;
        if !self.offline {
            fetch_missing(&request, datasets, &self.data)?;
        }
        self.ready(device, threads, &request)
    }

    /// A queue that scores what is there, by the embedded extractor and on the processor if that is wanted and no other asked
    /// for, and carries out nothing.
    ///
    /// # Errors
    /// As [`Self::queue`].
    pub fn scoring_queue(
        &self,
        threads: usize,
        embedded: bool,
        on_cpu: bool,
    ) -> anyhow::Result<Queue> {
        let mut request = self.extractor.request(Default::default(), None)?;
        if embedded && request.is_open() {
            request.choice = ExtractorChoice::Embedded;
        }
        let choice = match self.only_device()? {
            DeviceChoice::Auto if on_cpu => DeviceChoice::On(Device::Cpu),
            choice => choice,
        };
        self.ready(self.select(choice)?, threads, &request)
    }

    fn ready(
        &self,
        device: Device,
        threads: usize,
        request: &ExtractorRequest,
    ) -> anyhow::Result<Queue> {
        let of_libtorch = device::of_libtorch(device);
        computation::compute(of_libtorch, Computation::asked(self.fast))?;
        crate::set_threads(threads)?;
        let bench = Workbench {
            device: of_libtorch,
            device_name: device.to_string(),
            fast: self.fast && device != Device::Cpu,
            threads,
            extractors: Extractors::load(&request.clone().on(device), threads)?,
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

    /// Puts the pictures that the user names into `plan`.
    ///
    /// # Errors
    /// If there is no such picture.
    pub fn apply_pictures(&self, plan: &mut PicturePlan) -> Result<(), ConfigError> {
        if self.pictures == [NO_PICTURES] {
            plan.none = true;
            return Ok(());
        }
        let asked = self.pictures.iter().map(|name| AskedPicture::plain(name));
        let asked: Vec<AskedPicture> = asked.collect();
        asked.iter().try_for_each(pictures::check)?;
        plan.ask(asked);
        Ok(())
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
    let devices = devices(args)?;
    let threads = common.threads_of_each(devices.len());
    let mut queue = common.queue_on(devices[0], threads, &study.datasets())?;
    study.replace_missing_datasets(&mut queue)?;
    let Study { suites, plans, truths } = study;
    let out = common.out.clone();
    let watch = stop::Watch::with(move || {
        let _ = report::write_if_any(&out);
    });
    queue.write_agenda(&plans)?;
    queue.write_tables(&suites)?;
    queue.measure_ground_truths(&truths)?;
    let mut reported = Instant::now();
    // Written on the way, so that one can look in; but drawing takes longer than a smoke run.
    let after_each = |out: &Path| -> anyhow::Result<()> {
        if reported.elapsed() > REPORT_INTERVAL {
            report::write_if_any(out)?;
            reported = Instant::now();
        }
        Ok(())
    };
    let failures = match devices.len() {
        1 => queue.run_all(&plans, after_each),
        _ => {
            let (missing, extractor) = queue.findings();
            // Its memory is the runs'.
            drop(queue);
            let arguments = |device: Device| common.words(device, threads, &extractor);
            let out = &common.out;
            let crew = Crew { devices, threads, arguments: &arguments, missing, out };
            jobs::run_all(&plans, &crew, after_each)
        }
    };
    drop(watch);
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

/// The device of each run that may go on at once: at least one.
fn devices(args: &AllArgs) -> anyhow::Result<Vec<Device>> {
    let common = &args.study.common;
    let named: Result<Vec<Device>, _> =
        common.devices.iter().map(|choice| common.select(*choice)).collect();
    let named = named?;
    let mut devices = jobs::share_devices(&named, args.jobs.map(usize::from));
    if devices.len() > 1 && process::has_one_thread() {
        log::info!("memory or threads are limited: one run at a time");
        devices.truncate(1);
    }
    let threads = args.study.common.threads_of_each(devices.len());
    let hardware = process::hardware_threads();
    if devices.len() > 1 && devices.len() * threads > hardware {
        log::info!(
            "{} runs at once with {threads} threads each share {hardware} hardware threads; --threads {} would be faster",
            devices.len(),
            (hardware / devices.len()).max(1)
        );
    }
    Ok(devices)
}
