//! A run that another process of this program is to carry out, and what it says of the outcome.

use bench_reports::Status;
use serde::{Deserialize, Serialize};

use super::error::{ConfigError, RunError};
use super::suite::PlannedRun;

/// One run and what must be known beside the options of the command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Datasets that were not found, and what stands in for each.
    pub missing: Vec<(String, String)>,
    /// The run.
    pub plan: PlannedRun,
}

impl Assignment {
    /// The assignment as text that [`Self::parse`] reads.
    ///
    /// # Errors
    /// If it cannot be written as TOML, which is a defect.
    pub fn to_text(&self) -> Result<String, ConfigError> {
        // As configurations are kept, so that each number stays what it is.
        toml::to_string(self).map_err(ConfigError::invalid)
    }

    /// The assignment that `text` holds.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] if it is none.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(ConfigError::invalid)
    }
}

/// How an assignment ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The run has its record.
    Recorded(Status),
    /// An error ended it.
    Failed(String),
    /// So did one that leaves other runs no chance.
    Hopeless(String),
    /// A signal stopped it.
    Stopped,
}

impl Ending {
    /// The ending of a run of which this came.
    pub fn of(result: &Result<Status, RunError>) -> Self {
        match result {
            Ok(status) => Self::Recorded(*status),
            Err(RunError::Stopped { .. }) => Self::Stopped,
            // The next run has a process of its own, and may have another device.
            Err(error @ RunError::LostDevice { .. }) => Self::Failed(error.to_string()),
            Err(error) if error.ends_queue() => Self::Hopeless(error.to_string()),
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::suite::{SUITES, Suite};

    #[test]
    fn every_run_reads_back_as_the_same_experiment() {
        for (name, _) in SUITES {
            for plan in Suite::find(name).unwrap().plans("quick", 7).unwrap() {
                let missing = vec![("cifar10".to_owned(), "shapes".to_owned())];
                let assignment = Assignment { missing, plan };
                let text = assignment.to_text().unwrap();
                let back = Assignment::parse(&text).unwrap();
                let experiments = [&assignment, &back].map(|one| one.plan.config.experiment());
                assert_eq!(experiments[0].as_ref().unwrap(), experiments[1].as_ref().unwrap());
                assert_eq!(back, assignment);
            }
        }
    }
}
