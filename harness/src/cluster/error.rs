//! What can go wrong between a study and a cluster.

use std::path::{Path, PathBuf};

use bench_data::files::FileError;

/// A study that cannot be submitted, watched or carried out.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// It says what cannot be asked for.
    #[error("{0}")]
    Invalid(String),
    /// A program of the engine is not on this machine.
    #[error(
        "cannot run `{program}`: {reason}; submit, watch and cancel on a machine of the cluster, or try --dry-run here"
    )]
    Missing {
        /// Its name.
        program: String,
        /// The operating system's reason.
        reason: std::io::Error,
    },
    /// The engine does not take the jobs.
    #[error("{engine} refuses {what}: {reason}; nothing is left submitted")]
    Refused {
        /// Title of the engine.
        engine: &'static str,
        /// Which of the jobs.
        what: String,
        /// What the engine says.
        reason: String,
    },
    /// The engine does not answer.
    #[error("`{command}` failed: {reason}; see whether the cluster is up (`sinfo`)")]
    Unanswered {
        /// What was asked.
        command: String,
        /// What it says.
        reason: String,
    },
    /// A plan cannot be used.
    #[error("cannot use the plan {}: {reason}; submit again", path.display())]
    Plan {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// On this machine the run would be another one.
    #[error(
        "{run} would be another run here than the one submitted, for {what} differs; give every node the same program, \
         data and extractor, or submit again"
    )]
    OtherRun {
        /// Its folder.
        run: String,
        /// What differs.
        what: &'static str,
    },
    /// A run is started over and over again.
    #[error(
        "{run} was started {starts} times in a row without getting any further; see its log, give it more --time, and \
         submit again"
    )]
    Stuck {
        /// Its folder.
        run: String,
        /// How often.
        starts: u32,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl ClusterError {
    /// The plan at `path` cannot be used.
    pub(super) fn plan(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Plan { path: path.to_owned(), reason: reason.to_string() }
    }
}
