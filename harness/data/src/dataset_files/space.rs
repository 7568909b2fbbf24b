//! Room on the disk, asked for before a download starts.

use std::path::Path;

use super::DatasetFilesError;

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
/// [`DatasetFilesError::DiskFull`].
pub(super) fn check(
    what: &str,
    folder: &Path,
    needed: u64,
    free_space: FreeSpace,
) -> Result<(), DatasetFilesError> {
    match free_space(folder) {
        Some(free) if free < needed => Err(DatasetFilesError::DiskFull {
            what: what.to_owned(),
            folder: folder.to_owned(),
            needed,
            free,
        }),
        _ => Ok(()),
    }
}
