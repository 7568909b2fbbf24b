//! What the images of a source are, found out and said before any of them is scored.

use std::cell::RefCell;

use bench_data::source::{BadImages, Origin, Source};
use serde::Serialize;

use super::{EvaluationError, Known};
use crate::progress::Progress;

/// Where the images of a side come from.
#[derive(Clone, Debug, Serialize)]
pub struct SideOrigin {
    /// The source and its content.
    #[serde(flatten)]
    pub origin: Origin,
    /// Images that could not be read and were left out.
    pub skipped: usize,
}

/// Reads the files of a source, with a progress bar, and decodes none. `Origin::notes` says what was left
/// out and what becomes of images that are more than plain RGB.
///
/// # Errors
/// If a file cannot be read, unless bad images are skipped.
pub fn look_at(source: &Source, bad_images: BadImages) -> Result<Origin, EvaluationError> {
    let total = source.len() as u64;
    let progress = RefCell::new(Progress::new(format!("reading {}", source.name()), total));
    let report = |done: usize, _| progress.borrow_mut().set(done as u64, "");
    let origin = source.origin(bad_images, &report)?;
    progress.into_inner().clear();
    Ok(origin)
}

/// What is to be said of a reference that is a test split.
#[must_use]
pub fn test_split(reference: &Known) -> Option<String> {
    let split = match reference {
        Known::Images(images) => images.origin().origin.split.clone(),
        Known::Statistics(statistics) => statistics.origin().remove("split"),
    };
    (split.as_deref() == Some("test")).then(|| {
        "the reference is a test split: most published values are against the train split"
            .to_owned()
    })
}
