//! What a command may write over: what the program itself made from the same inputs, and nothing else without `--force`.

use std::fs;
use std::path::{Path, PathBuf};

use bench_data::files::{self, FileError, NOTE_FILE};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exit::Failure;

/// `--force`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct ForceArgs {
    /// Write over files that are there already and were not made by this program from the same inputs.
    #[arg(long)]
    pub force: bool,
}

/// A folder that a command fills; the file [`NOTE_FILE`] in it says with what.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    note: Note,
}

/// What stands in the note.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// What the files are made from.
    made_from: Value,
    /// The files by name.
    files: Vec<String>,
    /// Whether all of them were written.
    complete: bool,
}

impl OutputFolder {
    /// Takes the folder at `path`, which is made if it is missing, for files of these names that are made from `made_from`.
    ///
    /// Files of an earlier set of this program are removed where `force` lets another one take their place.
    ///
    /// # Errors
    /// A usage failure where the folder has other files and `force` is not given; and those of writing.
    pub fn claim(
        path: &Path,
        made_from: Value,
        files: Vec<String>,
        force: ForceArgs,
    ) -> anyhow::Result<Self> {
        let before = fs::read(path.join(NOTE_FILE)).ok();
        let before: Option<Note> = before.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let is_same =
            before.as_ref().is_some_and(|note| note.made_from == made_from && note.files == files);
        let is_empty = fs::read_dir(path).map_or(true, |mut entries| entries.next().is_none());
        if !is_same && !is_empty && !force.force {
            return Err(refused(path, "has files already").into());
        }
        // A set is never mixed with the remains of another one.
        for name in before.iter().filter(|_| !is_same).flat_map(|note| &note.files) {
            if Path::new(name).file_name().is_some_and(|last| last == name.as_str()) {
                let _ = fs::remove_file(path.join(name));
            }
        }
        let claimed =
            Self { path: path.to_owned(), note: Note { made_from, files, complete: false } };
        claimed.write()?;
        Ok(claimed)
    }

    /// Says that all files are there.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn complete(mut self) -> Result<(), FileError> {
        self.note.complete = true;
        self.write()
    }

    fn write(&self) -> Result<(), FileError> {
        let text = serde_json::to_vec(&self.note).unwrap_or_default();
        files::write_atomically(&self.path.join(NOTE_FILE), &text)
    }
}

/// Refuses a file that is there already, unless it is the program's own (`is_own`) or `force` is given.
///
/// # Errors
/// A usage failure.
pub fn check_file(path: &Path, is_own: bool, force: ForceArgs) -> Result<(), Failure> {
    match path.exists() && !is_own && !force.force {
        true => Err(refused(path, "exists already")),
        false => Ok(()),
    }
}

fn refused(path: &Path, what: &str) -> Failure {
    Failure::usage(format!(
        "{} {what} that this program did not make from the same inputs; give another place, or --force to write over it",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FORCE: ForceArgs = ForceArgs { force: true };
    const POLITE: ForceArgs = ForceArgs { force: false };

    fn claim(path: &Path, seed: u64, n: usize, force: ForceArgs) -> anyhow::Result<OutputFolder> {
        let names = (0..n).map(|i| format!("{i}.png")).collect();
        let folder = OutputFolder::claim(path, json!({ "seed": seed }), names, force)?;
        (0..n).for_each(|i| fs::write(path.join(format!("{i}.png")), seed.to_string()).unwrap());
        Ok(folder)
    }

    #[test]
    fn only_its_own_of_the_same_inputs_is_written_over() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("new");
        // Half a set, and the same set whole.
        drop(claim(&path, 1, 3, POLITE).unwrap());
        let note = || fs::read_to_string(path.join(NOTE_FILE)).unwrap();
        assert!(note().contains("\"complete\":false"));
        claim(&path, 1, 3, POLITE).unwrap().complete().unwrap();
        assert!(note().contains("\"complete\":true"));
        let message = claim(&path, 2, 2, POLITE).unwrap_err().to_string();
        assert!(message.contains("--force"), "{message}");
        assert_eq!(fs::read_to_string(path.join("2.png")).unwrap(), "1");
        // The third image of the other set does not stay among these.
        claim(&path, 2, 2, FORCE).unwrap();
        assert!(!path.join("2.png").exists());
        assert_eq!(fs::read_to_string(path.join("0.png")).unwrap(), "2");
    }

    #[test]
    fn foreign_files_stay() {
        let root = tempfile::tempdir().unwrap();
        let foreign = root.path().join("mine.txt");
        fs::write(&foreign, "mine").unwrap();
        assert!(claim(root.path(), 1, 1, POLITE).is_err());
        claim(root.path(), 1, 1, FORCE).unwrap();
        assert!(foreign.exists());
        let hostile = json!({ "made_from": 1, "files": ["../mine.txt"], "complete": true });
        fs::create_dir(root.path().join("in")).unwrap();
        fs::write(root.path().join("in").join(NOTE_FILE), hostile.to_string()).unwrap();
        claim(&root.path().join("in"), 1, 1, FORCE).unwrap();
        assert!(foreign.exists());
        assert!(check_file(&foreign, false, POLITE).is_err());
        assert!(
            check_file(&foreign, true, POLITE).is_ok()
                && check_file(&foreign, false, FORCE).is_ok()
        );
    }
}
