//! Why a run failed, left where another process finds it until the run is started again.

use std::fs;
use std::path::Path;

use bench_data::files;
use serde::{Deserialize, Serialize};

use crate::process;

/// An error that ended a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFailure {
    /// What the program said.
    pub reason: String,
    /// The machine.
    pub host: String,
}

impl RunFailure {
    /// A failure of this process.
    #[must_use]
    pub fn here(reason: String) -> Self {
        Self { reason, host: process::host() }
    }

    /// What the file at `path` tells, if there is one.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Leaves it in the file at `path`, if that can be written: the error itself has been said.
    pub fn leave(&self, path: &Path) {
        if let Ok(json) = serde_json::to_vec_pretty(self) {
            let _ = files::write_atomically(path, &json);
        }
    }

    /// Removes the file at `path`, if it is there: the run goes on.
    pub fn forget(path: &Path) {
        let _ = fs::remove_file(path);
    }
}
