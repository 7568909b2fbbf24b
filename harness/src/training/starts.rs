//! The starts of the program on a run, as `manifest.json` tells them.

use std::fs;

use serde::{Deserialize, Serialize};

use super::folder::RunFolder;

/// One start of the program on a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Generator steps that were done already.
    pub step: u64,
    /// Steps that the run was to take.
    pub steps: u64,
    /// Name of the device.
    pub device: String,
    /// CPU threads.
    pub threads: usize,
    /// Version of the program.
    pub version: String,
    /// The machine; empty where a manifest of an older version does not tell.
    #[serde(default)]
    pub host: String,
}

impl Start {
    /// All that the manifest in `folder` tells of; none where there is none, or it is of another version.
    #[must_use]
    pub fn all(folder: &RunFolder) -> Vec<Self> {
        #[derive(Deserialize)]
        struct Starts {
            starts: Vec<Start>,
        }
        let read = fs::read(folder.manifest()).ok();
        let parsed = read.and_then(|json| serde_json::from_slice::<Starts>(&json).ok());
        parsed.map(|manifest| manifest.starts).unwrap_or_default()
    }
}
