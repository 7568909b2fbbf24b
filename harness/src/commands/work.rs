//! `bench work`: one run of `bench all --jobs`, in a process of its own.

use std::io::Read as _;

use anyhow::Context;

use super::all::CommonArgs;
use crate::output::outln;
use crate::training::assignment::{Assignment, Ending};

/// Carry out the run that standard input tells of, and say on standard output how it ended: the other side of `bench all
/// --jobs`.
#[derive(Debug, clap::Args)]
pub struct WorkArgs {
    #[command(flatten)]
    common: CommonArgs,
}

/// Runs the command.
pub fn run(args: &WorkArgs) -> anyhow::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
    let Assignment { missing, plan } = Assignment::parse(&text)?;
    let datasets = [plan.config.dataset.clone()];
    let mut queue = args.common.queue(&datasets)?.with_stand_ins(missing);
    let ending = Ending::of(&queue.run_one(&plan).map(|(_, status)| status));
    outln!("{}", serde_json::to_string(&ending)?)?;
    Ok(())
}
