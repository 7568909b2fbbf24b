//! What the scheduler of a cluster says of the runs.

use std::path::Path;

use super::{Job, Jobs};
use crate::cluster::{Watched, WatchedRun, watch};
use crate::training::state::RunState;

/// The jobs of `runs`, which are those of the folder `dir`; none where nothing was submitted, or the scheduler cannot be asked,
/// which standard error says.
pub(super) fn jobs(dir: &Path, runs: &[RunState]) -> Jobs {
    let is_run = runs.iter().any(|run| run.folder.as_deref() == Some(dir));
    let results = match is_run {
        true => dir.join("../.."),
        false => dir.to_owned(),
    };
    let watched = watch(&results).unwrap_or_else(|error| {
        log::info!("what the cluster says is not known: {error}");
        Vec::new()
    });
    let mut jobs = Jobs { of_runs: vec![None; runs.len()], others: Vec::new() };
    for watched in watched {
        match &watched.run {
            Some(its) => {
                let place = runs.iter().position(|run| is_it(run, its));
                if let Some(place) = place {
                    jobs.of_runs[place] = Some(job(&watched));
                }
            }
            None => jobs.others.push(job(&watched)),
        }
    }
    jobs
}

fn is_it(run: &RunState, watched: &WatchedRun) -> bool {
    match &run.folder {
        Some(folder) => folder.ends_with(&watched.folder),
        None => run.suite == watched.suite && run.id.as_ref() == Some(&watched.id),
    }
}

fn job(watched: &Watched) -> Job {
    let queued = &watched.job;
    Job {
        engine: watched.engine,
        id: queued.id.clone(),
        part: queued.part.name(),
        state: queued.state.clone(),
        node: queued.node.clone(),
        reason: queued.reason.clone(),
        words: watched.described(),
    }
}
