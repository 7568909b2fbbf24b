//! The subcommands of `bench`, a file each.

#[cfg(feature = "train")]
pub mod all;
pub mod background;
#[cfg(feature = "train")]
pub mod cancel;
pub mod compare;
pub mod data;
pub mod doctor;
pub mod eval;
pub mod extraction;
pub mod extractor;
pub mod features;
#[cfg(feature = "train")]
mod fetch_missing;
#[cfg(feature = "train")]
pub mod job;
pub mod list;
pub mod metric_options;
mod patience;
pub mod report;
#[cfg(feature = "train")]
pub mod run;
#[cfg(feature = "train")]
pub mod samples;
mod statistics_file;
pub mod stats;
pub mod status;
#[cfg(feature = "train")]
pub mod study;
#[cfg(feature = "train")]
pub mod submit;
#[cfg(feature = "train")]
pub mod verify;
pub mod weights;
#[cfg(feature = "train")]
pub mod work;

use std::cell::RefCell;
use std::ffi::OsStr;
use std::path::Path;

use bench_data::datasets::{self, DataError, Dataset, LoadOptions, Split, Stage};

use crate::console;
use crate::progress::Progress;

/// Loads a split with a progress bar; what comes from the cache of decoded images needs none.
pub(crate) fn load_dataset(
    name: impl AsRef<OsStr>,
    split: Split,
    data: &Path,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let name = name.as_ref();
    let shown = name.display();
    let (reading, bar) = (RefCell::new(None), RefCell::new(None));
    let show = |stage: Stage, done: usize, total: usize| {
        let (bar, what) = match stage {
            Stage::Reading => (&reading, "reading"),
            Stage::Making => (&bar, "loading"),
        };
        let mut bar = bar.borrow_mut();
        let bar = bar
            .get_or_insert_with(|| Progress::new(format!("{what} {shown}:{split}"), total as u64));
        bar.set(done as u64, "");
    };
    let options = LoadOptions { progress: Some(&show), ..*options };
    let dataset = datasets::load(name, split, Some(data), &options)?;
    if let Some(bar) = reading.into_inner() {
        bar.clear();
    }
    let Dataset { n, provenance, notes, .. } = &dataset;
    match bar.into_inner() {
        Some(bar) => bar.finish(format!("{n} images: {provenance}")),
        None => console::line(&format!(
            "{shown}:{split}: {n} images from the cache, decoded from {provenance}"
        )),
    }
    for note in notes {
        log::warn!("{shown}:{split}: {note}");
    }
    Ok(dataset)
}
