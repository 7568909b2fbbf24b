//! Why a file could not be downloaded.

use std::path::PathBuf;

use crate::files::FileError;

/// A download that failed: what, why, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No URL gave the file that is wanted.
    #[error(
        "cannot download {label}: {}; check the network, or fetch it by hand and {by_hand}",
        reasons(failures)
    )]
    Unreachable {
        /// What was wanted.
        label: String,
        /// Every URL and why it failed, in the order in which they were tried.
        failures: Vec<(String, String)>,
        /// What to do with a file fetched elsewhere.
        by_hand: String,
    },
    /// There is a file in its place, which is another one.
    #[error("{} is in the way, which is another file: {reason}; move it or choose another place", path.display())]
    Occupied {
        /// Where it was to lie.
        path: PathBuf,
        /// What tells the file there from the one that is wanted.
        reason: String,
    },
    /// The disk refused.
    #[error(transparent)]
    File(#[from] FileError),
}

fn reasons(failures: &[(String, String)]) -> String {
    let each: Vec<String> =
        failures.iter().map(|(url, reason)| format!("{url}: {reason}")).collect();
    if each.is_empty() { "there is no address for it".to_owned() } else { each.join("; ") }
}
