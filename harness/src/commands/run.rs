//! `bench run`: one run of one variant.

use anyhow::Context;

use super::all::{CommonArgs, Queue};
use super::report;
use crate::exit::Failure;
use crate::output::outln;
use crate::training::config::RunConfig;
use crate::training::suite::{SUITES, Suite};
use bench_reports::Status;

/// The suite whose budgets single runs are measured by.
const BUDGET_SUITE: &str = SUITES[0].0;

/// Suite name of single runs, and so their folder.
const SINGLE: &str = "single";

/// Train and score one variant.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench run dcgan --dataset shapes --budget smoke\n  \
    bench run wgan-gp --dataset cifar10 --data data --set steps=1000 --set generator_optimizer.lr=2e-4")]
pub struct RunArgs {
    /// Variant; see `bench list variants`.
    variant: String,
    /// Dataset; see `bench list datasets`.
    #[arg(long, default_value = "cifar10")]
    dataset: String,
    /// Side that the images are trained at, in pixels: a power of two.
    #[arg(long, default_value_t = 32)]
    image_size: u32,
    /// Seed of all random streams.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How long the run trains: smoke, quick or paper.
    #[arg(long, default_value = "quick")]
    budget: String,
    /// Override a key of the configuration; see a run's config.toml for the keys.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// What all training commands share.
    #[command(flatten)]
    common: CommonArgs,
}

/// Runs the command.
pub fn run(args: &RunArgs) -> anyhow::Result<()> {
    let config = config(args)?;
    let (folder, status) = Queue::new(&args.common)?.run_one(SINGLE, &config)?;
    report::write(&args.common.out)?;
    outln!("{}", folder.path().display())?;
    match status {
        Status::Done => Ok(()),
        _ => Err(Failure::run(format!("{} {status}", folder.path().display())).into()),
    }
}

fn config(args: &RunArgs) -> anyhow::Result<RunConfig> {
    let mut suite = Suite::find(BUDGET_SUITE)?;
    suite.runs.truncate(1);
    let run = suite.runs.first_mut().context("the suite has runs")?;
    run.variant = args.variant.clone();
    run.dataset = args.dataset.clone();
    run.image_size = args.image_size;
    suite.check()?;
    let config = suite
        .configs(&args.budget, args.seed)?
        .pop()
        .context("the suite has one run")?
        .with_overrides(&args.set)?;
    config.check()?;
    Ok(config)
}
