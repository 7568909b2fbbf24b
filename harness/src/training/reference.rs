//! The dataset of a run and the features that its images are compared with.

use std::path::{Path, PathBuf};

use bench_data::datasets::{self, DataError, Dataset, ImageCache, LoadOptions, Split};
use bench_metrics::{OnnxExtractor, Protocol};

use super::config::EvaluationConfig;
use crate::evaluation::{FeatureCache, Measured, measure_split};

/// The dataset inside the program, for where another one is missing.
pub const EMBEDDED_DATASET: &str = "shapes";

/// Seed of the embedded dataset: it is one dataset, whatever the seeds of the runs.
const EMBEDDED_SEED: u64 = 0;

/// The protocol by which runs are scored.
pub const PROTOCOL: Protocol = Protocol::TorchFidelity;

/// Where datasets are read from.
pub struct DataFolder {
    /// The folder that holds their files.
    pub path: PathBuf,
    /// Where their decoded images are kept, if they are.
    pub cache: Option<ImageCache>,
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
    measured: Option<(Asked, Measured)>,
}

/// Which images are compared with: how many, of which split.
type Asked = (usize, Split);

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
    /// all: the cache may hold them. A split other than the one trained on is read from `data`.
    ///
    /// # Errors
    /// If the split cannot be read or the extractor fails.
    pub fn measure(
        &mut self,
        evaluation: &EvaluationConfig,
        data: &DataFolder,
        extractor: &mut OnnxExtractor,
        cache: &FeatureCache,
    ) -> anyhow::Result<()> {
        let asked = (evaluation.reference, evaluation.split);
        if self.measured.as_ref().is_some_and(|(known, _)| *known == asked) {
            return Ok(());
        }
        let (wanted, split) = asked;
        let measured = match split == self.dataset.split {
            true => measure_split(&self.dataset, wanted, extractor, PROTOCOL, cache)?,
            false => {
                let other = load(&self.asked_for, split, self.image_size, data)?;
                measure_split(&other, wanted, extractor, PROTOCOL, cache)?
            }
        };
        self.measured = Some((asked, measured));
        Ok(())
    }

    /// The features of `wanted` images of the train split (all, if it has fewer), drawn as those
    /// of [`Self::measure`].
    ///
    /// # Errors
    /// If the extractor fails.
    pub fn measure_train(
        &self,
        wanted: usize,
        extractor: &mut OnnxExtractor,
        cache: &FeatureCache,
    ) -> anyhow::Result<Measured> {
        measure_split(&self.dataset, wanted, extractor, PROTOCOL, cache)
    }

    /// What the last [`Self::measure`] found.
    pub fn measured(&self) -> Option<&Measured> {
        self.measured.as_ref().map(|(_, measured)| measured)
    }
}

/// A split of the dataset called `name`, at a size.
fn load(name: &str, split: Split, size: u32, data: &DataFolder) -> Result<Dataset, DataError> {
    let options = LoadOptions {
        size: Some(size),
        seed: EMBEDDED_SEED,
        cache: data.cache.as_ref(),
        ..Default::default()
    };
    crate::commands::load_dataset(name, split, &data.path, &options)
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
    let options = LoadOptions { limit: Some(1), ..Default::default() };
    match datasets::load(dataset, Split::Train, Some(data), &options) {
        Ok(_) => Ok(true),
        Err(DataError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
