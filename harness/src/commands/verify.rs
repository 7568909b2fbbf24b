//! `bench verify`: whether results are still what their records say.

use std::path::PathBuf;

use super::all::CommonArgs;
use crate::exit::Failure;
use crate::output::outln;
use crate::training::folder::RunFolder;
use crate::training::queue::Queue;
use crate::training::state;
use crate::training::verification::{self, Checkpoint, Findings};

/// Check the runs of a results folder against themselves: hashes, histories and checkpoints, and the scores of a checkpoint,
/// computed again.
///
/// A run is scored with the number of threads that it had and, if that was the CPU, on its device, unless --threads and
/// --device are given, and then its scores have to be the same
/// to 15 digits. Nothing is written into the folder. A run that has not ended is checked as far as it has come.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 all is as it should be; 3 something differs, and is named.\n\nExamples:\n  \
    bench verify results --data data\n  \
    bench verify results/single/dcgan-s0-1a2b3c4d --step best\n  \
    bench verify results --no-score"
)]
pub struct VerifyArgs {
    /// A results folder, or the folder of one run.
    #[arg(default_value = "results")]
    dir: PathBuf,
    /// Compute no scores: neither dataset nor extractor is needed.
    #[arg(long)]
    no_score: bool,
    /// Which checkpoint is scored again.
    #[arg(long, value_enum, default_value_t)]
    step: Checkpoint,
    #[command(flatten)]
    at_hand: CommonArgs,
}

/// Runs the command.
pub fn run(args: &VerifyArgs) -> anyhow::Result<()> {
    let folders = folders(args)?;
    if folders.is_empty() {
        return Err(Failure::input(format!("there are no runs in {}", args.dir.display())).into());
    }
    let mut queue: Option<(Means, Queue)> = None;
    let mut differing = 0;
    for folder in &folders {
        if !args.no_score {
            let means = means_of(args, &RunFolder::at(folder));
            if queue.as_ref().is_none_or(|(known, _)| *known != means) {
                queue = Some((
                    means,
                    args.at_hand.scoring_queue(means.threads, means.embedded, means.on_cpu)?,
                ));
            }
        }
        let at_hand = queue.as_mut().map(|(_, queue)| queue);
        let findings = verification::verify(folder, args.step, at_hand)?;
        differing += usize::from(!findings.differences.is_empty());
        print(&folder.display().to_string(), &findings)?;
    }
    match differing {
        0 => Ok(()),
        n => Err(Failure::input(format!(
            "{n} of {} runs are not what they should be",
            folders.len()
        ))
        .into()),
    }
}

fn folders(args: &VerifyArgs) -> anyhow::Result<Vec<PathBuf>> {
    if state::of_run(&args.dir).is_some() {
        return Ok(vec![args.dir.clone()]);
    }
    let runs = state::of_results(&args.dir)?;
    Ok(runs.into_iter().filter_map(|run| run.folder).collect())
}

/// What a run is scored with.
#[derive(Clone, Copy, PartialEq)]
struct Means {
    threads: usize,
    /// Whether the run was scored by the extractor in the program.
    embedded: bool,
    /// Whether it was scored on the processor.
    on_cpu: bool,
}

/// What the run in `folder` was scored with, as far as it is known and the options do not say otherwise.
fn means_of(args: &VerifyArgs, folder: &RunFolder) -> Means {
    let record = folder.record_if_any().ok().flatten();
    let threads = record.as_ref().and_then(|record| usize::try_from(record.threads).ok());
    let threads = args.at_hand.threads.or(threads.filter(|threads| *threads > 0));
    Means {
        threads: threads.unwrap_or_else(crate::default_threads),
        on_cpu: record.as_ref().is_some_and(|record| record.device == "cpu"),
        embedded: record.is_some_and(|record| record.extractor == "embedded"),
    }
}

fn print(run: &str, findings: &Findings) -> anyhow::Result<()> {
    let Findings { checks, differences, notes } = findings;
    match differences.len() {
        0 => outln!("{run}: ok, {checks} checks")?,
        n => outln!("{run}: {n} of {checks} checks differ")?,
    }
    for difference in differences {
        outln!("  differs: {difference}")?;
    }
    for note in notes {
        outln!("  note: {note}")?;
    }
    Ok(())
}
