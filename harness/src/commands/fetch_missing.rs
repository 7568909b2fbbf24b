//! Fetching what runs need and what is not there, without losing time where there is no network.

use std::path::Path;
use std::time::Duration;

use bench_data::dataset_files::{DatasetFiles, FetchOptions, left_on_disk};
use bench_data::download::{self, Patience};
use bench_metrics::inception::published;

use crate::evaluation::ExtractorRequest;
use crate::progress::{Busy, Progress};
use crate::training::reference;

/// Longest wait for a first sign of a network.
const FIRST_SIGN: Duration = Duration::from_secs(3);

/// Fetches the weights that `request` would use and those of the `datasets` that are not below `data`.
///
/// What cannot be had and is not insisted on is a note: something else stands in for it, or it is missed later.
///
/// # Errors
/// If weights that are insisted on cannot be had, or a dataset is there and damaged.
pub(super) fn fetch_missing(
    request: &ExtractorRequest,
    datasets: &[String],
    data: &Path,
) -> anyhow::Result<()> {
    let mut wanted = Vec::new();
    for name in datasets {
        if !reference::is_available(name, data)?
            && let Some(files) = DatasetFiles::find(name, data)?
        {
            wanted.push(files);
        }
    }
    if request.insists_on_missing_weights() {
        request.fetch_weights(Patience::LONG)?;
    }
    let weights = request.could_use_missing_weights();
    let mut urls: Vec<&str> =
        wanted.iter().flat_map(|files| files.publication.mirrors).copied().collect();
    let mut labels: Vec<String> =
        wanted.iter().map(|files| format!("dataset `{}`", files.name)).collect();
    if weights {
        urls.extend(published::URLS);
        labels.insert(0, "the weights of InceptionV3".to_owned());
    }
    if labels.is_empty() {
        return Ok(());
    }
    let busy = Busy::of("looking for a server");
    let answers = download::any_answers(urls, FIRST_SIGN);
    drop(busy);
    if !answers {
        log::info!(
            "cannot download {}: no server answers; --offline spares the {FIRST_SIGN:?} of waiting",
            labels.join(", ")
        );
        return Ok(());
    }
    if weights && let Err(error) = request.fetch_weights(Patience::SHORT) {
        log::info!("{error:#}");
    }
    let options = FetchOptions {
        mirrors: &[],
        patience: Patience::SHORT,
        free_space: left_on_disk,
        progress: Progress::of_download,
    };
    for files in wanted {
        log::info!("fetching dataset `{}` into {}", files.name, data.display());
        if let Err(error) = files.fetch(&options) {
            log::info!("{error:#}");
        }
    }
    Ok(())
}
