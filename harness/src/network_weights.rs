//! Weights of published networks beside InceptionV3, in the cache folder.
//!
//! Beside each file lies its SHA-256, as `sha256sum` writes it. Where its authors publish none, the one of the first file
//! is pinned so, and another file is refused until it is imported on purpose.

use std::fs;
use std::path::{Path, PathBuf};

use bench_data::cache::cache_dir;
use bench_data::download::{Checksum, Download, Patience};
use bench_data::files::{self, FileError};
use bench_metrics::networks::Network;
use bench_metrics::{MetricsError, WeightsFile};

use crate::inception::InceptionError;
use crate::progress::Progress;

/// Folder of weights inside the cache.
const FOLDER: &str = "weights";

/// Where the weights of `network` belong, whether or not there are any.
///
/// # Errors
/// [`InceptionError::NoCache`].
pub fn path_of(network: &Network) -> Result<PathBuf, InceptionError> {
    let cache = cache_dir().ok_or(InceptionError::NoCache)?;
    Ok(cache.join(FOLDER).join(format!("{}.weights", network.name)))
}

/// The weights of `network` that were imported or fetched, if any were.
pub fn stored(network: &Network) -> Option<PathBuf> {
    path_of(network).ok().filter(|path| path.exists())
}

/// Reads the weights of `network` in `path` and checks that they are its own and, if they lie in the cache, what they
/// were when they came there.
///
/// # Errors
/// If they cannot be read, are another network's, or were changed.
pub fn read(network: &Network, path: &Path) -> Result<WeightsFile, MetricsError> {
    let weights = WeightsFile::read(path)?;
    if let Some(pinned) = pinned(path)
        && pinned != weights.sha256()
    {
        return Err(MetricsError::Weights {
            path: path.to_path_buf(),
            reason: format!("its SHA-256 is {} and was {pinned}", weights.sha256()),
            hint: "delete it and fetch it again, or give the file to `bench weights import`",
        });
    }
    network.check(&weights)?;
    Ok(weights)
}

/// Copies weights into the cache, over those that may be there.
///
/// # Errors
/// If the cache cannot be written.
pub fn import(network: &Network, weights: &WeightsFile) -> Result<PathBuf, InceptionError> {
    let path = path_of(network)?;
    files::write_atomically(&path, weights.bytes())?;
    pin(&path, weights.sha256())?;
    Ok(path)
}

/// Downloads the weights of `network` into the cache, unless they are there: from `urls`, or where they are published.
///
/// # Errors
/// If they cannot be had, are another network's or not the pinned ones, or the cache cannot be written.
pub fn fetch(
    network: &Network,
    urls: Vec<String>,
    sha256: Option<&str>,
    patience: Patience,
) -> Result<WeightsFile, InceptionError> {
    let path = path_of(network)?;
    if path.exists() {
        return Ok(read(network, &path)?);
    }
    let urls = if urls.is_empty() { network.urls() } else { urls };
    let pinned = pinned(&path);
    let expected = sha256.or(network.sha256).or(pinned.as_deref());
    let checksums: Vec<Checksum<'_>> = expected.into_iter().map(Checksum::Sha256).collect();
    let label = format!("the weights of {}", network.name);
    let arrival = path.with_extension("arrival");
    let download = Download {
        label: &label,
        urls: &urls,
        destination: &arrival,
        checksums: &checksums,
        size: None,
        patience,
        progress: Progress::of_download,
        by_hand: "give it to `bench weights import FILE`",
    };
    download.run()?;
    let checked = WeightsFile::read(&arrival).and_then(|weights| {
        network.check(&weights)?;
        Ok(weights)
    });
    let weights = checked.inspect_err(|_| {
        // The next call is to fetch another file, not to find this one.
        let _ = fs::remove_file(&arrival);
    })?;
    fs::rename(&arrival, &path).map_err(|error| FileError::io("write", &path, error))?;
    pin(&path, weights.sha256())?;
    if expected.is_none() {
        log::info!(
            "no SHA-256 of this file is published; {} is pinned from now on",
            weights.sha256()
        );
    }
    Ok(weights)
}

fn pin_path(path: &Path) -> PathBuf {
    path.with_extension("weights.sha256")
}

/// The SHA-256 that the weights at `path` had when they came there.
fn pinned(path: &Path) -> Option<String> {
    let line = fs::read_to_string(pin_path(path)).ok()?;
    line.split_whitespace().next().map(str::to_owned)
}

fn pin(path: &Path, sha256: &str) -> Result<(), FileError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    files::write_atomically(&pin_path(path), format!("{sha256}  {name}\n").as_bytes())
}
