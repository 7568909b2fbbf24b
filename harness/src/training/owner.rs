//! Who is at work on a run, as `run.lock` in its folder tells.

use std::fs;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::folder::RunFolder;
use crate::process;

/// The file of a process on another machine that has not been touched for so long is nobody's.
pub(super) const STALE: Duration = Duration::from_secs(300);

/// A process that is at work on a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    /// The machine.
    pub host: String,
    /// The process' number there.
    pub process: u32,
    /// The command that started it, as a shell takes it.
    pub command: String,
}

impl Owner {
    /// This process.
    #[must_use]
    pub fn this() -> Self {
        Self {
            host: process::host(),
            process: std::process::id(),
            command: process::command_line(),
        }
    }

    /// The process that is at work in `folder` now; none where there is none, or the one that was has been killed. Nothing
    /// is locked or written for that.
    ///
    /// A process on this machine is looked for; one on another machine counts until it has not touched the file for
    /// five minutes.
    #[must_use]
    pub fn of(folder: &RunFolder) -> Option<Self> {
        let path = folder.lock();
        let owner: Self = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        let touched = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok()?;
        let is_there = match owner.host == process::host() {
            true => process::is_running(owner.process, &owner.command),
            false => is_fresh(touched),
        };
        is_there.then_some(owner)
    }

    /// The process in words.
    #[must_use]
    pub fn described(&self) -> String {
        let Self { host, process, command } = self;
        format!("process {process} on {host} (`{command}`)")
    }
}

/// Whether a file that was last touched then is still looked after.
pub(super) fn is_fresh(touched: SystemTime) -> bool {
    // Clocks differ: what was touched in the future was touched now.
    SystemTime::now().duration_since(touched).unwrap_or_default() < STALE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &RunFolder, owner: &Owner, age: Duration) {
        fs::write(folder.lock(), serde_json::to_vec(owner).unwrap()).unwrap();
        let file = fs::File::options().write(true).open(folder.lock()).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn a_process_is_seen_while_it_lives_and_one_elsewhere_while_it_touches_its_file() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(root.path());
        assert_eq!(Owner::of(&folder), None);
        let this = Owner::this();
        write(&folder, &this, 2 * STALE);
        assert_eq!(Owner::of(&folder), Some(this.clone()));
        // Another command has the number of the process that was killed.
        write(&folder, &Owner { command: "bench run other".to_owned(), ..this.clone() }, STALE);
        assert_eq!(Owner::of(&folder), None);
        write(&folder, &Owner { process: u32::MAX / 2, ..this.clone() }, Duration::ZERO);
        assert_eq!(Owner::of(&folder), None);

        let elsewhere = Owner { host: "another-machine".to_owned(), ..this };
        write(&folder, &elsewhere, STALE / 2);
        assert_eq!(Owner::of(&folder), Some(elsewhere.clone()));
        write(&folder, &elsewhere, STALE);
        assert_eq!(Owner::of(&folder), None);
        // Its clock is ahead, or this one was set back.
        let file = fs::File::options().write(true).open(folder.lock()).unwrap();
        file.set_modified(SystemTime::now() + 10 * STALE).unwrap();
        assert_eq!(Owner::of(&folder), Some(elsewhere));
        fs::write(folder.lock(), "{").unwrap();
        assert_eq!(Owner::of(&folder), None);
    }
}
