//! Features of reference images, kept so that they are extracted once.
//!
//! An entry is a file whose name and header come from everything that its features depend on. Whatever is wrong with
//! the cache costs time and no more: it is said on standard error, and features are extracted as if there were none.

mod entry;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use bench_data::cache::{DEFAULT_MAX_BYTES, EntryError, EntryFolder, EntryKind};
use bench_metrics::{Extractor, runtime};

use super::Measured;
use crate::device;
use crate::progress::Busy;

/// Version of the entries. Raise it when an entry's layout changes, or the features of the same image by the same
/// extractor do.
const VERSION: u32 = 4;

/// A folder of features, which several processes may share.
#[derive(Clone, Debug)]
pub struct FeatureCache {
    folder: Option<EntryFolder>,
    threads: usize,
}

/// While it lives, no other process makes the features of its key.
#[derive(Debug)]
pub struct Turn {
    path: PathBuf,
    /// Holds the operating system's lock.
    _file: File,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // While it is locked: whoever waits for it finds the features there.
        let _ = fs::remove_file(&self.path);
    }
}

/// Everything that the features of a set of images depend on, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureKey(String);

impl FeatureCache {
    /// The one in the user's [cache folder](bench_data::cache::cache_dir), for computing with `threads` threads.
    #[must_use]
    pub fn of_user(threads: usize) -> Self {
        Self { folder: EntryFolder::of_user(EntryKind::Features), threads }
    }

    /// The one in the cache folder `cache`, for computing with `threads` threads.
    #[must_use]
    pub fn at(cache: &Path, threads: usize) -> Self {
        let folder = EntryFolder::at(cache, EntryKind::Features, DEFAULT_MAX_BYTES);
        Self { folder: Some(folder), threads }
    }

    /// No cache: nothing is found and nothing kept.
    #[must_use]
    pub fn none() -> Self {
        Self { folder: None, threads: 0 }
    }

    /// Whether features are kept.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.folder.is_some()
    }

    /// The key of images with content hash `images` (`selection` says which of them), as `extractor` sees them under
    /// the protocol called `protocol`.
    ///
    /// The device if it is a GPU, the number of threads, whose convolutions are computed, and the version of ONNX Runtime, as far as its file's name
    /// tells, are part of the key: sums may depend on them in their last bits, and what comes from the cache is what would
    /// be computed without it.
    #[must_use]
    pub fn key(
        &self,
        images: &str,
        selection: &str,
        extractor: &dyn Extractor,
        protocol: &str,
    ) -> FeatureKey {
        let library = runtime::ensure_loaded().ok().and_then(Path::file_name).unwrap_or_default();
        let device = device::gpu_name(extractor.device());
        let device = device.map_or_else(String::new, |name| format!("device {name}\n"));
        FeatureKey(format!(
            "bench features {VERSION}\nprogram {}\nonnx runtime {}\nthreads {}\nextractor {}\nconvolutions {}\n\
             {device}protocol {protocol}\nimages {images}\nselection {selection}\n",
            env!("CARGO_PKG_VERSION"),
            library.display(),
            self.threads,
            extractor.sha256(),
            extractor.convolutions().name(),
        ))
    }

    /// What is kept under `key`. A file that is damaged, or was made from something else, is named on standard error
    /// and counts as absent.
    #[must_use]
    pub fn load(&self, key: &FeatureKey) -> Option<Measured> {
        let folder = self.folder.as_ref()?;
        let path = folder.path_of(&key.0);
        match entry::read(&path, &key.0) {
            Ok(measured) => {
                folder.mark_used(&path);
                Some(measured)
            }
            Err(EntryError::Absent) => None,
            Err(error) => {
                log::info!("features in the cache are made again: {}: {error}", path.display());
                None
            }
        }
    }

    /// Waits until no other process makes the features of `key`, so that they are made once. Where files cannot be locked, or
    /// there is no cache, nobody waits.
    #[must_use]
    pub fn turn(&self, key: &FeatureKey) -> Option<Turn> {
        let path = self.folder.as_ref()?.path_of(&key.0).with_extension("lock");
        fs::create_dir_all(path.parent()?).ok()?;
        let file = File::options().create(true).append(true).open(&path).ok()?;
        if file.try_lock().is_err() {
            let _busy = Busy::of("waiting for features that another process extracts");
            file.lock().ok()?;
        }
        Some(Turn { path, _file: file })
    }

    /// Keeps features under `key`; where that fails, standard error says so.
    pub fn store(&self, key: &FeatureKey, measured: &Measured) {
        let Some(folder) = &self.folder else { return };
        let kept = folder.write(&key.0, |file| entry::write(file, &key.0, measured));
        if let Err(error) = kept {
            log::info!("features are not kept for next time: {error}");
        }
    }
}

#[cfg(test)]
mod tests;
