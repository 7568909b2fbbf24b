//! `bench all`: every run of the suites, then tables and figures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use bench_data::datasets::ImageCache;
use bench_metrics::Extractor;
use bench_models::device;
use bench_reports::Status;

use super::fetch_missing::fetch_missing;
use super::report;
use crate::evaluation::{ExtractorArgs, FeatureCache};
use crate::exit::Failure;
use crate::training::config::{Inputs, RunConfig};
use crate::training::folder::RunFolder;
use crate::training::ground_truth::{GroundTruth, TRAIN_IMAGES};
use crate::training::labelled;
use crate::training::reference::{self, DataFolder, EMBEDDED_DATASET, PROTOCOL, Reference};
use crate::training::runner::{self, Job, Workbench};
use crate::training::suite::{PlannedRun, SUITES, Suite};

/// Least time between two reports on runs that have ended while others are still to come.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);

/// Train and score every run of the suites, and write tables and figures.
///
/// A run that has ended is kept; one that stopped goes on from its last checkpoint.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench all\n  \
    bench all --data data --budget quick --seeds 0,1,2\n  \
    bench all --suite my-suite.toml --out my-results")]
pub struct AllArgs {
    /// Suites to run, by name or as a .toml file; all by default.
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
    /// How long the runs train: smoke, quick, paper, or one of the suite's own.
    #[arg(long, default_value = "quick")]
    budget: String,
    /// Seeds; every run is carried out once with each.
    #[arg(long, value_delimiter = ',', default_value = "0")]
    seeds: Vec<u64>,
    /// What the runs share.
    #[command(flatten)]
    common: CommonArgs,
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
    /// What scores the images.
    #[command(flatten)]
    pub extractor: ExtractorArgs,
    /// Fetch nothing: use what is there.
    #[arg(long)]
    pub offline: bool,
    /// Device to train on: cpu, cuda or cuda:N.
    #[arg(long, default_value = "cpu")]
    pub device: String,
    /// CPU threads; results depend on their number in their last digits.
    #[arg(long, default_value_t = crate::default_threads())]
    pub threads: usize,
    /// Decode all images and extract all features of reference images anew, and keep none.
    #[arg(long)]
    pub no_cache: bool,
}

impl CommonArgs {
    /// Readies device, threads, extractor and, as far as they can be fetched, `datasets`.
    ///
    /// # Errors
    /// If one of the first three cannot be had, or a dataset is there and damaged.
    fn workbench(&self, datasets: &[String]) -> anyhow::Result<Workbench> {
        crate::set_threads(self.threads);
        let device = device::select(&self.device)?;
        let request = self.extractor.request(PROTOCOL, None);
        if !self.offline {
            fetch_missing(&request, datasets, &self.data)?;
        }
        Ok(Workbench {
            device,
            device_name: self.device.clone(),
            threads: self.threads,
            extractor: request.load(self.threads)?,
        })
    }
}

/// Runs the command.
pub fn run(args: &AllArgs) -> anyhow::Result<()> {
    let suites = suites(args)?;
    // Every configuration is checked before the first run starts.
    let mut plans = Vec::new();
    let mut truths = Vec::new();
    for suite in &suites {
        truths.extend(suite.planned_ground_truths(&args.budget)?);
        for &seed in &args.seeds {
            plans.extend(suite.plans(&args.budget, seed)?);
        }
    }
    plans.iter().try_for_each(|plan| labelled::check(&plan.config))?;
    let of_truths = truths.iter().map(|truth| &truth.dataset);
    let datasets: BTreeSet<&String> =
        plans.iter().map(|plan| &plan.config.dataset).chain(of_truths).collect();
    let datasets: Vec<String> = datasets.into_iter().cloned().collect();
    let mut queue = Queue::new(&args.common, &datasets)?;
    queue.replace_missing_datasets(&datasets, &mut plans, &mut truths)?;
    queue.measure_ground_truths(&truths)?;
    let failures = queue.run_all(&plans)?;
    report::write(&args.common.out)?;
    report::print_comparison(&args.common.out)?;
    match failures {
        0 => Ok(()),
        n => Err(Failure::run(format!("{n} of {} runs failed or diverged", plans.len())).into()),
    }
}

fn suites(args: &AllArgs) -> Result<Vec<Suite>, Failure> {
    if args.suite.is_empty() {
        return SUITES.iter().map(|(name, _)| Suite::find(name)).collect();
    }
    args.suite.iter().map(|name| Suite::find(name)).collect()
}

/// Carries out runs one after the other, keeping the last dataset in memory.
pub struct Queue<'a> {
    bench: Workbench,
    cache: FeatureCache,
    data: DataFolder,
    /// Datasets that were not found, in the order in which they were missed.
    missing: Vec<String>,
    out: &'a Path,
    loaded: Option<Reference>,
}

impl<'a> Queue<'a> {
    /// Readies what runs on `datasets` share.
    ///
    /// # Errors
    /// If the device or the extractor cannot be had, or a dataset is there and damaged.
    pub fn new(common: &'a CommonArgs, datasets: &[String]) -> anyhow::Result<Self> {
        Ok(Self {
            bench: common.workbench(datasets)?,
            cache: match common.no_cache {
                true => FeatureCache::none(),
                false => FeatureCache::of_user(common.threads),
            },
            data: DataFolder {
                path: common.data.clone(),
                cache: if common.no_cache { None } else { ImageCache::of_user() },
            },
            out: &common.out,
            missing: Vec::new(),
            loaded: None,
        })
    }

    /// Puts the embedded dataset in the place of those of `datasets` that are not there, and makes one of the runs that
    /// become equal by it.
    fn replace_missing_datasets(
        &mut self,
        datasets: &[String],
        plans: &mut Vec<PlannedRun>,
        truths: &mut [GroundTruth],
    ) -> anyhow::Result<()> {
        for name in datasets {
            if !reference::is_available(name, &self.data.path)? {
                eprintln!(
                    "bench: warning: dataset `{name}` was not found under {}: the embedded dataset \
                     `{EMBEDDED_DATASET}` stands in for it; see `bench data fetch {name}`",
                    self.data.path.display()
                );
                self.missing.push(name.clone());
            }
        }
        let of_runs = plans.iter_mut().map(|plan| &mut plan.config.dataset);
        for dataset in of_runs.chain(truths.iter_mut().map(|truth| &mut truth.dataset)) {
            if self.missing.contains(dataset) {
                *dataset = EMBEDDED_DATASET.to_owned();
            }
        }
        let mut kept: Vec<PlannedRun> = Vec::new();
        for plan in plans.drain(..) {
            let same = |k: &&mut PlannedRun| k.suite == plan.suite && k.config == plan.config;
            match kept.iter_mut().find(same) {
                Some(equal) => equal.placements.extend(plan.placements),
                None => kept.push(plan),
            }
        }
        *plans = kept;
        Ok(())
    }

    /// Scores real images against real images, unless the record is there already.
    ///
    /// # Errors
    /// If a dataset cannot be loaded or a metric cannot be computed.
    fn measure_ground_truths(&mut self, truths: &[GroundTruth]) -> anyhow::Result<()> {
        for truth in truths {
            let started = Instant::now();
            let mut reference = self.reference(&truth.dataset, truth.image_size)?;
            let hash = truth.hash(self.inputs(&reference))?;
            let folder = RunFolder::new(self.out, &truth.suite, TRAIN_IMAGES, 0, &hash);
            if folder.ended()?.is_none() {
                let extractor = &mut self.bench.extractor;
                let wanted = usize::try_from(truth.evaluation.generated)?;
                let train = reference.measure_train(wanted, extractor, &self.cache)?;
                reference.measure(&truth.evaluation, &self.data, extractor, &self.cache)?;
                let measured = reference.measured().context("measured above")?;
                let of = (&reference, measured);
                truth.record(&train, of, &self.bench, (&folder, hash), started)?;
            }
            self.loaded = Some(reference);
        }
        Ok(())
    }

    /// What a run on these images, with this extractor, works on.
    fn inputs(&self, reference: &Reference) -> Inputs {
        Inputs {
            dataset_sha256: reference.dataset.sha256.clone(),
            extractor_sha256: self.bench.extractor.sha256().to_owned(),
        }
    }

    fn run_all(&mut self, plans: &[PlannedRun]) -> anyhow::Result<usize> {
        let mut failures = 0;
        let mut reported = Instant::now();
        for (i, plan) in plans.iter().enumerate() {
            let RunConfig { variant, dataset, seed, .. } = &plan.config;
            let suite = &plan.suite;
            eprintln!("[{}/{}] {suite}: {variant} on {dataset}, seed {seed}", i + 1, plans.len());
            match self.run_one(plan) {
                Ok((_, Status::Done)) => {}
                Ok(_) => failures += 1,
                Err(error) => {
                    eprintln!("bench: error: {variant} on {dataset} failed: {error:#}");
                    failures += 1;
                }
            }
            // Written on the way, so that one can look in; but drawing takes longer than a smoke run.
            if i + 1 < plans.len() && reported.elapsed() > REPORT_INTERVAL {
                report::write_if_any(self.out)?;
                reported = Instant::now();
            }
        }
        Ok(failures)
    }

    /// Carries out one run, unless its record is there already.
    ///
    /// # Errors
    /// If the dataset cannot be loaded or the run fails for another reason than divergence.
    pub fn run_one(&mut self, plan: &PlannedRun) -> anyhow::Result<(RunFolder, Status)> {
        let mut reference = self.reference(&plan.config.dataset, plan.config.image_size)?;
        let inputs = self.inputs(&reference);
        let config = &RunConfig { inputs, ..plan.config.clone() };
        let hash = config.hash()?;
        let folder = RunFolder::new(self.out, &plan.suite, &config.variant, config.seed, &hash);
        let status = match folder.ended()? {
            Some(status) => {
                eprintln!("kept: {} has ended; delete it to run again", folder.path().display());
                status
            }
            None => {
                let extractor = &mut self.bench.extractor;
                reference.measure(&config.evaluation, &self.data, extractor, &self.cache)?;
                let measured = reference.measured().context("measured above")?;
                let job = Job { plan, config, reference: &reference, measured, folder: &folder };
                runner::run(&job, &mut self.bench)?.status
            }
        };
        self.loaded = Some(reference);
        Ok((folder, status))
    }

    /// The dataset called `name` at a size: the last one, if it is the same.
    fn reference(&mut self, name: &str, image_size: u32) -> anyhow::Result<Reference> {
        // Taken, so that the old dataset's memory goes before the new one's is asked for.
        if let Some(last) = self.loaded.take().filter(|r| r.is(name, image_size)) {
            return Ok(last);
        }
        let mut reference = Reference::load(name, image_size, &self.data)?;
        if name == EMBEDDED_DATASET && !self.missing.is_empty() {
            reference.fallback = Some(reference::fallback_note(&self.missing));
        }
        Ok(reference)
    }
}
