//! Why a file of arrays could not be used.

use std::path::PathBuf;

/// A file of arrays that cannot be read or does not hold what it should.
///
/// Texts are lower-case fragments that name the file and end with a hint of what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// A file of arrays cannot be read.
    #[error("cannot read {}: {reason}; check the path and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// A file of arrays is damaged, or holds something else than it should.
    #[error("cannot use {}: {reason}; {hint}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, naming the array.
        reason: String,
        /// What would help.
        hint: &'static str,
    },
    /// An array holds images in another form than they are read in.
    #[error("cannot use {}: {found}; convert it in python: {line}", path.display())]
    Convertible {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// The line of numpy that writes an archive which is read.
        line: String,
    },
}
