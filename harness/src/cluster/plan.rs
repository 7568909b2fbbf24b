//! The plan: every run of a submission, whole, so that what is carried out days later is what was asked for, whatever has
//! become of a suite's file.

use std::fs;
use std::path::{Path, PathBuf};

use bench_data::files::{self, FileError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ClusterError;
use crate::training::ground_truth::GroundTruth;
use crate::training::suite::PlannedRun;

/// Folder of the plans in a results folder.
const FOLDER: &str = ".cluster";

/// Digits of a plan's hash in its id.
const DIGITS: usize = 16;

/// Runs to carry out, and under which conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the engine that it was submitted to.
    pub engine: String,
    /// The results folder, an absolute path.
    pub results: PathBuf,
    /// Options of the command line that all runs share.
    pub options: Vec<String>,
    /// Datasets that were not found, and what stands in for each.
    pub stand_ins: Vec<(String, String)>,
    /// The runs; the position of one is its number in the job array.
    pub elements: Vec<Element>,
    /// Measurements of real images, which are made before the runs.
    pub truths: Vec<GroundTruth>,
}

/// One run with one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Its folder below the results folder, `SUITE/NAME-sSEED-HASH`.
    pub folder: String,
    /// Hash of all that decides its result but the seed, 64 hexadecimal digits.
    pub experiment: String,
    /// The run, with its inputs.
    pub run: PlannedRun,
}

/// Where a plan and what belongs to it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFolder {
    path: PathBuf,
    id: String,
}

impl Plan {
    fn to_toml(&self) -> Result<String, ClusterError> {
        toml::to_string(self).map_err(|error| ClusterError::plan(&self.results, error))
    }

    /// Reads the plan in the file at `path`, whose folder has the id that its content gives.
    ///
    /// # Errors
    /// [`ClusterError::Plan`] where it is missing, changed, or of another version of the program.
    pub fn read(path: &Path) -> Result<(Self, PlanFolder), ClusterError> {
        let text = fs::read_to_string(path).map_err(|error| ClusterError::plan(path, error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let id = id_of(&text);
        if folder.file_name().is_none_or(|name| name != id.as_str()) {
            return Err(ClusterError::plan(path, "it is not what was submitted"));
        }
        let plan = toml::from_str(&text).map_err(|error| {
            let reason = format!("{}: another version of the program wrote it", error.message());
            ClusterError::plan(path, reason)
        })?;
        Ok((plan, PlanFolder { path: folder.to_owned(), id }))
    }
}

impl PlanFolder {
    /// That of `plan`, in its results folder.
    ///
    /// # Errors
    /// If the plan cannot be written as TOML, as with a seed beyond 63 bits.
    pub fn of(plan: &Plan) -> Result<Self, ClusterError> {
        let id = id_of(&plan.to_toml()?);
        Ok(Self { path: Self::all_of(&plan.results).join(&id), id })
    }

    /// The folder of all plans of a results folder.
    pub fn all_of(results: &Path) -> PathBuf {
        results.join(FOLDER)
    }

    /// Every plan of the folder `results`, in the order of their ids; those that cannot be read are warned of.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn list(results: &Path) -> Result<Vec<(Plan, Self)>, FileError> {
        let folder = Self::all_of(results);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(FileError::io("list folder", &folder, error)),
        };
        let paths = entries.flatten().map(|entry| entry.path().join("plan.toml"));
        let mut paths: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
        paths.sort();
        let mut plans = Vec::new();
        for path in paths {
            match Plan::read(&path) {
                Ok(plan) => plans.push(plan),
                Err(error) => log::warn!("{error}"),
            }
        }
        Ok(plans)
    }

    /// First digits of the SHA-256 of the plan, by which its jobs are found.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The plan itself.
    pub fn plan(&self) -> PathBuf {
        self.path.join("plan.toml")
    }

    /// The script of the job called `name`.
    pub fn script(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.sh"))
    }

    /// What jobs say on standard output and standard error.
    pub fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// How often runs were started.
    pub fn starts(&self) -> PathBuf {
        self.path.join("starts")
    }

    /// Makes the folder, with `plan` in it, and forgets how often its runs were started before.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, plan: &Plan) -> Result<(), ClusterError> {
        let starts = self.starts();
        match fs::remove_dir_all(&starts) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(FileError::io("remove", &starts, error).into());
            }
            _ => {}
        }
        let logs = self.logs();
        fs::create_dir_all(&logs).map_err(|error| FileError::io("create folder", &logs, error))?;
        Ok(files::write_atomically(&self.plan(), plan.to_toml()?.as_bytes())?)
    }

    /// Removes the folder, of a plan that was never submitted.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self) -> Result<(), FileError> {
        fs::remove_dir_all(&self.path).map_err(|error| FileError::io("remove", &self.path, error))
    }
}

fn id_of(text: &str) -> String {
    files::hexadecimal(&Sha256::digest(text))[..DIGITS].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::suite::{SUITES, Suite};

    fn plan(results: &Path) -> Plan {
        let mut elements = Vec::new();
        let mut truths = Vec::new();
        for (name, _) in SUITES {
            let suite = Suite::find(name).unwrap();
            for run in suite.plans("paper", 1).unwrap() {
                let folder = format!("{name}/{}-s1-0", run.config.name);
                elements.push(Element { folder, experiment: "0".to_owned(), run });
            }
            truths.extend(suite.planned_ground_truths("paper").unwrap());
        }
        Plan {
            engine: "slurm".to_owned(),
            results: results.to_owned(),
            options: vec!["--data=it's \"data\"".to_owned()],
            stand_ins: vec![("cifar10".to_owned(), "shapes".to_owned())],
            elements,
            truths,
        }
    }

    #[test]
    fn every_run_comes_back_from_a_plan_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let plan = plan(root.path());
        let folder = PlanFolder::of(&plan).unwrap();
        folder.write(&plan).unwrap();
        assert_eq!(Plan::read(&folder.plan()).unwrap(), (plan.clone(), folder.clone()));
        assert_eq!(PlanFolder::list(root.path()).unwrap(), [(plan, folder)]);
    }

    #[test]
    fn another_plan_is_another_folder_and_a_changed_file_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let plan = plan(root.path());
        let folder = PlanFolder::of(&plan).unwrap();
        folder.write(&plan).unwrap();
        let mut other = plan.clone();
        other.elements.truncate(2);
        assert_ne!(PlanFolder::of(&other).unwrap(), folder);
        let text = fs::read_to_string(folder.plan()).unwrap();
        for changed in [text.replacen("seed = 1", "seed = 2", 1), text[..100].to_owned()] {
            fs::write(folder.plan(), changed).unwrap();
            let message = Plan::read(&folder.plan()).unwrap_err().to_string();
            assert!(message.contains("not what was submitted"), "{message}");
            assert!(PlanFolder::list(root.path()).unwrap().is_empty());
        }
        assert!(PlanFolder::list(Path::new("none")).unwrap().is_empty());
    }
}
