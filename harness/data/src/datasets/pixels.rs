//! Pixels in memory or in a file that is mapped into it, and their hash.

use std::ops::{Deref, Range};
use std::sync::Arc;

use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::resize::Shape;
use crate::files::hexadecimal;

/// The bytes of images, wherever they lie; use it as the `[u8]` that it dereferences to.
#[derive(Clone, Debug)]
pub struct Pixels(Place);

#[derive(Clone, Debug)]
enum Place {
    Memory(Vec<u8>),
    File { map: Arc<Mmap>, pixels: Range<usize> },
}

impl Pixels {
    /// The bytes `pixels` of a mapped file, which must have them.
    pub(super) fn mapped(map: Mmap, pixels: Range<usize>) -> Self {
        Self(Place::File { map: Arc::new(map), pixels })
    }

    /// Whether they lie in a file of the cache: then the system reads what is looked at, and forgets it again where
    /// memory is short.
    #[must_use]
    pub fn are_mapped(&self) -> bool {
        matches!(self.0, Place::File { .. })
    }
}

impl Deref for Pixels {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Place::Memory(bytes) => bytes,
            Place::File { map, pixels } => &map[pixels.clone()],
        }
    }
}

impl From<Vec<u8>> for Pixels {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Place::Memory(bytes))
    }
}

impl PartialEq for Pixels {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Pixels {}

/// The pixels of a split, hashed.
pub(super) struct HashedPixels {
    pub(super) pixels: Pixels,
    /// Of the extents and the pixels.
    hasher: Sha256,
}

impl HashedPixels {
    /// Hashes the pixels of `n` images.
    pub(super) fn new(pixels: Pixels, n: usize, shape: Shape) -> Self {
        let mut hasher = Sha256::new();
        for extent in [n, shape.height, shape.width, shape.channels] {
            hasher.update((extent as u64).to_le_bytes());
        }
        hasher.update(&*pixels);
        Self { pixels, hasher }
    }

    /// SHA-256 over the extents and the pixels.
    pub(super) fn checksum(&self) -> [u8; 32] {
        self.hasher.clone().finalize().into()
    }

    /// [`Dataset::sha256`](super::Dataset::sha256) of these pixels with these labels.
    pub(super) fn sha256_with(&self, labels: Option<&[u32]>) -> String {
        let mut hasher = self.hasher.clone();
        for label in labels.into_iter().flatten() {
            hasher.update(label.to_le_bytes());
        }
        hexadecimal(&hasher.finalize())
    }
}
