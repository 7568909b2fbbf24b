//! Why the published files of a dataset could not be had.

use std::path::PathBuf;

use indicatif::DecimalBytes;

use crate::download::{DownloadError, FileDigests};
use crate::files::FileError;

/// Files that could not be downloaded or copied in: what, why, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum DatasetFilesError {
    /// The disk is too full.
    #[error(
        "{what} does not fit into {}: it takes {}, {} are free, {} are missing; free some space or choose another disk by \
         --data",
        folder.display(),
        DecimalBytes(*needed),
        DecimalBytes(*free),
        DecimalBytes(needed - free)
    )]
    DiskFull {
        /// The dataset's name.
        what: String,
        /// The folder on that disk.
        folder: PathBuf,
        /// Bytes that are to be written.
        needed: u64,
        /// Bytes that there is room for, fewer than `needed`.
        free: u64,
    },
    /// A file to copy in is none of the dataset's, neither by its checksums nor by its name.
    #[error(
        "{} is no file of {dataset}: neither its MD5 {md5} nor its name is that of {}; give it the name of the file that it \
         stands for",
        path.display(),
        names.join(", ")
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The dataset's name.
        dataset: String,
        /// MD5 of the file, in hexadecimal digits.
        md5: String,
        /// Names of the published files.
        names: Vec<&'static str>,
    },
    /// A file to copy in has the name of a published one and other bytes.
    #[error(
        "{} is not the published {name}: its MD5 is {} instead of {}, its SHA-256 {} instead of {}; get it anew, or use it \
         with --accept-unknown, which makes numbers on it incomparable with published ones",
        path.display(),
        found.md5,
        md5,
        found.sha256,
        sha256
    )]
    Differs {
        /// The file.
        path: PathBuf,
        /// Name of the published file.
        name: &'static str,
        /// What the file is.
        found: FileDigests,
        /// MD5 of the published file, in hexadecimal digits.
        md5: &'static str,
        /// SHA-256 of the published file, in hexadecimal digits.
        sha256: &'static str,
    },
    /// No URL gives the file, or another one lies in its place.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}
