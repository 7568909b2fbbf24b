//! CIFAR-10: 60 000 colour photographs of 32x32 pixels in ten classes (Krizhevsky 2009, "Learning
//! multiple layers of features from tiny images").
//!
//! Below `--data DIR` these are looked for, in this order, each of them in `DIR` and then in
//! `DIR/cifar10`:
//!
//! 1. the official binary version, unpacked: `cifar-10-batches-bin/` (or the place itself, if it
//!    holds `data_batch_1.bin`);
//! 2. its archive: `cifar-10-binary.tar.gz`, read without unpacking it to the disk;
//! 3. the official python version, unpacked: `cifar-10-batches-py/` (or the place itself, if it
//!    holds `data_batch_1`), its pickles read as data;
//! 4. its archive: `cifar-10-python.tar.gz`;
//! 5. class folders: `train/<class>/*.png` and `test/<class>/*.png` (or any other image format);
//! 6. class folders in a zip archive: `cifar10*.zip` or `cifar-10*.zip`, the first by name.
//!
//! Class folders may hold re-encoded images, so only the official bytes count as comparable.

mod binary;
mod official;
pub mod python;

use std::fs;
use std::path::{Path, PathBuf};

use super::class_folders;
use super::labelled_files::{Fit, LabelledFiles};
use super::published::{self, Publication};
use super::{DataError, DatasetSource, LoadOptions, NativeImages, Split};
use official::Release;

pub use official::Batch;

const HINT: &str = "put `CIFAR-10 binary version` (or `python version`) from \
    https://www.cs.toronto.edu/~kriz/cifar.html into the data folder, \
    and name that folder by `--data DIR`";

/// See the [module](self).
pub(super) struct Cifar10;

impl DatasetSource for Cifar10 {
    fn name(&self) -> &'static str {
        "cifar10"
    }

    fn about(&self) -> &'static str {
        "CIFAR-10: 60 000 photographs, 32x32 RGB, 10 classes (Krizhevsky 2009)"
    }

    fn classes(&self) -> Vec<&str> {
        official::CLASSES.to_vec()
    }

    fn split_len(&self, split: Split) -> usize {
        match split {
            Split::Train => 50_000,
            Split::Test => 10_000,
        }
    }

    fn needs_files(&self) -> bool {
        true
    }

    fn published(&self) -> Option<&'static Publication> {
        Some(&published::CIFAR10)
    }

    fn read(
        &self,
        split: Split,
        data_dir: Option<&Path>,
        options: &LoadOptions<'_>,
    ) -> Result<NativeImages, DataError> {
        let places: Vec<PathBuf> =
            data_dir.into_iter().flat_map(|dir| published::CIFAR10.places(dir)).collect();
        let mut looked_at = Vec::new();
        for layout in LAYOUTS {
            for place in &places {
                if let Some(images) = layout(place, split, options, &mut looked_at)? {
                    return Ok(images);
                }
            }
        }
        Err(DataError::NotFound { name: self.name().to_owned(), looked_at, hint: HINT })
    }
}

/// Reads the split from a place if the layout is there, and else notes where it looked.
type Layout = fn(
    place: &Path,
    split: Split,
    options: &LoadOptions<'_>,
    looked_at: &mut Vec<PathBuf>,
) -> Result<Option<NativeImages>, DataError>;

/// In order of preference.
const LAYOUTS: [Layout; 6] = [
    |place, split, options, looked_at| {
        official_folder(&binary::BINARY, place, split, options, looked_at)
    },
    |place, split, options, looked_at| {
        official_archive(&binary::BINARY, place, split, options, looked_at)
    },
    |place, split, options, looked_at| {
        official_folder(&python::PYTHON, place, split, options, looked_at)
    },
    |place, split, options, looked_at| {
        official_archive(&python::PYTHON, place, split, options, looked_at)
    },
    plain_folders,
    zipped_folders,
];

fn official_folder(
    release: &Release,
    place: &Path,
    split: Split,
    options: &LoadOptions<'_>,
    looked_at: &mut Vec<PathBuf>,
) -> Result<Option<NativeImages>, DataError> {
    for folder in [place.join(release.folder), place.to_owned()] {
        let first = folder.join(release.train[0]);
        if first.is_file() {
            return release.read_folder(&folder, split, options).map(Some);
        }
        looked_at.push(first);
    }
    Ok(None)
}

fn official_archive(
    release: &Release,
    place: &Path,
    split: Split,
    options: &LoadOptions<'_>,
    looked_at: &mut Vec<PathBuf>,
) -> Result<Option<NativeImages>, DataError> {
    let archive = place.join(release.archive);
    if archive.is_file() {
        return release.read_archive(&archive, split, options).map(Some);
    }
    looked_at.push(archive);
    Ok(None)
}

fn plain_folders(
    place: &Path,
    split: Split,
    options: &LoadOptions<'_>,
    looked_at: &mut Vec<PathBuf>,
) -> Result<Option<NativeImages>, DataError> {
    match class_folders::in_folder(place, split, &official::CLASSES)? {
        Some(files) => {
            let provenance = format!("{} (class folders)", place.display());
            Ok(Some(native(files, provenance, options)))
        }
        None => {
            looked_at.push(place.join(split.name()).join("<class>"));
            Ok(None)
        }
    }
}

fn zipped_folders(
    place: &Path,
    split: Split,
    options: &LoadOptions<'_>,
    looked_at: &mut Vec<PathBuf>,
) -> Result<Option<NativeImages>, DataError> {
    for archive in zip_archives(place) {
        if let Some(files) = class_folders::in_archive(&archive, split, &official::CLASSES)? {
            let provenance = format!("{} (class folders, zipped)", archive.display());
            return Ok(Some(native(files, provenance, options)));
        }
    }
    looked_at.push(place.join("cifar10*.zip"));
    Ok(None)
}

/// Images of class folders, which must have the size of the official ones.
fn native(files: LabelledFiles, provenance: String, options: &LoadOptions<'_>) -> NativeImages {
    let files = files.limited(options.limit);
    files.fitted(Fit::Exact, official::SIDE, class_folders::HINT, provenance)
}

/// `cifar10*.zip` and `cifar-10*.zip` in a folder, sorted; none where it cannot be listed.
fn zip_archives(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut archives: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            let named = name.starts_with("cifar10") || name.starts_with("cifar-10");
            // `cifar100` is another dataset.
            let other = name.starts_with("cifar100") || name.starts_with("cifar-100");
            named && !other && name.ends_with(".zip") && path.is_file()
        })
        .collect();
    archives.sort();
    archives
}

#[cfg(test)]
mod tests;
