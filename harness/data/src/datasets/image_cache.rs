//! Decoded images, kept so that a split is decoded and resized once.
//!
//! What takes longer to make than to hash is kept: images that are decoded from files or resized, and not those that lie
//! in their files as bytes or are drawn. An entry is a file whose name and header come from everything that its pixels
//! depend on; it is mapped into memory. Whatever is wrong with the cache costs time and no more: it is said on standard
//! error, and images are decoded as if there were none.

mod entry;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::conversion::Conversion;
use super::native::{Content, NativePixels};
use super::pixels::HashedPixels;
use super::resize::Shape;
use super::{DataError, LoadOptions, Split};
use crate::cache::{DEFAULT_MAX_BYTES, EntryError, EntryFolder, EntryKind};

/// Version of the entries. Raise it when an entry's layout changes, or the pixels of the same file do.
const VERSION: u32 = 3;

/// A folder of decoded images, which several processes may share.
#[derive(Debug)]
pub struct ImageCache {
    folder: EntryFolder,
    /// Set once an entry could not be written: the next one could not be either.
    is_full: AtomicBool,
}

/// Everything that the pixels of a split depend on.
struct ImageKey {
    text: String,
    n: usize,
    shape: Shape,
}

impl ImageKey {
    fn new((name, split): (&str, Split), conversion: Conversion, content_sha256: &str) -> Self {
        let Conversion { n, to, .. } = conversion;
        let text = format!(
            "bench images {VERSION}\nprogram {}\ndataset {name}:{split}\nfiles {content_sha256}\nimages {n} x {} x {} x {}\n",
            env!("CARGO_PKG_VERSION"),
            to.height,
            to.width,
            to.channels,
        );
        Self { text, n, shape: to }
    }

    /// Bytes of the pixels.
    fn bytes(&self) -> usize {
        self.n * self.shape.len()
    }
}

impl ImageCache {
    /// The one in the user's [cache folder](crate::cache::cache_dir); `None` where there is no such folder.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        Some(Self::in_folder(EntryFolder::of_user(EntryKind::Images)?))
    }

    /// The one in the cache folder `cache`.
    #[must_use]
    pub fn at(cache: &Path) -> Self {
        Self::in_folder(EntryFolder::at(cache, EntryKind::Images, DEFAULT_MAX_BYTES))
    }

    fn in_folder(folder: EntryFolder) -> Self {
        Self { folder, is_full: AtomicBool::new(false) }
    }

    /// The pixels that are kept under `key`. A file that is damaged, or was made from something else, is named in
    /// a note and counts as absent.
    fn load(&self, key: &ImageKey) -> Option<HashedPixels> {
        let path = self.folder.path_of(&key.text);
        match entry::read(&path, key) {
            Ok(pixels) => {
                self.folder.mark_used(&path);
                Some(pixels)
            }
            Err(EntryError::Absent) => None,
            Err(error) => {
                let path = path.display();
                log::info!("images in the cache are decoded again: {path}: {error}");
                None
            }
        }
    }

    /// Keeps pixels under `key` and gives them back, mapped. Where they cannot be kept, a note says so once,
    /// and they stay as they are.
    fn keep(&self, key: &ImageKey, pixels: HashedPixels) -> HashedPixels {
        if self.is_full.load(Ordering::Relaxed) {
            return pixels;
        }
        match self.folder.write(&key.text, |file| entry::write(file, key, &pixels)) {
            Ok(()) => self.load(key).unwrap_or(pixels),
            Err(error) => {
                log::info!("decoded images are not kept for next time: {error}");
                self.is_full.store(true, Ordering::Relaxed);
                pixels
            }
        }
    }
}

/// The images of a split as they are asked for.
pub(super) struct Converted {
    pub(super) pixels: HashedPixels,
    /// What became of images that are more than plain RGB.
    pub(super) notes: Vec<String>,
}

/// The images of a split as they are asked for, from the cache of `options` if they are there.
pub(super) fn convert_once(
    split: (&str, Split),
    mut images: NativePixels,
    conversion: Conversion,
    options: &LoadOptions<'_>,
) -> Result<Converted, DataError> {
    let is_slow = images.are_encoded() || !conversion.keeps_size();
    if !is_slow {
        let pixels = conversion.apply(images.take(options)?);
        return Ok(Converted { pixels, notes: Vec::new() });
    }
    let Content { key, notes } = images.look_at(options)?;
    let key = ImageKey::new(split, conversion, &key);
    let pixels = match options.cache.and_then(|cache| cache.load(&key)) {
        Some(found) => found,
        None => {
            // Files that changed since they were looked at are refused as they are read.
            let made = conversion.apply(images.take(options)?);
            match options.cache {
                Some(cache) => cache.keep(&key, made),
                None => made,
            }
        }
    };
    Ok(Converted { pixels, notes })
}

#[cfg(test)]
mod tests;
