//! `bench run`: one run of one variant.

use std::ffi::OsString;

use anyhow::Context;
use clap::builder::{OsStringValueParser, TypedValueParser};

use super::all::CommonArgs;
use super::report;
use crate::exit::Failure;
use crate::output::outln;
use crate::training::labelled;
use crate::training::suite::{PlannedRun, Suite};
use bench_reports::Status;

/// Train and score one variant.
///
/// A run that has ended is kept; one that stopped goes on from its last checkpoint. SIGINT (Ctrl-C), SIGTERM, SIGUSR1 and
/// SIGHUP end the present step, save the run and end the program with exit code 5; a second SIGINT ends it at once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench run dcgan --dataset shapes --budget smoke\n  \
    bench run wgan-gp --dataset cifar10 --data data --set steps=1000 --set generator_optimizer.lr=2e-4\n  \
    bench run dcgan --dataset my-photos/ --image-size 64\n  \
    bench run dcgan --dataset mnist --metrics fid,prdc --set evaluation.protocol=torch-fidelity")]
pub struct RunArgs {
    /// Variant; see `bench list variants`.
    variant: String,
    /// Dataset, see `bench list datasets`; or the path of a folder or .zip of your own images.
    #[arg(long, default_value = "cifar10", value_parser = OsStringValueParser::new().try_map(text))]
    dataset: String,
    /// Side that the images are trained at, in pixels: a power of two; the variant's own by default.
    #[arg(long)]
    image_size: Option<u32>,
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

/// A dataset as text, as it stands in the run's `config.toml`.
fn text(dataset: OsString) -> Result<String, &'static str> {
    dataset.into_string().map_err(|_| {
        "a run's configuration is UTF-8 text and cannot hold this path; give a symbolic link to it"
    })
}

/// Runs the command.
pub fn run(args: &RunArgs) -> anyhow::Result<()> {
    let plan = plan(args)?;
    labelled::check(&plan.config)?;
    let datasets = [plan.config.dataset.clone()];
    let (folder, status) = args.common.queue(&datasets)?.run_one(&plan)?;
    report::write(&args.common.out)?;
    outln!("{}", folder.path().display())?;
    match status {
        Status::Done => Ok(()),
        _ => Err(Failure::run(format!("{} {status}", folder.path().display())).into()),
    }
}

fn plan(args: &RunArgs) -> anyhow::Result<PlannedRun> {
    let suite = Suite::single(&args.variant, &args.dataset, args.image_size)?;
    let mut plan = suite.plans(&args.budget, args.seed)?.pop().context("the suite has one run")?;
    plan.config = plan.config.with_overrides(&args.set)?;
    args.common.apply_metrics(&mut plan.config.evaluation)?;
    args.common.apply_pictures(&mut plan.pictures)?;
    plan.config.check()?;
    Ok(plan)
}
