//! Folders of entries, and the limit that their files share.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::cache_dir;
use crate::files::{self, FileError, hexadecimal};

/// Environment variable with the bytes that all entries together may have, such as `500MB`, `20GB` or `0`.
pub const MAX_VARIABLE: &str = "BENCH_CACHE_MAX";

/// The limit where [`MAX_VARIABLE`] is not set.
pub const DEFAULT_MAX_BYTES: u64 = 20_000_000_000;

/// Hexadecimal digits of the key's hash in a file's name.
const NAME_DIGITS: usize = 32;

/// What entries hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Features of images.
    Features,
    /// Decoded images.
    Images,
}

impl EntryKind {
    const ALL: [Self; 2] = [Self::Features, Self::Images];

    /// Name of the folder.
    fn name(self) -> &'static str {
        match self {
            Self::Features => "features",
            Self::Images => "images",
        }
    }

    /// Extension of its files.
    fn extension(self) -> &'static str {
        match self {
            Self::Features => "safetensors",
            Self::Images => "images",
        }
    }
}

/// A folder inside the cache whose files, the entries, are named by the hash of a key. Several processes may share it.
///
/// A file's modification time is the last time that it was used. Whenever an entry is written and all kinds together
/// have more bytes than the limit, those used longest ago go.
#[derive(Clone, Debug)]
pub struct EntryFolder {
    cache: PathBuf,
    kind: EntryKind,
    max_bytes: u64,
}

impl EntryFolder {
    /// The folder in the user's [`cache_dir`], with the limit of [`MAX_VARIABLE`]; `None` without a cache.
    #[must_use]
    pub fn of_user(kind: EntryKind) -> Option<Self> {
        Some(Self { cache: cache_dir()?, kind, max_bytes: max_bytes_of_user() })
    }

    /// The folder in the cache `cache`, for at most `max_bytes`.
    #[must_use]
    pub fn at(cache: &Path, kind: EntryKind, max_bytes: u64) -> Self {
        Self { cache: cache.to_owned(), kind, max_bytes }
    }

    /// The file of the entry for `key`, whether it exists or not.
    #[must_use]
    pub fn path_of(&self, key: &str) -> PathBuf {
        let name = hexadecimal(&Sha256::digest(key));
        let file = format!("{}.{}", &name[..NAME_DIGITS], self.kind.extension());
        self.cache.join(self.kind.name()).join(file)
    }

    /// Writes the entry for `key`, and makes room if it is needed. One that alone is larger than the limit is not kept,
    /// and costs no other its place.
    ///
    /// # Errors
    /// [`FileError::Io`] where the file cannot be written.
    pub fn write(
        &self,
        key: &str,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<(), FileError> {
        let path = self.path_of(key);
        files::write_whole_with(&path, |file| {
            write(file)?;
            // The system stamps files by a coarser clock than the one that `mark_used` reads, so the newest could look
            // older. A file system that takes no time keeps its own.
            let _ = file.set_modified(SystemTime::now());
            Ok(())
        })?;
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > self.max_bytes) {
            // Another process may have been faster.
            let _ = fs::remove_file(&path);
        }
        self.make_room();
        Ok(())
    }

    /// Remembers that the entry in the file `path` was used now. In a cache that cannot be written it stays as old as
    /// it was.
    pub fn mark_used(&self, path: &Path) {
        let file = OpenOptions::new().append(true).open(path);
        let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// Removes entries, those used longest ago first, until the rest has no more bytes than the limit. What cannot be
    /// listed or removed stays: another process may have been faster.
    fn make_room(&self) {
        let mut entries: Vec<(SystemTime, PathBuf, u64)> = EntryKind::ALL
            .iter()
            .filter_map(|kind| fs::read_dir(self.cache.join(kind.name())).ok())
            .flat_map(|folder| folder.flatten())
            .filter_map(|entry| {
                let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((metadata.modified().ok()?, entry.path(), metadata.len()))
            })
            .collect();
        entries.sort();
        let mut total: u64 = entries.iter().map(|(_, _, bytes)| bytes).sum();
        for (_, path, bytes) in entries {
            if total <= self.max_bytes {
                return;
            }
            if fs::remove_file(&path).is_ok() {
                total -= bytes;
            }
        }
    }
}

/// The limit that the environment names; where it names none that can be understood, a note says so once.
fn max_bytes_of_user() -> u64 {
    static LIMIT: OnceLock<u64> = OnceLock::new();
    *LIMIT.get_or_init(|| {
        let Some(text) = std::env::var_os(MAX_VARIABLE).filter(|text| !text.is_empty()) else {
            return DEFAULT_MAX_BYTES;
        };
        let text = text.to_string_lossy();
        parse_bytes(&text).unwrap_or_else(|| {
            log::info!(
                "{MAX_VARIABLE}={text} is no number of bytes such as 500MB or 20GB; the cache keeps up to \
                 {} GB",
                DEFAULT_MAX_BYTES / 1_000_000_000
            );
            DEFAULT_MAX_BYTES
        })
    })
}

/// A whole number of bytes, with or without one of the units B, KB, MB, GB and TB (powers of 1000, in any case).
fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" | "K" => 1_000,
        "MB" | "M" => 1_000_000,
        "GB" | "G" => 1_000_000_000,
        "TB" | "T" => 1_000_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use super::*;

    fn keep(folder: &EntryFolder, key: &str, bytes: usize, seconds_ago: u64) {
        folder.write(key, |file| file.write_all(&vec![0; bytes])).unwrap();
        let path = folder.path_of(key);
        if path.exists() {
            let file = OpenOptions::new().append(true).open(path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(seconds_ago)).unwrap();
        }
    }

    #[test]
    fn what_was_used_longest_ago_goes_first_of_any_kind() {
        let cache = tempfile::tempdir().unwrap();
        let [features, images] =
            EntryKind::ALL.map(|kind| EntryFolder::at(cache.path(), kind, 100));
        keep(&features, "oldest", 30, 400);
        keep(&images, "older", 30, 300);
        keep(&features, "old", 30, 200);
        // Used again, and so no longer the oldest.
        features.mark_used(&features.path_of("oldest"));
        keep(&images, "new", 40, 0);
        assert!(features.path_of("oldest").exists());
        assert!(!images.path_of("older").exists());
        assert!(features.path_of("old").exists());
        assert!(images.path_of("new").exists());
    }

    #[test]
    fn nothing_goes_while_all_fits_and_what_never_does_takes_no_other_along() {
        let cache = tempfile::tempdir().unwrap();
        let images = EntryFolder::at(cache.path(), EntryKind::Images, 100);
        keep(&images, "a", 60, 10);
        keep(&images, "b", 40, 0);
        assert!(images.path_of("a").exists() && images.path_of("b").exists());
        keep(&images, "too large", 101, 0);
        assert!(images.path_of("a").exists() && images.path_of("b").exists());
        assert!(!images.path_of("too large").exists());
        keep(&images, "all there is room for", 100, 0);
        assert!(images.path_of("all there is room for").exists());
        assert!(!images.path_of("a").exists() && !images.path_of("b").exists());
    }

    #[test]
    fn limits_have_units() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("1234", Some(1234)),
            ("20GB", Some(DEFAULT_MAX_BYTES)),
            (" 500 mb ", Some(500_000_000)),
            ("2k", Some(2000)),
            ("", None),
            ("GB", None),
            ("-1", None),
            ("1.5GB", None),
            ("20GiB", None),
            ("99999999999TB", None),
        ] {
            assert_eq!(parse_bytes(text), bytes, "{text}");
        }
    }
}
