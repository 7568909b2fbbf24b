//! Why a file could not be read or written.

use std::io;
use std::path::{Path, PathBuf};

use super::decode::DecodeError;

/// A file that could not be read or written: its path, the reason, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("cannot {action} {}: {reason} ({})", shown(path), io_hint(reason))]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason; part of the text, and so no `source`, which would be printed once more.
        reason: io::Error,
    },
    /// The file is not an image that can be used.
    #[error("cannot read image {}: {reason}; {}", shown(path), reason.hint())]
    Image {
        /// The file; inside an archive, the archive's path followed by the member's name.
        path: PathBuf,
        /// What is wrong with it.
        reason: DecodeError,
    },
    /// The archive is damaged, hostile, or of an unsupported kind.
    #[error(
        "cannot read archive {}: {reason}; make it again with a plain zip program",
        shown(path)
    )]
    Archive {
        /// The archive, or the archive's path followed by the member's name.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// A path in a text: a line end or another control character in a name is escaped, so that it cannot pass for more text.
fn shown(path: &Path) -> String {
    path.display().to_string().chars().fold(String::new(), |mut text, c| {
        match c.is_control() {
            true => text.extend(c.escape_default()),
            false => text.push(c),
        }
        text
    })
}

impl FileError {
    /// An operating-system error while doing `action` to `path`.
    pub fn io(action: &'static str, path: &Path, reason: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), reason }
    }

    /// Whether it arose in writing: then the disk is at fault, and not the input.
    pub fn is_write(&self) -> bool {
        matches!(self, Self::Io { action, .. } if !["read", "list folder"].contains(action))
    }
}

fn io_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "check the permissions",
        io::ErrorKind::StorageFull => "free some space or choose another disk",
        _ => "check the path and the disk",
    }
}
