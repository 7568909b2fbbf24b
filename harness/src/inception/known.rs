//! SHA-256 of files that were hashed before: a file that has not been touched since need not be read again to be known.
//!
//! What tells that is where the file lies, its length, and the times of the last change of its content and of its entry,
//! the second of which no program sets. Each file's line lies in a file of its own in the cache folder.

use std::fs;
use std::path::{Path, PathBuf};

use bench_data::cache::cache_dir;
use bench_data::files;
use sha2::{Digest, Sha256};

/// Folder inside the cache.
const FOLDER: &str = "known";
/// A file that was changed less than so many seconds ago may change again within the same tick of its clock.
const SETTLED_SECONDS: i64 = 2;

/// A file as it is now.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stamp {
    /// What is written down of it.
    text: String,
    /// Where.
    note: PathBuf,
    /// Whether it has not changed for a while.
    is_settled: bool,
}

impl Stamp {
    /// The stamp of the file at `path`; `None` where there is none, no cache, or no such times.
    pub(super) fn of(path: &Path) -> Option<Self> {
        Self::within(&cache_dir()?.join(FOLDER), path)
    }

    #[cfg(unix)]
    fn within(folder: &Path, path: &Path) -> Option<Self> {
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::MetadataExt as _;
        let path = path.canonicalize().ok()?;
        let file = fs::metadata(&path).ok()?;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
        let age = i64::try_from(now.as_secs()).ok()? - file.ctime().max(file.mtime());
        let text = format!(
            "{} {} {} {}.{} {}.{}",
            file.dev(),
            file.ino(),
            file.size(),
            file.mtime(),
            file.mtime_nsec(),
            file.ctime(),
            file.ctime_nsec()
        );
        let name = files::hexadecimal(&Sha256::digest(path.as_os_str().as_bytes()));
        let note = folder.join(format!("{name:.32}"));
        Some(Self { text, note, is_settled: age >= SETTLED_SECONDS })
    }

    #[cfg(not(unix))]
    fn within(_: &Path, _: &Path) -> Option<Self> {
        None
    }

    /// The SHA-256 that the file had when it was last hashed, if it has not been touched since.
    pub(super) fn known(&self) -> Option<String> {
        let note = fs::read_to_string(&self.note).ok()?;
        let (sha256, text) = note.trim_end().split_once("  ")?;
        let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        (text == self.text && is_digest).then(|| sha256.to_owned())
    }

    /// Writes down that the file has this SHA-256; where that fails, it is read again next time.
    pub(super) fn remember(&self, sha256: &str) {
        if self.is_settled && self.known().is_none() {
            let line = format!("{sha256}  {}\n", self.text);
            let _ = files::write_atomically(&self.note, line.as_bytes());
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn settled(folder: &Path, path: &Path) -> Stamp {
        Stamp { is_settled: true, ..Stamp::within(folder, path).expect("a file") }
    }

    #[test]
    fn a_file_is_known_until_it_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let (notes, path) = (folder.path().join("notes"), folder.path().join("weights"));
        assert_eq!(Stamp::within(&notes, &path), None);
        fs::write(&path, b"some").unwrap();
        let stamp = settled(&notes, &path);
        assert_eq!(stamp.known(), None);
        let sha256 = "0123456789abcdef".repeat(4);
        stamp.remember(&sha256);
        assert_eq!(settled(&notes, &path).known(), Some(sha256.clone()));
        // The same length and time of change: the entry's own time tells.
        let changed = fs::metadata(&path).unwrap().modified().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(&path, b"same").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(changed).unwrap();
        assert_eq!(settled(&notes, &path).known(), None);
        // Another file with this content is another file.
        fs::write(folder.path().join("copy"), b"some").unwrap();
        assert_eq!(settled(&notes, &folder.path().join("copy")).known(), None);
    }

    #[test]
    fn a_file_that_has_just_changed_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        fs::write(&path, b"some").unwrap();
        let stamp = Stamp::within(folder.path(), &path).unwrap();
        stamp.remember(&"a".repeat(64));
        assert_eq!(stamp.known(), None);
    }

    #[test]
    fn odd_notes_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        fs::write(&path, b"some").unwrap();
        let stamp = settled(folder.path(), &path);
        for note in ["", "\n", "abc  ", &format!("{}  {}", "z".repeat(64), stamp.text)] {
            fs::write(&stamp.note, note).unwrap();
            assert_eq!(stamp.known(), None, "{note:?}");
        }
    }
}
