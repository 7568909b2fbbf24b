//! The engines that studies are submitted to. Adding one is a file in this folder and a line in [`ENGINES`].

mod slurm;

use std::ffi::OsString;
use std::path::PathBuf;

use bench_data::nearest::nearest;

use super::error::ClusterError;
use super::plan::{Plan, PlanFolder};
use super::resources::Resources;
use crate::process;

/// Every engine.
pub static ENGINES: &[&dyn Engine] = &[&slurm::Slurm];

/// A scheduler of a cluster.
pub trait Engine: Sync {
    /// Its name on the command line and in plans.
    fn name(&self) -> &'static str;

    /// What it is called in sentences.
    fn title(&self) -> &'static str;

    /// What it is, for lists.
    fn doc(&self) -> &'static str;

    /// Makes sure that it is there and answers.
    ///
    /// # Errors
    /// [`ClusterError::Missing`] and [`ClusterError::Unanswered`].
    fn reach(&self) -> Result<(), ClusterError>;

    /// The jobs of an order, in the order in which they are submitted: each but the first waits until the one before it has
    /// ended, however it does.
    ///
    /// # Errors
    /// [`ClusterError::Invalid`] if the engine cannot be asked for this.
    fn jobs(&self, order: &Order) -> Result<Vec<Job>, ClusterError>;

    /// Submits jobs whose scripts are written and returns their ids; all of them or none.
    ///
    /// # Errors
    /// [`ClusterError::Missing`] and [`ClusterError::Refused`].
    fn submit(&self, jobs: &[Job]) -> Result<Vec<String>, ClusterError>;

    /// The jobs of `plans` that wait or run, elements one by one.
    ///
    /// # Errors
    /// [`ClusterError::Missing`] and [`ClusterError::Unanswered`].
    fn queued(&self, plans: &[&PlanFolder]) -> Result<Vec<QueuedJob>, ClusterError>;

    /// Ends all jobs of `plans`; what trains is given the time to save itself.
    ///
    /// # Errors
    /// As [`Self::queued`].
    fn cancel(&self, plans: &[&PlanFolder]) -> Result<(), ClusterError>;
}

/// What is to be submitted.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// The runs.
    pub plan: &'a Plan,
    /// Where they and the scripts lie.
    pub folder: &'a PlanFolder,
    /// What each run is given.
    pub resources: &'a Resources,
    /// The program.
    pub program: PathBuf,
    /// The folder that the user is in, which relative paths of datasets start from.
    pub directory: PathBuf,
    /// Variables of the environment that the program depends on.
    pub environment: Vec<(&'static str, OsString)>,
}

/// What a job is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Extracts features of reference images and scores real images.
    Prepare,
    /// The runs, an element each.
    Runs,
    /// Draws tables and figures.
    Report,
}

/// A job to submit.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// What it is there for.
    pub part: Part,
    /// Where its script goes.
    pub script: PathBuf,
    /// The script.
    pub text: String,
    /// The command that submits it but for the script, of which only the engine knows what it waits for.
    pub command: Vec<String>,
}

/// A job that waits or runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedJob {
    /// Id of its plan.
    pub plan: String,
    /// What it is there for.
    pub part: Part,
    /// Position of the run in the plan; of [`Part::Runs`] only.
    pub element: Option<usize>,
    /// What the engine calls it, such as `12_3`.
    pub id: String,
    /// Its state in the engine's words, in lower case: `pending`, `running`.
    pub state: String,
    /// The node that it runs on, if it runs.
    pub node: Option<String>,
    /// Why it waits, in the engine's words, if it does.
    pub reason: Option<String>,
    /// How long it has run, and how long it may, as the engine writes them.
    pub time: (String, String),
}

/// The engine called `name`.
///
/// # Errors
/// [`ClusterError::Invalid`] with the nearest name.
pub fn find(name: &str) -> Result<&'static dyn Engine, ClusterError> {
    let found = ENGINES.iter().find(|engine| engine.name() == name);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = ENGINES.iter().map(|engine| engine.name()).collect();
        ClusterError::Invalid(format!(
            "unknown engine `{name}`{}; there are {}",
            nearest(name, names.iter().copied()),
            names.join(", ")
        ))
    })
}

/// The engines and what each is, for help texts.
#[must_use]
pub fn listed() -> String {
    let each = ENGINES.iter().map(|engine| format!("{} ({})", engine.name(), engine.doc()));
    each.collect::<Vec<_>>().join("; ")
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 3] = [Self::Prepare, Self::Runs, Self::Report];

    /// Its name in those of scripts and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Runs => "runs",
            Self::Report => "report",
        }
    }
}

impl Job {
    /// The command that submits it, as a shell takes it.
    #[must_use]
    pub fn command_line(&self) -> String {
        let script = self.script.to_string_lossy();
        let words = self.command.iter().map(String::as_str).chain([&*script]);
        words.map(process::quoted).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_have_names_of_their_own_and_docs() {
        for (i, engine) in ENGINES.iter().enumerate() {
            assert!(!engine.doc().is_empty() && !engine.title().is_empty());
            assert!(ENGINES[..i].iter().all(|other| other.name() != engine.name()));
            assert_eq!(find(engine.name()).unwrap().name(), engine.name());
        }
        let message = find("slrm").err().unwrap().to_string();
        assert!(message.contains("did you mean `slurm`"), "{message}");
    }
}
