//! A dataset as the networks take it.

use bench_data::datasets::{self, Dataset};
use bench_models::ModelError;
use bench_models::images::{ImageShape, LabelledImages};

use super::config::RunConfig;
use super::error::{ConfigError, RunError};

/// The images of `dataset` with their labels; of one without labels, all in one class.
///
/// # Errors
/// If the labels do not fit the images.
pub fn labelled(dataset: &Dataset) -> Result<LabelledImages<'_>, ModelError> {
    let Dataset { height, width, channels, .. } = *dataset;
    let shape = ImageShape { height, width, channels };
    match &dataset.labels {
        Some(labels) => LabelledImages::new(&dataset.images, labels, shape, dataset.classes.len()),
        None => LabelledImages::unlabelled(&dataset.images, shape),
    }
}

/// Refuses images of one's own that are not there, or have no labels where the variant needs them, before a run starts.
///
/// # Errors
/// Those of [`datasets::find`], and [`ConfigError::Invalid`].
pub fn check(config: &RunConfig) -> Result<(), RunError> {
    let RunConfig { variant, dataset, .. } = config;
    // All datasets of the program have labels, and may be missing.
    if datasets::known(dataset).is_some() || !datasets::find(dataset)?.classes().is_empty() {
        return Ok(());
    }
    if config.variant()?.conditional {
        return Err(ConfigError::Invalid(format!(
            "variant `{variant}` needs labels, and {dataset} has none; arrange the images in class folders, \
             or choose a variant without labels (see `bench list variants`)"
        ))
        .into());
    }
    Ok(())
}
