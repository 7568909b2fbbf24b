//! The part of a file that has been received.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::files::{self, FileError};

/// A file that grows beside its destination, locked against other processes.
///
/// A second file beside it notes where the part comes from: the URL and, if the server named one, the validator that
/// tells whether what it would send now belongs to the same version.
pub(super) struct Partial {
    destination: PathBuf,
    path: PathBuf,
    note: PathBuf,
    file: File,
    length: u64,
    source: Option<Source>,
    /// Whether more than one response went into it.
    pieced: bool,
}

struct Source {
    url: String,
    validator: Option<String>,
}

impl Partial {
    /// The part of `destination` that is there, perhaps nothing; waits for a process that works on it.
    pub(super) fn open(destination: &Path) -> Result<Self, FileError> {
        let path = part_of(destination);
        let note = path.with_added_extension("source");
        let failed = |source| FileError::io("write", &path, source);
        let folder = files::folder_of(&path);
        fs::create_dir_all(folder)
            .map_err(|source| FileError::io("create folder", folder, source))?;
        let file = loop {
            let file = OpenOptions::new()
                .read(true)
                .append(true)
                .create(true)
                .open(&path)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    log::info!(
                        "waiting for another process that downloads {}",
                        destination.display()
                    );
                    file.lock().map_err(failed)?;
                }
                // Some network file systems lock nothing; then two processes had better not download one file.
                Err(TryLockError::Error(_)) => {}
            }
            // The other process may have moved its file into place: what is locked then is no part any more.
            if is_at(&file, &path) {
                break file;
            }
        };
        let length = file.metadata().map_err(failed)?.len();
        let source = fs::read_to_string(&note).ok().and_then(|text| Source::parse(&text));
        let destination = destination.to_owned();
        Ok(Self { destination, path, note, file, length, source, pieced: length > 0 })
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes received.
    pub(super) fn len(&self) -> u64 {
        self.length
    }

    /// Whether more than one response went into it.
    pub(super) fn is_pieced(&self) -> bool {
        self.pieced
    }

    /// What tells whether `url` still gives the file that this is a part of.
    pub(super) fn validator(&self, url: &str) -> Option<&str> {
        self.source.as_ref().filter(|source| source.url == url)?.validator.as_deref()
    }

    /// Throws away what was received.
    pub(super) fn restart(&mut self) -> Result<(), FileError> {
        let failed = |source| FileError::io("write", &self.path, source);
        self.file.set_len(0).map_err(failed)?;
        (self.length, self.source, self.pieced) = (0, None, false);
        Ok(())
    }

    /// Notes where the next bytes come from.
    pub(super) fn continue_from(
        &mut self,
        url: &str,
        validator: Option<&str>,
    ) -> Result<(), FileError> {
        self.pieced |= self.length > 0;
        let source = Source { url: url.to_owned(), validator: validator.map(str::to_owned) };
        fs::write(&self.note, source.to_text())
            .map_err(|error| FileError::io("write", &self.note, error))?;
        self.source = Some(source);
        Ok(())
    }

    /// Puts received bytes behind the others.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.file.write_all(bytes).map_err(|source| FileError::io("write", &self.path, source))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Moves the complete file to its destination.
    pub(super) fn install(self) -> Result<(), FileError> {
        let failed = |source| FileError::io("write", &self.destination, source);
        self.file.sync_all().map_err(failed)?;
        fs::rename(&self.path, &self.destination).map_err(failed)?;
        // A note that stays behind does no harm: the next part overwrites it.
        let _ = fs::remove_file(&self.note);
        files::sync_folder(files::folder_of(&self.destination));
        Ok(())
    }

    /// Leaves nothing behind if nothing was received.
    pub(super) fn discard_if_empty(self) {
        if self.length == 0 {
            // What cannot be removed is an empty file, which the next download takes up.
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_file(&self.note);
        }
    }
}

impl Source {
    /// The text of a note: a line for the URL, and one for the validator.
    fn to_text(&self) -> String {
        format!("{}\n{}\n", self.url, self.validator.as_deref().unwrap_or_default())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let url = lines.next()?.to_owned();
        let validator = lines.next().filter(|line| !line.is_empty()).map(str::to_owned);
        Some(Self { url, validator })
    }
}

/// Where a file grows until it is complete.
#[must_use]
pub fn part_of(destination: &Path) -> PathBuf {
    destination.with_added_extension("part")
}

/// Whether `file` is the one that `path` names now.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        match (file.metadata(), fs::metadata(path)) {
            (Ok(ours), Ok(theirs)) => identity(ours) == identity(theirs),
            _ => false,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}
