//! `bench job`: what the scripts of `bench submit` call.

use std::path::PathBuf;

use crate::cluster::worker;

/// Carry out a part of a plan that was submitted: what the scripts of `bench submit` call.
///
/// A run saves itself and ends with exit code 5 on SIGUSR1 and SIGTERM, and goes on when it is started again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    bench job results/.cluster/0123456789abcdef/plan.toml --element 0")]
pub struct JobArgs {
    /// The plan.
    plan: PathBuf,
    #[command(flatten)]
    what: What,
}

/// Which part.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// The run at this position, from 0.
    #[arg(long, value_name = "N")]
    element: Option<usize>,
    /// What the runs share: features of reference images, scores of real images.
    #[arg(long)]
    prepare: bool,
}

/// Runs the command.
pub fn run(args: &JobArgs) -> anyhow::Result<()> {
    match args.what.element {
        Some(element) => worker::carry_out(&args.plan, element),
        None => worker::prepare(&args.plan),
    }
}
