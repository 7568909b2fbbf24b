//! The dataset of a run and the features that its images are compared with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bench_data::datasets::{self, DataError, Dataset, ImageCache, LoadOptions, Split};
use bench_metrics::Protocol;

use super::error::RunError;
use super::extractors::Extractors;
use crate::evaluation::{EvaluationConfig, FeatureCache, Measured, measure_split};

/// Seed of datasets that the program draws: each is one dataset, whatever the seeds of the runs.
const EMBEDDED_SEED: u64 = 0;

/// Where datasets are read from.
pub struct DataFolder {
    /// The folder that holds their files.
    pub path: PathBuf,
    /// Where their decoded images are kept, if they are.
    pub cache: Option<ImageCache>,
    /// The colour that transparent images are blended with, if any.
    pub background: Option<[u8; 3]>,
}

/// A dataset, and the features of its reference images once they are asked for.
pub struct Reference {
    /// The train split, at the size that is trained at.
    pub dataset: Dataset,
    /// What is said of every run on it, if it stands in for a dataset that was not found.
    pub fallback: Option<String>,
    /// The name or path that it was asked for by.
    asked_for: String,
    image_size: u32,
    measured: Option<(Asked, Arc<Measured>)>,
}

/// Which images are compared with, and how they are seen: how many, of which split, under which protocol.
type Asked = (u64, Split, Protocol);

impl Reference {
    /// Loads the train split of the dataset called `name`, or of the images at that path.
    ///
    /// # Errors
    /// If its files are missing or damaged.
    pub fn load(name: &str, image_size: u32, data: &DataFolder) -> Result<Self, DataError> {
        let dataset = load(name, Split::Train, image_size, data)?;
        let asked_for = name.to_owned();
        Ok(Self { dataset, fallback: None, asked_for, image_size, measured: None })
    }

    /// Whether this is the dataset asked for by `name` at that size.
    pub fn is(&self, name: &str, image_size: u32) -> bool {
        self.asked_for == name && self.image_size == image_size
    }

    /// The features of the images that an evaluation compares with (all of the split, if it has
    /// fewer), drawn without replacement by `RandomState(2020)`. They are extracted once, if at
    /// all: the last ones are kept, and the cache may hold them. A split other than the one trained on is read from `data`.
    ///
    /// # Errors
    /// If the split cannot be read or the extractor fails.
    pub fn measure(
        &mut self,
        evaluation: &EvaluationConfig,
        data: &DataFolder,
        extractors: &mut Extractors,
        cache: &FeatureCache,
    ) -> Result<Arc<Measured>, RunError> {
        let protocol = evaluation.plan.protocol;
        let asked = (evaluation.reference(), evaluation.split(), protocol);
        if let Some((_, measured)) = self.measured.as_ref().filter(|(known, _)| *known == asked) {
            return Ok(Arc::clone(measured));
        }
        let (wanted, split, _) = asked;
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let other = match split == self.dataset.split {
            true => None,
            false => Some(load(&self.asked_for, split, self.image_size, data)?),
        };
        let dataset = other.as_ref().unwrap_or(&self.dataset);
        let extractor = extractors.under(protocol).map_err(RunError::Features)?;
        let measured = measure_split(dataset, wanted, extractor, protocol, cache);
        let measured = Arc::new(measured.map_err(RunError::Features)?);
        self.measured = Some((asked, Arc::clone(&measured)));
        Ok(measured)
    }

    /// The features of `wanted` images of the train split (all, if it has fewer), drawn as those
    /// of [`Self::measure`].
    ///
    /// # Errors
    /// If the extractor fails.
    pub fn measure_train(
        &self,
        wanted: u64,
        protocol: Protocol,
        extractors: &mut Extractors,
        cache: &FeatureCache,
    ) -> Result<Measured, RunError> {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let extractor = extractors.under(protocol).map_err(RunError::Features)?;
        measure_split(&self.dataset, wanted, extractor, protocol, cache).map_err(RunError::Features)
    }
}

/// A split of the dataset called `name`, at a size.
fn load(name: &str, split: Split, size: u32, data: &DataFolder) -> Result<Dataset, DataError> {
    let options = LoadOptions {
        size: Some(size),
        seed: EMBEDDED_SEED,
        cache: data.cache.as_ref(),
        background: data.background,
        ..Default::default()
    };
    crate::commands::load_dataset(name, split, &data.path, &options)
}

/// What is said of every run on the dataset inside the program that stands in for `missing` ones.
pub fn fallback_note(stand_in: &str, missing: &[&str]) -> String {
    let names = missing.join("`, `");
    format!(
        "dataset `{names}` was not found: the embedded dataset `{stand_in}` stands in, and these numbers say nothing of \
         `{names}`"
    )
}

/// Whether the files of `dataset` are there, without reading them all.
///
/// # Errors
/// Any [`DataError`] but that the dataset is missing.
pub fn is_available(dataset: &str, data: &Path) -> Result<bool, DataError> {
    let options = LoadOptions { limit: Some(1), ..Default::default() };
    match datasets::load(dataset, Split::Train, Some(data), &options) {
        Ok(_) => Ok(true),
        Err(DataError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
