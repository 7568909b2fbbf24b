//! `bench all`: every run of the suites, then tables and figures.

use std::path::{Path, PathBuf};

use anyhow::Context;
use bench_metrics::Extractor;
use bench_models::device;
use bench_reports::Status;

use super::report;
use crate::evaluation::{ExtractorArgs, FeatureCache};
use crate::exit::Failure;
use crate::training::config::{Inputs, RunConfig};
use crate::training::folder::RunFolder;
use crate::training::reference::{self, EMBEDDED_DATASET, PROTOCOL, Reference};
use crate::training::runner::{self, Job, Workbench};
use crate::training::suite::{SUITES, Suite};

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
    /// Extract all features of reference images anew and keep none.
    #[arg(long)]
    pub no_cache: bool,
}

impl CommonArgs {
    /// Readies device, threads and extractor.
    ///
    /// # Errors
    /// If one of them cannot be had.
    pub fn workbench(&self) -> anyhow::Result<Workbench> {
        crate::set_threads(self.threads);
        let device = device::select(&self.device)?;
        let request = self.extractor.request(PROTOCOL, None);
        if !self.offline {
            request.fetch_missing_weights()?;
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
    for suite in &suites {
        for &seed in &args.seeds {
            for config in suite.configs(&args.budget, seed)? {
                plans.push((suite.name.clone(), config));
            }
        }
    }
    let mut queue = Queue::new(&args.common)?;
    queue.replace_missing_datasets(&mut plans)?;
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
    data: &'a Path,
    /// Datasets that were not found, in the order in which they were missed.
    missing: Vec<String>,
    out: &'a Path,
    loaded: Option<Reference>,
}

impl<'a> Queue<'a> {
    /// Readies what runs share.
    ///
    /// # Errors
    /// If the device or the extractor cannot be had.
    pub fn new(common: &'a CommonArgs) -> anyhow::Result<Self> {
        Ok(Self {
            bench: common.workbench()?,
            cache: match common.no_cache {
                true => FeatureCache::none(),
                false => FeatureCache::of_user(common.threads),
            },
            data: &common.data,
            out: &common.out,
            missing: Vec::new(),
            loaded: None,
        })
    }

    /// Puts the embedded dataset in the place of those that are not there, and drops the runs
    /// that become equal by it.
    fn replace_missing_datasets(
        &mut self,
        plans: &mut Vec<(String, RunConfig)>,
    ) -> anyhow::Result<()> {
        let mut names: Vec<String> = plans.iter().map(|(_, c)| c.dataset.clone()).collect();
        names.sort();
        names.dedup();
        for name in names {
            if !reference::is_available(&name, self.data)? {
                eprintln!(
                    "bench: warning: dataset `{name}` was not found under {}: the embedded dataset \
                     `{EMBEDDED_DATASET}` stands in for it; see `bench data info {name}`",
                    self.data.display()
                );
                self.missing.push(name);
            }
        }
        for (_, config) in plans.iter_mut() {
            if self.missing.contains(&config.dataset) {
                config.dataset = EMBEDDED_DATASET.to_owned();
            }
        }
        let mut kept: Vec<(String, RunConfig)> = Vec::new();
        for plan in plans.drain(..) {
            if !kept.contains(&plan) {
                kept.push(plan);
            }
        }
        *plans = kept;
        Ok(())
    }

    fn run_all(&mut self, plans: &[(String, RunConfig)]) -> anyhow::Result<usize> {
        let mut failures = 0;
        for (i, (suite, config)) in plans.iter().enumerate() {
            let RunConfig { variant, dataset, seed, .. } = config;
            eprintln!("[{}/{}] {variant} on {dataset}, seed {seed}", i + 1, plans.len());
            match self.run_one(suite, config) {
                Ok((_, Status::Done)) => {}
                Ok(_) => failures += 1,
                Err(error) => {
                    eprintln!("bench: error: {variant} on {dataset} failed: {error:#}");
                    failures += 1;
                }
            }
            // Written after every run, so that a late failure loses nothing.
            report::write_if_any(self.out)?;
        }
        Ok(failures)
    }

    /// Carries out one run, unless its record is there already.
    ///
    /// # Errors
    /// If the dataset cannot be loaded or the run fails for another reason than divergence.
    pub fn run_one(
        &mut self,
        suite: &str,
        config: &RunConfig,
    ) -> anyhow::Result<(RunFolder, Status)> {
        let mut reference = self.reference(config)?;
        let inputs = Inputs {
            dataset_sha256: reference.dataset.sha256.clone(),
            extractor_sha256: self.bench.extractor.sha256().to_owned(),
        };
        let config = &RunConfig { inputs, ..config.clone() };
        let folder = RunFolder::new(self.out, suite, &config.variant, config.seed, &config.hash()?);
        let status = match folder.ended()? {
            Some(status) => {
                eprintln!("kept: {} has ended; delete it to run again", folder.path().display());
                status
            }
            None => {
                let wanted = config.evaluation.reference;
                reference.measure(wanted, &mut self.bench.extractor, &self.cache)?;
                let measured = reference.measured().context("measured above")?;
                let job = Job { suite, config, reference: &reference, measured, folder: &folder };
                runner::run(&job, &mut self.bench)?.status
            }
        };
        self.loaded = Some(reference);
        Ok((folder, status))
    }

    /// The run's dataset: the last one, if it is the same.
    fn reference(&mut self, config: &RunConfig) -> anyhow::Result<Reference> {
        // Taken, so that the old dataset's memory goes before the new one's is asked for.
        if let Some(last) = self.loaded.take().filter(|r| r.is(&config.dataset, config.image_size))
        {
            return Ok(last);
        }
        let mut reference = Reference::load(&config.dataset, config.image_size, self.data)?;
        if config.dataset == EMBEDDED_DATASET && !self.missing.is_empty() {
            reference.fallback = Some(reference::fallback_note(&self.missing));
        }
        Ok(reference)
    }
}
