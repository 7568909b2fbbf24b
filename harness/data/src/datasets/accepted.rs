//! Files that a user put in the place of published ones, and said so.
//!
//! Beside such a file lies a mark: its name with `.unpublished` behind it, which holds the file's SHA-256 as
//! `sha256sum` writes it. While both are there, numbers on the dataset are not comparable with published ones.

use std::fs;
use std::path::{Path, PathBuf};

use super::published::Publication;
use crate::files::{self, FileError};

/// A file that is not the published one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its SHA-256 when it was accepted, 64 lower-case hexadecimal digits; empty where the mark is damaged.
    pub sha256: String,
}

/// The accepted files of a dataset below `data_dir`.
#[must_use]
pub fn accepted_files(publication: &Publication, data_dir: &Path) -> Vec<AcceptedFile> {
    let files = publication
        .places(data_dir)
        .flat_map(|folder| publication.all_files().map(move |file| folder.join(file.name)));
    files.filter_map(AcceptedFile::at).collect()
}

impl AcceptedFile {
    /// The file at `path`, if it is there and marked.
    #[must_use]
    pub fn at(path: PathBuf) -> Option<Self> {
        if !path.is_file() || !mark(&path).exists() {
            return None;
        }
        // A mark that cannot be read is a mark nevertheless.
        let text = fs::read_to_string(mark(&path)).unwrap_or_default();
        let sha256 = text.split_whitespace().next().unwrap_or_default().to_owned();
        Some(Self { path, sha256 })
    }

    /// Marks the file.
    ///
    /// # Errors
    /// [`FileError::Io`] where the mark cannot be written.
    pub fn write_mark(&self) -> Result<(), FileError> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let line = format!("{}  {name}\n", self.sha256);
        files::write_atomically(&mark(&self.path), line.as_bytes())
    }
}

/// Takes the mark from a file that is the published one after all, if it bears one.
///
/// # Errors
/// [`FileError::Io`] where the mark cannot be removed.
pub fn remove_mark(path: &Path) -> Result<(), FileError> {
    let mark = mark(path);
    match fs::remove_file(&mark) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(FileError::io("remove", &mark, error))
        }
        _ => Ok(()),
    }
}

fn mark(path: &Path) -> PathBuf {
    path.with_added_extension("unpublished")
}
