//! Room on the disk, asked for before a download starts.

use std::path::Path;

use indicatif::DecimalBytes;

use crate::exit::Failure;

/// Tells how many bytes fit into a folder, which need not exist yet; `None` where that cannot be known.
pub type FreeSpace = fn(&Path) -> Option<u64>;

/// How many bytes a user without privileges can still write into `folder`.
#[must_use]
pub fn left_on_disk(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let existing = folder.ancestors().find(|ancestor| ancestor.exists());
        let disk = rustix::fs::statvfs(existing.unwrap_or(Path::new("."))).ok()?;
        disk.f_bavail.checked_mul(disk.f_frsize)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Refuses what does not fit.
///
/// # Errors
/// An environment failure that says how much is missing.
pub(super) fn check(
    what: &str,
    folder: &Path,
    needed: u64,
    free_space: FreeSpace,
) -> Result<(), Failure> {
    match free_space(folder) {
        Some(free) if free < needed => Err(Failure::environment(format!(
            "{what} does not fit into {}: it takes {}, {} are free, {} are missing; free some space or choose another \
             disk by --data",
            folder.display(),
            DecimalBytes(needed),
            DecimalBytes(free),
            DecimalBytes(needed - free)
        ))),
        _ => Ok(()),
    }
}
