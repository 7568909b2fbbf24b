//! Networks built from weights, as ONNX files in the cache.
//!
//! A file is named after all that went into it: the weights' SHA-256, the builder's version, the protocol and the
//! layer. Its own SHA-256 lies beside it, as `sha256sum` writes it. The same name stands for the same bytes, so several
//! processes may write one at once, and whatever does not fit is built again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bench_data::cache::cache_dir;
use bench_data::files::{self, FileError};
use bench_metrics::inception::{self, BUILDER_VERSION, KEY_WEIGHTS};
use bench_metrics::weights::read_bytes;
use bench_metrics::{FeatureLayer, MetricsError, Protocol, WeightsFile};
use sha2::{Digest, Sha256};

use super::known::Stamp;

/// Folder of the networks inside the cache.
const FOLDER: &str = "models";
/// What the names of the files begin with.
const PREFIX: &str = "inception-";

/// A file of the cache.
#[derive(Clone, Debug)]
pub struct BuiltNetwork {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A network as an ONNX file.
#[derive(Clone, Debug)]
pub struct Network {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

impl Network {
    fn new(bytes: Vec<u8>) -> Self {
        Self { sha256: files::hexadecimal(&Sha256::digest(&bytes)), bytes }
    }
}

/// The network with the weights in the file `weights`, fed as `protocol` does up to `layer`: from the cache, or built and put
/// there. A cache that cannot be read or written costs time and a note, and no more. Weights that were read before and not
/// touched since are not read again where the network is in the cache.
///
/// # Errors
/// [`MetricsError::ReadWeights`], [`MetricsError::Weights`].
pub fn network(
    weights: &Path,
    protocol: Protocol,
    layer: FeatureLayer,
) -> Result<Network, MetricsError> {
    let cached = |sha256: &str| Entry::find(sha256, protocol, layer)?.read();
    let stamp = Stamp::of(weights);
    if let Some(network) = stamp.as_ref().and_then(Stamp::known).and_then(|own| cached(&own)) {
        return Ok(network);
    }
    let bytes = read_bytes(weights)?;
    let sha256 = files::hexadecimal(&Sha256::digest(&bytes));
    let network = match cached(&sha256) {
        Some(network) => network,
        None => build(&WeightsFile::from_bytes(weights, bytes)?, protocol, layer)?,
    };
    if let Some(stamp) = stamp {
        stamp.remember(&sha256);
    }
    Ok(network)
}

/// Builds the network and puts it into the cache, whatever lies there.
///
/// # Errors
/// [`MetricsError::Weights`].
pub(super) fn build(
    weights: &WeightsFile,
    protocol: Protocol,
    layer: FeatureLayer,
) -> Result<Network, MetricsError> {
    let network = Network::new(inception::onnx(weights, protocol, layer)?);
    if let Some(entry) = Entry::find(weights.sha256(), protocol, layer) {
        entry.write(&network);
    }
    Ok(network)
}

/// The networks in the cache, sorted by name; none where it cannot be read.
pub fn all() -> Vec<BuiltNetwork> {
    let Some(folder) = cache_dir().and_then(|cache| fs::read_dir(cache.join(FOLDER)).ok()) else {
        return Vec::new();
    };
    let network = |entry: fs::DirEntry| {
        let path = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        (ours && path.extension().is_some_and(|extension| extension == "onnx"))
            .then(|| Some(BuiltNetwork { bytes: entry.metadata().ok()?.len(), path }))?
    };
    let mut networks: Vec<_> = folder.filter_map(Result::ok).filter_map(network).collect();
    networks.sort_by(|a, b| a.path.cmp(&b.path));
    networks
}

/// A place in the cache.
struct Entry {
    path: PathBuf,
    weights_sha256: String,
}

impl Entry {
    /// The place of a network; `None` without a cache.
    fn find(weights_sha256: &str, protocol: Protocol, layer: FeatureLayer) -> Option<Self> {
        let name =
            format!("{PREFIX}{weights_sha256:.16}-v{BUILDER_VERSION}-{protocol}-{layer}.onnx");
        let path = cache_dir()?.join(FOLDER).join(name);
        Some(Self { path, weights_sha256: weights_sha256.to_owned() })
    }

    /// The file that holds the network's SHA-256.
    fn checksum_path(&self) -> PathBuf {
        self.path.with_extension("onnx.sha256")
    }

    /// The line that belongs into it.
    fn checksum(&self, network: &Network) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{}  {name}\n", network.sha256)
    }

    /// The network, if it lies here undamaged.
    fn read(&self) -> Option<Network> {
        match self.try_read() {
            Ok(network) => Some(network),
            Err(None) => None,
            Err(Some(reason)) => {
                let path = self.path.display();
                log::info!("{path} is not used and built again: {reason}");
                None
            }
        }
    }

    /// As [`Self::read`]; the reason where something lies here that cannot be used.
    fn try_read(&self) -> Result<Network, Option<String>> {
        let refused = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => None,
            _ => Some(error.to_string()),
        };
        // Written last: where it is missing, another process may be about to write it.
        let checksum = fs::read_to_string(self.checksum_path()).map_err(refused)?;
        // Before it is read: what changes meanwhile is hashed next time.
        let stamp = Stamp::of(&self.path);
        let bytes = fs::read(&self.path).map_err(refused)?;
        let network = match stamp.as_ref().and_then(Stamp::known) {
            Some(sha256) => Network { bytes, sha256 },
            None => Network::new(bytes),
        };
        if self.checksum(&network) != checksum {
            return Err(Some("its SHA-256 is another than it had".to_owned()));
        }
        if let Some(stamp) = stamp {
            stamp.remember(&network.sha256);
        }
        let metadata = bench_onnx::metadata(&network.bytes);
        let metadata = metadata.map_err(|error| Some(error.to_string()))?;
        match metadata.get(KEY_WEIGHTS) {
            Some(sha256) if *sha256 == self.weights_sha256 => Ok(network),
            _ => Err(Some("it was built from other weights".to_owned())),
        }
    }

    /// Puts `network` here, or says why that was impossible.
    fn write(&self, network: &Network) {
        let written: Result<(), FileError> = files::write_atomically(&self.path, &network.bytes)
            .and_then(|()| {
                let checksum = self.checksum(network);
                files::write_atomically(&self.checksum_path(), checksum.as_bytes())
            });
        if let Err(error) = written {
            log::info!("the network will be built again next time: {error}");
        }
    }
}
