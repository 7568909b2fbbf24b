//! `bench status`: what becomes of the runs of a results folder, also while they go on.

mod table;

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use crate::output::outln;
use crate::training::state::{self, RunState, State};

/// Show what becomes of the runs of a results folder: waiting, running, stopped, done, diverged or failed.
///
/// Only files are read, so that it works from another shell, and from another machine that shares the folder, while runs go
/// on. It ends with exit code 0 whatever became of the runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench status results\n  \
    bench status results/single/dcgan-s0-1a2b3c4d\n  \
    watch bench status results\n  \
    bench status results --json | jq '.counts'")]
pub struct StatusArgs {
    /// A results folder, or the folder of one run.
    #[arg(default_value = "results")]
    dir: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    folder: &'a Path,
    counts: serde_json::Map<String, serde_json::Value>,
    runs: &'a [RunState],
}

/// Runs the command.
pub fn run(args: &StatusArgs) -> anyhow::Result<()> {
    let runs = match state::of_run(&args.dir) {
        Some(run) => vec![run],
        None => state::of_results(&args.dir)?,
    };
    if !args.json {
        outln!("{}", table::of(&runs))?;
        return Ok(());
    }
    let counts = counts(&runs).map(|(state, n)| (state.name().to_owned(), n.into()));
    let report = Report { folder: &args.dir, counts: counts.collect(), runs: &runs };
    let json = serde_json::to_string_pretty(&report).context("the states cannot be written")?;
    outln!("{json}")?;
    Ok(())
}

/// How many of `runs` are in each state.
fn counts(runs: &[RunState]) -> impl Iterator<Item = (State, usize)> {
    let of = |state| runs.iter().filter(|run| run.state == state).count();
    State::ALL.into_iter().map(move |state| (state, of(state)))
}
