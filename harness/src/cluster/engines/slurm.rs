//! Slurm: a job array, whose elements save themselves before their limit and queue themselves again.
//!
//! Jobs bear the id of their plan in their name, by which they are found. Options go to sbatch as arguments and not as
//! `#SBATCH` lines, in which Slurm has no way to write every path.

mod client;
mod limit;
mod script;

use client::Client;

use super::{Engine, Job, Order, Part, QueuedJob};
use crate::cluster::error::ClusterError;
use crate::cluster::plan::PlanFolder;

/// Slurm, through sbatch, squeue and scancel.
pub(super) struct Slurm;

/// What this program says to sbatch by itself, and with which of its options a user does.
const TAKEN: &[(&str, &str)] = &[
    ("array", "--suite, --seeds and --at-once"),
    ("parsable", ""),
    ("job-name", ""),
    ("output", ""),
    ("error", ""),
    ("open-mode", ""),
    ("chdir", ""),
    ("dependency", ""),
    ("requeue", ""),
    ("no-requeue", ""),
    ("wrap", ""),
    ("test-only", "--dry-run"),
    ("wait", ""),
    ("help", ""),
    ("signal", "--warn"),
    ("time", "--time"),
    ("partition", "--partition"),
    ("gpus", "--gpus"),
    ("cpus-per-task", "--cpus"),
    ("mem", "--mem"),
    ("account", "--account"),
    ("ntasks", ""),
];

impl Engine for Slurm {
    fn name(&self) -> &'static str {
        "slurm"
    }

    fn title(&self) -> &'static str {
        "Slurm"
    }

    fn doc(&self) -> &'static str {
        "a job array of sbatch, with a job before it for what the runs share and one after it for tables and figures"
    }

    fn reach(&self) -> Result<(), ClusterError> {
        Client::ping()
    }

    fn jobs(&self, order: &Order) -> Result<Vec<Job>, ClusterError> {
        check(order)?;
        Ok(Part::ALL.map(|part| job(order, part)).into())
    }

    fn submit(&self, jobs: &[Job]) -> Result<Vec<String>, ClusterError> {
        let mut ids: Vec<String> = Vec::new();
        for job in jobs {
            let mut arguments = job.command[1..].to_vec();
            arguments.extend(ids.last().map(|id| format!("--dependency=afterany:{id}")));
            match Client::submit(&arguments, &job.script) {
                Ok(id) => ids.push(id),
                Err(error) => {
                    if !ids.is_empty() {
                        Client::cancel(&ids)?;
                    }
                    return Err(error.refused(self.title(), job.part));
                }
            }
        }
        Ok(ids)
    }

    fn queued(&self, plans: &[&PlanFolder]) -> Result<Vec<QueuedJob>, ClusterError> {
        let names: Vec<String> = plans.iter().flat_map(|plan| names(plan.id())).collect();
        Client::queued(&names)
    }

    fn cancel(&self, plans: &[&PlanFolder]) -> Result<(), ClusterError> {
        for plan in plans {
            // What waits first, so that nothing starts while the rest ends.
            for name in names(plan.id()) {
                Client::cancel(&["--state=PENDING".to_owned(), format!("--name={name}")])?;
            }
            for name in names(plan.id()) {
                Client::cancel(&[format!("--name={name}")])?;
            }
        }
        Ok(())
    }
}

/// What the job of a part is called.
fn name(plan: &str, part: Part) -> String {
    match part {
        Part::Runs => format!("bench-{plan}"),
        part => format!("bench-{plan}-{}", part.name()),
    }
}

fn names(plan: &str) -> [String; 3] {
    Part::ALL.map(|part| name(plan, part))
}

/// The plan and the part of a job of that name.
fn part_of(job_name: &str) -> Option<(&str, Part)> {
    let plan = job_name.strip_prefix("bench-")?;
    let (id, suffix) = plan.split_once('-').unwrap_or((plan, Part::Runs.name()));
    let part = Part::ALL.into_iter().find(|part| part.name() == suffix)?;
    Some((id, part))
}

/// Refuses what Slurm cannot be told, or is told otherwise.
fn check(order: &Order) -> Result<(), ClusterError> {
    let resources = order.resources;
    for (key, _) in &resources.further {
        if let Some((_, instead)) = TAKEN.iter().find(|(taken, _)| taken == key) {
            let instead = match *instead {
                "" => "leave it out".to_owned(),
                option => format!("use {option}"),
            };
            return Err(ClusterError::Invalid(format!(
                "--sbatch {key} is set by bench; {instead}"
            )));
        }
    }
    if let Some(time) = &resources.time {
        let seconds = limit::seconds(time).ok_or_else(|| {
            ClusterError::Invalid(format!(
                "--time {time} is no time limit of Slurm; give minutes, hours:minutes:seconds or days-hours"
            ))
        })?;
        if seconds <= u64::from(resources.warn) {
            return Err(ClusterError::Invalid(format!(
                "--time {time} leaves no time before the signal {} s ahead of it; give more, or a smaller --warn",
                resources.warn
            )));
        }
    }
    let results = order.plan.results.display().to_string();
    // In the name of a log a backslash ends the meaning of all that Slurm fills in.
    if results.contains('\\') {
        return Err(ClusterError::Invalid(format!(
            "{results} has a backslash in its path, under which Slurm writes no logs; give another --out"
        )));
    }
    Ok(())
}

fn job(order: &Order, part: Part) -> Job {
    let resources = order.resources;
    let log = match part {
        Part::Runs => "%a.log".to_owned(),
        part => format!("{}.log", part.name()),
    };
    let logs = order.folder.logs().to_string_lossy().replace('%', "%%");
    let option = |name: &str, value: &str| format!("--{name}={value}");
    let mut command = vec![
        "sbatch".to_owned(),
        "--parsable".to_owned(),
        option("job-name", &name(order.folder.id(), part)),
        option("chdir", &order.directory.to_string_lossy()),
        option("output", &format!("{logs}/{log}")),
        "--open-mode=append".to_owned(),
        "--requeue".to_owned(),
        option("cpus-per-task", &resources.cpus.to_string()),
    ];
    let given = [
        ("time", &resources.time),
        ("partition", &resources.partition),
        ("mem", &resources.mem),
        ("account", &resources.account),
    ];
    for (name, value) in given {
        command.extend(value.as_ref().map(|value| option(name, value)));
    }
    for (key, value) in &resources.further {
        command.push(match value {
            Some(value) => option(key, value),
            None => format!("--{key}"),
        });
    }
    if part == Part::Runs {
        let last = order.plan.elements.len().saturating_sub(1);
        let at_once = resources.at_once.map_or(String::new(), |most| format!("%{most}"));
        command.push(format!("--array=0-{last}{at_once}"));
        command.push(format!("--signal=B:USR1@{}", resources.warn));
        command.extend(resources.gpus.as_ref().map(|gpus| option("gpus", gpus)));
    }
    Job { part, script: order.folder.script(part.name()), text: script::text(order, part), command }
}

#[cfg(all(test, unix))]
mod tests;
