//! A dataset as the networks take it.

use bench_models::ModelError;
use bench_models::images::{ImageShape, LabelledImages};

use crate::datasets::Dataset;

/// The images of `dataset` with their labels.
///
/// # Errors
/// If the dataset has no labels.
pub fn labelled(dataset: &Dataset) -> Result<LabelledImages<'_>, ModelError> {
    let Dataset { height, width, channels, .. } = *dataset;
    let shape = ImageShape { height, width, channels };
    let labels = dataset.labels.as_deref().unwrap_or_default();
    LabelledImages::new(&dataset.images, labels, shape, dataset.classes.len())
}
