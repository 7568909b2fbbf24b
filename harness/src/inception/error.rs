//! Why the weights of InceptionV3 could not be had or kept.

use bench_data::cache::CACHE_VARIABLE;
use bench_data::download::DownloadError;
use bench_data::files::FileError;
use bench_metrics::MetricsError;

/// A failure between a file of weights and the cache.
#[derive(Debug, thiserror::Error)]
pub enum InceptionError {
    /// There is no place for a cache.
    #[error("there is no home folder to keep weights in; let {CACHE_VARIABLE} name a folder")]
    NoCache,
    /// The weights cannot be downloaded.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// A file of weights cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The weights are damaged, or those of another network.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}
