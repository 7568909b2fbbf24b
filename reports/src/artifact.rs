//! What a report is made of: files as bytes, which the caller writes.

use std::path::PathBuf;

/// One file of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where it belongs, relative to the results folder, such as `tables/comparison.csv`.
    pub path: PathBuf,
    /// The whole content.
    pub bytes: Vec<u8>,
}
