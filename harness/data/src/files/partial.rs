//! Files that are being written: each beside the one that it will replace, under a name of its own.

use std::fs;
use std::path::Path;

use super::FileError;

/// What the names of such files begin with.
const PREFIX: &str = ".partial-";

/// Makes such files, whose names end in `suffix`, with the permissions that the process' umask gives any new file.
pub(super) fn builder(suffix: &str) -> tempfile::Builder<'static, '_> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(suffix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Removes what processes that were killed in writing have left in `folder`. Nobody else may be writing there.
///
/// # Errors
/// [`FileError::Io`] where the folder is there and cannot be listed, or a file cannot be removed.
pub fn remove_left(folder: &Path) -> Result<(), FileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(FileError::io("list folder", folder, error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| FileError::io("list folder", folder, error))?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|error| FileError::io("remove", &path, error))?;
        }
    }
    Ok(())
}
