//! The weights in the cache, where `--extractor inception` finds them.

use std::path::{Path, PathBuf};

use bench_data::cache::cache_dir;
use bench_data::download::{Checksum, Download, DownloadError, Outcome, Patience};
use bench_data::files::{self, FileError};
use bench_metrics::inception::published;
use bench_metrics::weights::Format;
use bench_metrics::{FeatureLayer, MetricsError, Protocol, WeightsFile};

use super::built;
use super::error::InceptionError;
use crate::progress::Progress;

/// Folder of weights inside the cache.
const FOLDER: &str = "weights";
/// The file in it; its format shows in its first bytes.
const FILE: &str = "inception-v3-fid.weights";

/// Weights in the cache.
#[derive(Clone, Debug)]
pub struct StoredWeights {
    /// Where they lie.
    pub path: PathBuf,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// How the file is written.
    pub format: Format,
}

impl StoredWeights {
    fn new(path: PathBuf, weights: &WeightsFile) -> Self {
        Self { path, sha256: weights.sha256().to_owned(), format: weights.format() }
    }

    /// Whether this is the very file that pytorch-fid and torch-fidelity use.
    pub fn is_published(&self) -> bool {
        self.sha256.starts_with(published::SHA256_PREFIX)
    }
}

/// Where weights belong, whether or not there are any.
///
/// # Errors
/// [`InceptionError::NoCache`].
pub fn stored_path() -> Result<PathBuf, InceptionError> {
    let cache = cache_dir().ok_or(InceptionError::NoCache)?;
    Ok(cache.join(FOLDER).join(FILE))
}

/// The weights that were imported or fetched, if any were.
pub fn stored() -> Option<PathBuf> {
    stored_path().ok().filter(|path| path.exists())
}

/// The weights that were imported or fetched, if any were, read and checked to be of this network.
///
/// # Errors
/// If they cannot be read or are another network's.
pub fn read_stored() -> Result<Option<StoredWeights>, MetricsError> {
    let Some(path) = stored() else { return Ok(None) };
    let weights = WeightsFile::read(&path)?;
    bench_metrics::inception::check(&weights)?;
    Ok(Some(StoredWeights::new(path, &weights)))
}

/// Copies the weights in `file` into the cache, over those that may be there. They are checked to the last value
/// first, and the usual network is built on the way.
///
/// # Errors
/// If the file cannot be read or holds anything but the weights of this network, or the cache cannot be written.
pub fn import(file: &Path) -> Result<StoredWeights, InceptionError> {
    let path = stored_path()?;
    // The place is tried before the work starts, so that a full disk fails at once.
    files::check_writable(&path)?;
    let weights = read_checked(file)?;
    files::write_atomically(&path, weights.bytes())?;
    Ok(StoredWeights::new(path, &weights))
}

/// Reads weights and checks them to the last value, by building the network that they are meant for.
fn read_checked(file: &Path) -> Result<WeightsFile, MetricsError> {
    let weights = WeightsFile::read(file)?;
    built::build(&weights, Protocol::default(), FeatureLayer::default())?;
    Ok(weights)
}

/// What to fetch, and how.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// Where the weights can be had; the next is tried when one fails.
    pub urls: Vec<String>,
    /// First digits of the SHA-256 that they must have.
    pub sha256: String,
    /// How long to wait and how often to try.
    pub patience: Patience,
}

impl FetchRequest {
    /// The published weights.
    pub fn published(patience: Patience) -> Self {
        let urls = published::URLS.map(str::to_owned).to_vec();
        Self { urls, sha256: published::SHA256_PREFIX.to_owned(), patience }
    }

    /// Downloads the weights to `destination`, unless they are there.
    ///
    /// # Errors
    /// [`DownloadError`].
    pub fn download(&self, destination: &Path) -> Result<Outcome, DownloadError> {
        let download = Download {
            label: "the weights of InceptionV3",
            urls: &self.urls,
            destination,
            checksums: &[Checksum::Sha256(&self.sha256)],
            size: None,
            patience: self.patience,
            progress: Progress::of_download,
            by_hand: "give it to `bench weights import FILE`",
        };
        download.run()
    }
}

/// Downloads weights into the cache, unless they are there, and checks them as [`import`] does.
///
/// # Errors
/// If they cannot be had, are no weights of this network, or the cache cannot be written.
pub fn fetch(request: &FetchRequest) -> Result<(StoredWeights, Outcome), InceptionError> {
    let path = stored_path()?;
    if let Some(stored) = stored_if_like(&path, &request.sha256)? {
        return Ok((stored, Outcome::Kept));
    }
    let arrival = path.with_file_name(published::FILE_NAME);
    request.download(&arrival)?;
    let weights = read_checked(&arrival).inspect_err(|_| {
        // The next call is to fetch another file, not to find this one.
        let _ = std::fs::remove_file(&arrival);
    })?;
    std::fs::rename(&arrival, &path).map_err(|error| FileError::io("write", &path, error))?;
    Ok((StoredWeights::new(path, &weights), Outcome::Fetched))
}

/// The weights at `path`, if their SHA-256 begins with `sha256`.
fn stored_if_like(path: &Path, sha256: &str) -> Result<Option<StoredWeights>, InceptionError> {
    if !path.exists() || !files::sha256_file(path)?.starts_with(sha256) {
        return Ok(None);
    }
    Ok(Some(StoredWeights::new(path.to_owned(), &WeightsFile::read(path)?)))
}
