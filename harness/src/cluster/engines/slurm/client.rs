//! Slurm's programs, and what they say.

use std::io;
use std::path::Path;
use std::process::Command;

use super::part_of;
use crate::cluster::engines::{Part, QueuedJob};
use crate::cluster::error::ClusterError;

/// Starts Slurm's programs.
pub(super) struct Client;

/// Why one of them did not do what it was told.
#[derive(Debug)]
pub(super) enum ClientError {
    /// It cannot be started.
    Missing { program: &'static str, reason: io::Error },
    /// It says no.
    Says { command: String, reason: String },
}

/// Fields of squeue's lines, between `|`: name, array job or job, element, state, node, time, limit, reason.
const FORMAT: &str = "%j|%F|%K|%T|%N|%M|%l|%r";

impl Client {
    /// Makes sure that there is a Slurm which answers.
    pub(super) fn ping() -> Result<(), ClusterError> {
        let mut command = command("sinfo");
        command.args(["--noheader", "--format=%P"]);
        output("sinfo", command)?;
        Ok(())
    }

    /// Submits a script and returns the job's id.
    pub(super) fn submit(arguments: &[String], script: &Path) -> Result<String, ClientError> {
        let mut command = command("sbatch");
        command.args(arguments).arg(script);
        let said = output("sbatch", command)?;
        // On a cluster among several, its name follows.
        let id = said.trim().split(';').next().unwrap_or_default();
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        is_id.then(|| id.to_owned()).ok_or_else(|| ClientError::Says {
            command: "sbatch".to_owned(),
            reason: format!("it gives no job's number but {said:?}"),
        })
    }

    /// The jobs of these names that wait or run.
    pub(super) fn queued(names: &[String]) -> Result<Vec<QueuedJob>, ClusterError> {
        let mut command = command("squeue");
        command.args(["--noheader", "--array", &format!("--format={FORMAT}")]);
        command.arg(format!("--name={}", names.join(",")));
        let said = output("squeue", command)?;
        Ok(said.lines().filter_map(queued_job).collect())
    }

    /// Ends the jobs that `arguments` name; those that have ended are none.
    pub(super) fn cancel(arguments: &[String]) -> Result<(), ClusterError> {
        let mut command = command("scancel");
        command.arg("--quiet").args(arguments);
        output("scancel", command)?;
        Ok(())
    }
}

impl ClientError {
    /// What it means where a job of a part was to be submitted.
    pub(super) fn refused(self, engine: &'static str, part: Part) -> ClusterError {
        match self {
            Self::Says { reason, .. } => {
                let what = format!("the job `{}`", part.name());
                ClusterError::Refused { engine, what, reason }
            }
            error => error.into(),
        }
    }
}

impl From<ClientError> for ClusterError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Missing { program, reason } => {
                Self::Missing { program: program.to_owned(), reason }
            }
            ClientError::Says { command, reason } => Self::Unanswered { command, reason },
        }
    }
}

/// A program of Slurm, without the user's habits of what it shows or asks.
fn command(program: &'static str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if ["SQUEUE_", "SCANCEL_"].iter().any(|p| name.to_string_lossy().starts_with(p)) {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C");
    command
}

fn output(program: &'static str, mut command: Command) -> Result<String, ClientError> {
    let output = command.output().map_err(|reason| ClientError::Missing { program, reason })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let lines = said.lines().map(|line| line.trim_start_matches(&format!("{program}: ")));
        let lines: Vec<&str> = lines.map(|line| line.trim_start_matches("error: ")).collect();
        let reason = match lines.is_empty() {
            true => output.status.to_string(),
            false => lines.join("; "),
        };
        return Err(ClientError::Says { command: program.to_owned(), reason });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A line of squeue; none where it is of no job of this program.
pub(super) fn queued_job(line: &str) -> Option<QueuedJob> {
    let fields: Vec<&str> = line.splitn(8, '|').map(str::trim).collect();
    let [name, job, element, state, node, time, limit, reason] = fields[..] else { return None };
    let (plan, part) = part_of(name)?;
    let element = match part {
        Part::Runs => Some(element.parse().ok()?),
        _ => None,
    };
    let known = |text: &str| (!["", "None", "(null)"].contains(&text)).then(|| text.to_owned());
    Some(QueuedJob {
        plan: plan.to_owned(),
        part,
        element,
        id: element.map_or(job.to_owned(), |element: usize| format!("{job}_{element}")),
        state: state.to_ascii_lowercase(),
        node: known(node),
        reason: known(reason),
        time: (time.to_owned(), limit.to_owned()),
    })
}
