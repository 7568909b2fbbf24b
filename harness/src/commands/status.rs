//! `bench status`: what becomes of the runs of a results folder, also while they go on.

#[cfg(feature = "train")]
mod cluster;
mod table;

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use crate::output::outln;
use crate::training::state::{self, RunState, State};

/// Show what becomes of the runs of a results folder: waiting, running, stopped, done, diverged or failed.
///
/// Only files are read, so that it works from another shell, and from another machine that shares the folder, while runs go
/// on; where runs were submitted to a cluster, its scheduler is asked too, and what it says stands beside. It ends with exit code 0 whatever became of the runs.
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
    runs: Vec<Row<'a>>,
    /// Jobs around the runs.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    jobs: &'a [Job],
}

/// A run and what a cluster says of it.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    run: &'a RunState,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a Job>,
}

/// What the scheduler of a cluster says of a job.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Job {
    engine: &'static str,
    id: String,
    /// What it is there for.
    part: &'static str,
    state: String,
    node: Option<String>,
    /// Why it waits.
    reason: Option<String>,
    /// All of that in words.
    #[serde(skip)]
    words: String,
}

/// What the scheduler of a cluster says: of each run, in order, and of the jobs around them.
#[derive(Default)]
struct Jobs {
    of_runs: Vec<Option<Job>>,
    others: Vec<Job>,
}

/// Runs the command.
pub fn run(args: &StatusArgs) -> anyhow::Result<()> {
    let runs = match state::of_run(&args.dir) {
        Some(run) => vec![run],
        None => state::of_results(&args.dir)?,
    };
    let jobs = jobs(&args.dir, &runs);
    if !args.json {
        outln!("{}", table::of(&runs, &jobs))?;
        return Ok(());
    }
    let counts = counts(&runs).map(|(state, n)| (state.name().to_owned(), n.into()));
    let of_runs = jobs.of_runs.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let rows = runs.iter().zip(of_runs).map(|(run, cluster)| Row { run, cluster }).collect();
    let counts = counts.collect();
    let report = Report { folder: &args.dir, counts, runs: rows, jobs: &jobs.others };
    let json = serde_json::to_string_pretty(&report).context("the states cannot be written")?;
    outln!("{json}")?;
    Ok(())
}

/// What a cluster says of `runs`, which are those of the folder `dir`.
fn jobs(dir: &Path, runs: &[RunState]) -> Jobs {
    #[cfg(feature = "train")]
    return cluster::jobs(dir, runs);
    #[cfg(not(feature = "train"))]
    {
        let _ = (dir, runs);
        Jobs::default()
    }
}

/// How many of `runs` are in each state.
fn counts(runs: &[RunState]) -> impl Iterator<Item = (State, usize)> {
    let of = |state| runs.iter().filter(|run| run.state == state).count();
    State::ALL.into_iter().map(move |state| (state, of(state)))
}
