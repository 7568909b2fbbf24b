//! The list of files that a report wrote, by which the next one removes those that it no longer would.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use bench_data::files::{self, FileError, hexadecimal};
use bench_reports::Artifact;
use sha2::{Digest, Sha256};

/// What an earlier report wrote, as its list says: a line a file, as `sha256sum --check` reads it.
pub(super) struct Written<'a> {
    results: &'a Path,
    list: PathBuf,
    hashes: BTreeMap<PathBuf, String>,
}

impl<'a> Written<'a> {
    /// Reads the list, relative to the results folder; one that is not there is empty.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn load(results: &'a Path, list: &Path) -> Result<Self, FileError> {
        let list = results.join(list);
        let text = match fs::read_to_string(&list) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(FileError::io("read", &list, error)),
        };
        let entry = |line: &str| {
            let (hash, path) = line.split_once("  ")?;
            let path = PathBuf::from(path);
            // A list can be edited: nothing outside the results folder is ever removed.
            let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
            inside.then(|| (path, hash.to_owned()))
        };
        let hashes = text.lines().filter_map(entry).collect();
        Ok(Self { results, list, hashes })
    }

    /// Writes the files of a report and the list of them, and removes those of an earlier one that are not among them and
    /// that `covers` says this report would have written. A file that was changed since stays, with a warning. Returns the
    /// paths written.
    ///
    /// # Errors
    /// If a file cannot be written or removed.
    pub(super) fn replace(
        mut self,
        artifacts: &[Artifact],
        covers: impl Fn(&Path) -> bool,
    ) -> anyhow::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        let mut hashes = BTreeMap::new();
        for artifact in artifacts {
            let path = self.results.join(&artifact.path);
            files::write_whole(&path, &artifact.bytes)?;
            let hash = hexadecimal(&Sha256::digest(&artifact.bytes));
            hashes.insert(artifact.path.clone(), hash);
            paths.push(path);
        }
        self.hashes.retain(|path, _| !hashes.contains_key(path));
        let (stale, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.hashes).into_iter().partition(|(path, _)| covers(path));
        for (path, hash) in stale {
            self.remove(&path, &hash)?;
        }
        hashes.extend(others);
        let lines = hashes.iter().map(|(path, hash)| format!("{hash}  {}\n", path.display()));
        files::write_atomically(&self.list, lines.collect::<String>().as_bytes())?;
        Ok(paths)
    }

    fn remove(&self, path: &Path, hash: &str) -> Result<(), FileError> {
        let path = self.results.join(path);
        if !path.is_file() {
            return Ok(());
        }
        if files::sha256_file(&path)? != hash {
            let path = path.display();
            log::warn!(
                "kept {path}: no longer part of the report, but changed since it was written"
            );
            return Ok(());
        }
        fs::remove_file(&path).map_err(|error| FileError::io("remove", &path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(path: &str, text: &str) -> Artifact {
        Artifact { path: path.into(), bytes: text.as_bytes().to_vec() }
    }

    fn replace(dir: &Path, artifacts: &[Artifact], covers: fn(&Path) -> bool) {
        let written = Written::load(dir, Path::new("list")).unwrap();
        written.replace(artifacts, covers).unwrap();
    }

    #[test]
    fn what_a_report_no_longer_writes_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let first = ["a.md", "b.md", "c.md", "d.csv"].map(|name| artifact(name, name));
        replace(dir, &first, |_| true);
        fs::write(dir.join("own.md"), "a user's").unwrap();
        fs::write(dir.join("c.md"), "changed by hand").unwrap();
        replace(dir, &first[..1], |path| path.extension().is_some_and(|ext| ext == "md"));
        let there = |name: &str| dir.join(name).is_file();
        assert!(there("a.md") && there("own.md") && there("c.md") && there("d.csv"));
        assert!(!there("b.md"));
        // What was passed over is still known, and goes when it is looked at.
        replace(dir, &first[..1], |_| true);
        assert!(there("a.md") && !there("d.csv"));
    }

    #[test]
    fn a_list_removes_nothing_outside_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let results = dir.path().join("results");
        fs::create_dir(&results).unwrap();
        let outside = dir.path().join("outside");
        fs::write(&outside, "kept").unwrap();
        let hash = files::sha256_file(&outside).unwrap();
        let absolute = outside.display();
        let list = format!("{hash}  ../outside\n{hash}  {absolute}\nnonsense\n");
        fs::write(results.join("list"), list).unwrap();
        replace(&results, &[], |_| true);
        assert!(outside.is_file());
    }
}
