//! What is to be carried out in a results folder: `queue/*.json`, a file for each set of runs that was asked for.
//!
//! A run's folder is named by its inputs, which are known when it starts. Until then it goes by an id, which its
//! configuration without inputs decides.

use std::fs;
use std::path::{Path, PathBuf};

use bench_data::files::{self, FileError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::Table;

/// Name of the folder.
const FOLDER: &str = "queue";

/// A run that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedRun {
    /// See [`id_of`].
    pub id: String,
    /// Name of its suite.
    pub suite: String,
    /// Its name there.
    pub name: String,
    /// Registry name of the variant.
    pub variant: String,
    /// Registry name of the dataset, or the path of images.
    pub dataset: String,
    /// Seed of all random streams.
    pub seed: u64,
    /// Generator steps that it is to take.
    pub steps: u64,
}

/// What a run goes by whose configuration, as `config.toml` holds it, is this text: 64 hexadecimal digits that its inputs do
/// not change; none where it is no TOML.
#[must_use]
pub fn id_of(config: &str) -> Option<String> {
    let mut table: Table = toml::from_str(config).ok()?;
    table.remove("inputs");
    Some(files::hexadecimal(&Sha256::digest(toml::to_string(&table).ok()?)))
}

/// Writes into the folder `results` what is asked for there. The same runs are the same file.
///
/// # Errors
/// If it cannot be written.
pub fn write(results: &Path, runs: &[AskedRun]) -> Result<(), FileError> {
    let folder = results.join(FOLDER);
    let json = serde_json::to_vec_pretty(runs)
        .map_err(|error| FileError::io("write", &folder, error.into()))?;
    let name = files::hexadecimal(&Sha256::digest(&json));
    files::write_atomically(&folder.join(format!("{}.json", &name[..8])), &json)
}

/// Every run that was asked for in the folder `results`, once. Files that cannot be read tell nothing.
#[must_use]
pub fn read(results: &Path) -> Vec<AskedRun> {
    let entries = fs::read_dir(results.join(FOLDER)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let mut runs: Vec<AskedRun> = Vec::new();
    for path in paths {
        let asked: Option<Vec<AskedRun>> =
            fs::read(path).ok().and_then(|json| serde_json::from_slice(&json).ok());
        for run in asked.into_iter().flatten() {
            if !runs.iter().any(|known| known.id == run.id && known.suite == run.suite) {
                runs.push(run);
            }
        }
    }
    runs
}

/// Where the reason stands why a run failed before it had a folder.
#[must_use]
pub fn failure(results: &Path, suite: &str, id: &str) -> PathBuf {
    results.join(FOLDER).join("failed").join(format!("{suite}-{}.json", &id[..id.len().min(16)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str) -> AskedRun {
        let [suite, name, variant, dataset] = ["basics", "gan", "gan", "mnist"].map(str::to_owned);
        AskedRun { id: id.to_owned(), suite, name, variant, dataset, seed: 1, steps: 20 }
    }

    #[test]
    fn inputs_do_not_change_the_id_and_everything_else_does() {
        let id = id_of("seed = 1\n[recipe]\nsteps = 3\n").unwrap();
        let started = "seed = 1\n[inputs]\ndataset_sha256 = \"ab\"\n[recipe]\nsteps = 3\n";
        assert_eq!(id_of(started).unwrap(), id);
        assert_ne!(id_of("seed = 2\n[recipe]\nsteps = 3\n").unwrap(), id);
        assert_ne!(id_of("seed = 1\n[recipe]\nsteps = 4\n").unwrap(), id);
        assert_eq!(id_of("seed = "), None);
    }

    #[test]
    fn what_several_commands_ask_for_stands_there_once() {
        let root = tempfile::tempdir().unwrap();
        assert!(read(root.path()).is_empty());
        write(root.path(), &[run("a"), run("b")]).unwrap();
        write(root.path(), &[run("b"), run("c")]).unwrap();
        write(root.path(), &[run("a"), run("b")]).unwrap();
        fs::write(root.path().join("queue/damaged.json"), "[{").unwrap();
        let mut ids: Vec<String> = read(root.path()).into_iter().map(|run| run.id).collect();
        ids.sort();
        assert_eq!(ids, ["a", "b", "c"]);
    }
}
