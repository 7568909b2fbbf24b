//! What the engines say of the runs of a results folder.

use std::path::Path;

use super::engines::{self, Part, QueuedJob};
use super::error::ClusterError;
use super::plan::{Element, Plan, PlanFolder};

/// A job that waits or runs, and which run it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Title of the engine.
    pub engine: &'static str,
    /// The run; of the jobs around the runs none.
    pub run: Option<WatchedRun>,
    /// The job.
    pub job: QueuedJob,
}

/// Which run a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedRun {
    /// Its folder below the results folder, `SUITE/NAME-sSEED-HASH`.
    pub folder: String,
    /// Name of its suite.
    pub suite: String,
    /// What it goes by before it has a folder; see [`crate::training::agenda::id_of`].
    pub id: String,
}

impl Watched {
    /// What the engine says of it: `12_3 running on node1, 0:05 of 1:00`.
    pub fn described(&self) -> String {
        let QueuedJob { id, state, node, reason, time: (taken, limit), .. } = &self.job;
        match (node, reason) {
            (Some(node), _) => format!("{id} {state} on {node}, {taken} of {limit}"),
            (None, Some(reason)) => format!("{id} {state} ({reason})"),
            (None, None) => format!("{id} {state}"),
        }
    }
}

/// Every job of the folder `results` that waits or runs. Where nothing was ever submitted, no engine is asked.
///
/// # Errors
/// If the folder cannot be read, or an engine does not answer.
pub fn watch(results: &Path) -> Result<Vec<Watched>, ClusterError> {
    of_plans(&PlanFolder::list(results)?)
}

/// Ends every job of the folder `results` and returns what was waiting or running.
///
/// # Errors
/// As [`watch`].
pub fn cancel(results: &Path) -> Result<Vec<Watched>, ClusterError> {
    let plans = PlanFolder::list(results)?;
    let watched = of_plans(&plans)?;
    for engine in engines::ENGINES {
        let is_queued = |folder: &PlanFolder| watched.iter().any(|w| w.job.plan == folder.id());
        let mut its = of_engine(&plans, engine.name());
        its.retain(|folder| is_queued(folder));
        if !its.is_empty() {
            engine.cancel(&its)?;
        }
    }
    Ok(watched)
}

impl WatchedRun {
    fn of(element: &Element) -> Result<Self, ClusterError> {
        let Element { folder, run, .. } = element;
        let id = run.id().map_err(|error| ClusterError::Invalid(error.to_string()))?;
        Ok(Self { folder: folder.clone(), suite: run.suite.clone(), id })
    }
}

fn of_plans(plans: &[(Plan, PlanFolder)]) -> Result<Vec<Watched>, ClusterError> {
    let mut watched = Vec::new();
    for engine in engines::ENGINES {
        let its = of_engine(plans, engine.name());
        if its.is_empty() {
            continue;
        }
        for job in engine.queued(&its)? {
            let plan = plans.iter().find(|(_, folder)| folder.id() == job.plan);
            let Some((plan, _)) = plan else { continue };
            let element = job.element.and_then(|element| plan.elements.get(element));
            if job.part == Part::Runs && element.is_none() {
                continue;
            }
            let run = element.map(WatchedRun::of).transpose()?;
            watched.push(Watched { engine: engine.title(), run, job });
        }
    }
    watched.sort_by_key(|watched| (watched.job.part, watched.job.element));
    Ok(watched)
}

fn of_engine<'a>(plans: &'a [(Plan, PlanFolder)], engine: &str) -> Vec<&'a PlanFolder> {
    plans.iter().filter(|(plan, _)| plan.engine == engine).map(|(_, folder)| folder).collect()
}
