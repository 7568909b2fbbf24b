//! What a run's folder tells of its making beyond the record: `manifest.json` and the bytes of `config.toml`.

use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::ReportError;
use crate::record::schema1::hexadecimal;
use crate::run::read_if_present;

/// Which program made a run, on what and of which configuration file. What the folder does not tell is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Origin {
    /// Version of the program.
    pub version: Option<String>,
    /// SHA-256 of the program's file, in hex.
    pub binary_sha256: Option<String>,
    /// Where the dataset came from.
    pub dataset_provenance: Option<String>,
    /// Whose convolutions the extractor was computed with.
    pub convolutions: Option<String>,
    /// SHA-256 of `config.toml`, in hex.
    #[serde(skip)]
    pub config_sha256: Option<String>,
}

impl Origin {
    /// Reads what there is in the folder of a run.
    ///
    /// # Errors
    /// [`ReportError::Read`] for a file that cannot be read, [`ReportError::Manifest`] for a manifest that is none.
    pub(crate) fn load(dir: &Path) -> Result<Self, ReportError> {
        let path = dir.join("manifest.json");
        let parsed = match read_if_present(&path)? {
            Some(json) => serde_json::from_slice(&json)
                .map_err(|error| ReportError::manifest(&path, error))?,
            None => Self::default(),
        };
        let config = read_if_present(&dir.join("config.toml"))?;
        Ok(Self {
            config_sha256: config.map(|bytes| hexadecimal(&Sha256::digest(bytes))),
            ..parsed
        })
    }
}
