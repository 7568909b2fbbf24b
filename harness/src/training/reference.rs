//! The dataset of a run and the features that its images are compared with.

use std::path::Path;

use anyhow::Context;
use bench_metrics::{ImageBatch, OnnxExtractor, RandomState};

use super::config::RunConfig;
use crate::datasets::{self, DataError, Dataset, LoadOptions, Split};
use crate::evaluation::{Measured, Measurement};
use crate::progress::Progress;

/// The dataset inside the program, for where another one is missing.
pub const EMBEDDED_DATASET: &str = "shapes";

/// Seed of the embedded dataset: it is one dataset, whatever the seeds of the runs.
const EMBEDDED_SEED: u64 = 0;

/// Seed of the draw of reference images, as everywhere in torch-fidelity.
const DRAW_SEED: u32 = 2020;

/// Images handed to the extractor at a time.
const BATCH: usize = 256;

/// A dataset in memory and the features of its reference images.
pub struct Reference {
    /// The train split, at the size that is trained at.
    pub dataset: Dataset,
    /// Features of the images that generated ones are compared with.
    pub measured: Measured,
    /// What is said of every run on it, if it stands in for a dataset that was not found.
    pub fallback: Option<String>,
}

impl Reference {
    /// Loads the run's dataset and extracts the features of its reference images: `reference`
    /// images of the train split, drawn without replacement by `RandomState(2020)`.
    ///
    /// # Errors
    /// If the dataset is damaged or the extractor fails.
    pub fn load(
        config: &RunConfig,
        data: &Path,
        extractor: &mut OnnxExtractor,
    ) -> anyhow::Result<Self> {
        let dataset = load_train_split(&config.dataset, config.image_size, data)?;
        let measured = measure(&dataset, config.evaluation.reference, extractor)
            .with_context(|| format!("failed to extract features of dataset `{}`", dataset.name))?;
        Ok(Self {
            dataset,
            measured,
            fallback: None,
        })
    }
}

/// What is said of every run on the embedded dataset that stands in for `missing` ones.
pub fn fallback_note(missing: &[String]) -> String {
    let names = missing.join("`, `");
    format!(
        "dataset `{names}` was not found: the embedded dataset `{EMBEDDED_DATASET}` stands in, \
         and these numbers say nothing of `{names}`"
    )
}

/// Whether the files of `dataset` are there, without reading them all.
///
/// # Errors
/// Any [`DataError`] but that the dataset is missing.
pub fn is_available(dataset: &str, data: &Path) -> Result<bool, DataError> {
    let options = LoadOptions {
        limit: Some(1),
        ..Default::default()
    };
    match datasets::load(dataset, Split::Train, Some(data), &options) {
        Ok(_) => Ok(true),
        Err(DataError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn load_train_split(name: &str, size: u32, data: &Path) -> Result<Dataset, DataError> {
    let options = LoadOptions {
        size: Some(size),
        seed: EMBEDDED_SEED,
        ..Default::default()
    };
    crate::commands::load_dataset(name, Split::Train, data, &options)
}

fn measure(
    dataset: &Dataset,
    wanted: usize,
    extractor: &mut OnnxExtractor,
) -> anyhow::Result<Measured> {
    let n = wanted.min(dataset.n);
    let mut order = RandomState::new(DRAW_SEED).permutation(dataset.n);
    order.truncate(n);
    // In the order of the dataset, so that the whole split is measured as it lies.
    order.sort_unstable();
    let mut progress = Progress::new(format!("features of {}", dataset.name), n as u64);
    let mut measurement = Measurement::new(extractor);
    let mut done = 0;
    for chunk in order.chunks(BATCH) {
        let pixels: Vec<u8> = chunk
            .iter()
            .filter_map(|&i| dataset.image(i))
            .flatten()
            .copied()
            .collect();
        measurement.push(&ImageBatch::new(
            &pixels,
            chunk.len(),
            dataset.height,
            dataset.width,
            dataset.channels,
        )?)?;
        done += chunk.len() as u64;
        progress.set(done, "");
    }
    progress.finish(format!("{n} images"));
    Ok(measurement.finish()?)
}
