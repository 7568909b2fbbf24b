//! The file that keeps a second process out of a run's folder.
//!
//! The operating system locks it for as long as its owner lives, so that the file which a killed process leaves stops nobody.
//! Between machines such locks may go unseen; there the file itself counts, as long as its owner touches it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use bench_data::files::FileError;

use super::error::RunError;
use super::folder::RunFolder;
use super::owner::{Owner, is_fresh};
use crate::process;

/// How often the owner touches the file.
const BEAT: Duration = Duration::from_secs(30);

/// The lock of a run's folder, which is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    /// Holds the operating system's lock.
    _file: File,
    heart: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Lock {
    /// Locks `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// [`RunError::InUse`] where another process has it, and if the file cannot be written.
    pub(crate) fn of(folder: &RunFolder) -> Result<Self, RunError> {
        let made = std::fs::create_dir_all(folder.path());
        made.map_err(|error| FileError::io("create folder", folder.path(), error))?;
        let path = folder.lock();
        let in_use = |owner| RunError::InUse { folder: folder.path().to_owned(), owner };
        let failed = |error| FileError::io("write", &path, error);
        let mut file = open_locked(&path).map_err(failed)?.ok_or_else(|| in_use(owner(&path)))?;
        if let Some(other) = owner_elsewhere(&mut file) {
            return Err(in_use(other.described()));
        }
        let json = serde_json::to_vec(&Owner::this()).map_err(|error| failed(error.into()))?;
        let written =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(&json));
        written.map_err(failed)?;
        let heart = file.try_clone().ok().and_then(beating);
        Ok(Self { path, _file: file, heart })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some((stop, heart)) = self.heart.take() {
            drop(stop);
            let _ = heart.join();
        }
        // While it is locked: whoever opened it before finds it gone.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The file at `path`, locked; none where another process has locked it.
fn open_locked(path: &Path) -> std::io::Result<Option<File>> {
    loop {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Some file systems have no locks: there the owner's name has to do.
            Err(TryLockError::Error(_)) => return Ok(Some(file)),
            // Its last owner may have removed it since it was opened.
            Ok(()) if is_at(&file, path) => return Ok(Some(file)),
            Ok(()) => {}
        }
    }
}

/// Whether `path` leads to `file`.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (Ok(ours), Ok(theirs)) = (file.metadata(), std::fs::metadata(path)) else {
            return false;
        };
        (ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// Who has locked the file at `path`, in words.
fn owner(path: &Path) -> String {
    let owner = std::fs::read(path).ok().and_then(|json| serde_json::from_slice(&json).ok());
    owner.map_or_else(|| "another process".to_owned(), |owner: Owner| owner.described())
}

/// The owner that `file` names, if that is on another machine and has touched it of late.
fn owner_elsewhere(file: &mut File) -> Option<Owner> {
    let mut json = Vec::new();
    file.read_to_end(&mut json).ok()?;
    let owner: Owner = serde_json::from_slice(&json).ok()?;
    let touched = file.metadata().and_then(|metadata| metadata.modified()).ok()?;
    (owner.host != process::host() && is_fresh(touched)).then_some(owner)
}

/// Touches `file` every so often until the sender is dropped; not where threads are short.
fn beating(file: File) -> Option<(Sender<()>, JoinHandle<()>)> {
    if process::has_one_thread() {
        return None;
    }
    let (stop, stopped) = mpsc::channel();
    let beat = move || {
        while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
            let _ = file.set_modified(SystemTime::now());
        }
    };
    let heart = thread::Builder::new().name("lock".to_owned()).spawn(beat).ok()?;
    Some((stop, heart))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::owner::STALE;

    fn write(folder: &RunFolder, owner: &Owner, age: Duration) {
        std::fs::write(folder.lock(), serde_json::to_vec(owner).unwrap()).unwrap();
        let file = File::options().write(true).open(folder.lock()).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn a_folder_is_locked_once_and_free_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(&root.path().join("run"));
        let lock = Lock::of(&folder).unwrap();
        let refused = Lock::of(&folder).unwrap_err();
        let own = format!("process {} on ", std::process::id());
        assert!(refused.to_string().contains(&own), "{refused}");
        drop(lock);
        assert!(!folder.lock().exists());
        drop(Lock::of(&folder).unwrap());
    }

    #[test]
    fn what_a_killed_process_left_is_taken_over_and_another_machines_after_a_while() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(root.path());
        let here = Owner { command: "bench run dcgan".to_owned(), ..Owner::this() };
        write(&folder, &here, Duration::ZERO);
        drop(Lock::of(&folder).unwrap());

        let elsewhere = Owner { host: "another-machine".to_owned(), ..here };
        write(&folder, &elsewhere, Duration::from_secs(60));
        let refused = Lock::of(&folder).unwrap_err();
        assert!(
            matches!(&refused, RunError::InUse { owner, .. } if *owner == elsewhere.described())
        );
        write(&folder, &elsewhere, STALE);
        drop(Lock::of(&folder).unwrap());

        std::fs::write(folder.lock(), b"{").unwrap();
        drop(Lock::of(&folder).unwrap());
    }
}
