//! `bench cancel`: ends the jobs of a results folder.

use std::path::PathBuf;

use crate::cluster;
use crate::exit::Failure;
use crate::output::outln;

/// End all jobs of a results folder on the cluster. What trains saves itself first, and `bench submit` goes on with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bench cancel results")]
pub struct CancelArgs {
    /// The results folder that jobs were submitted for.
    dir: PathBuf,
}

/// Runs the command.
pub fn run(args: &CancelArgs) -> anyhow::Result<()> {
    if !args.dir.is_dir() {
        let dir = args.dir.display();
        let message = format!("{dir} is no folder; give the --out that was submitted");
        return Err(Failure::input(message).into());
    }
    let ended = cluster::cancel(&args.dir)?;
    if ended.is_empty() {
        outln!("nothing of {} waits or runs on a cluster", args.dir.display())?;
    }
    for watched in ended {
        let what = watched.run.as_ref().map_or(watched.job.part.name(), |run| &run.folder);
        outln!("cancelled {} {}: {what}", watched.engine, watched.job.id)?;
    }
    Ok(())
}
