//! What the images of a source are, found out and said before any of them is scored.

use bench_data::files::Tally;
use bench_data::source::{BadImages, Origin, Source};
use bench_metrics::Protocol;
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

/// Reads the files of a source, with a progress bar, and decodes none. `Origin::notes` says what was left out and what
/// `protocol`'s program would do otherwise.
///
/// # Errors
/// If a file cannot be read, unless bad images are skipped.
pub fn look_at(
    source: &Source,
    protocol: Protocol,
    bad_images: BadImages,
) -> Result<Origin, EvaluationError> {
    let total = source.len() as u64;
    let progress =
        std::cell::RefCell::new(Progress::new(format!("reading {}", source.name()), total));
    let report = |done: usize, _| progress.borrow_mut().set(done as u64, "");
    let mut origin = source.origin(bad_images, &report)?;
    progress.into_inner().clear();
    origin.notes.extend(passed_over(source, protocol));
    Ok(origin)
}

/// Images that `protocol`'s program passes over, since it tells capital letters from small ones, and that are taken here.
fn passed_over(source: &Source, protocol: Protocol) -> Option<String> {
    if protocol.takes_any_case() {
        return None;
    }
    let mut capitals = Tally::default();
    for path in (0..source.len()).filter_map(|index| source.path_of(index)) {
        let extension = path.extension().unwrap_or_default();
        if !protocol.extensions().iter().any(|known| extension == *known) {
            capitals.add(&path.file_name().unwrap_or_default().to_string_lossy());
        }
    }
    let Tally { count, example } = &capitals;
    (*count > 0).then(|| {
        format!(
            "{}: {count} of its images, such as {example}, end in capital letters: they are taken, and {protocol} itself \
             passes over them",
            source.name()
        )
    })
}

/// The reference is a test split.
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
