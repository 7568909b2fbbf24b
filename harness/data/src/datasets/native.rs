//! Images as a source delivers them, before resizing and hashing.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{DataError, LoadOptions};
use crate::files::hexadecimal;

/// Images as a source delivers them, before resizing and hashing.
#[derive(Debug)]
pub struct NativeImages {
    /// The pixels, or where they come from.
    pub images: NativePixels,
    /// `[n]` class indices.
    pub labels: Option<Vec<u32>>,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// 1 or 3.
    pub channels: usize,
    /// Path and layout.
    pub provenance: String,
    /// Whether the bytes are those of the official release.
    pub official: bool,
}

/// Where the pixels of a split come from.
#[derive(Debug)]
pub enum NativePixels {
    /// They are there: `[n, height, width, channels]` bytes.
    Raw(Vec<u8>),
    /// They have to be decoded, which [`load`](super::load) does once: see [`ImageCache`](super::ImageCache).
    Encoded(Box<dyn EncodedImages>),
}

/// Images in files that have to be decoded.
pub trait EncodedImages: fmt::Debug {
    /// Number of images.
    fn count(&self) -> usize;

    /// Looks at every file and decodes none.
    ///
    /// # Errors
    /// A [`DataError`] naming a file that cannot be read.
    fn look_at(&self, options: &LoadOptions<'_>) -> Result<Content, DataError>;

    /// Decodes every image: `[n, height, width, channels]` bytes.
    ///
    /// # Errors
    /// A [`DataError`] naming a file that is missing, damaged, or of the wrong size.
    fn decode(&self, options: &LoadOptions<'_>) -> Result<Vec<u8>, DataError>;
}

/// What is known of images before they are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Tells what the pixels follow from, but for their size: a SHA-256 and what else they depend on.
    pub key: String,
    /// What becomes of images that are more than plain RGB: one sentence a kind.
    pub notes: Vec<String>,
}

impl NativePixels {
    /// Number of images of `image_len` bytes.
    pub(super) fn count(&self, image_len: usize) -> usize {
        match self {
            Self::Raw(pixels) => pixels.len() / image_len,
            Self::Encoded(images) => images.count(),
        }
    }

    /// Whether they have to be decoded.
    pub(super) fn are_encoded(&self) -> bool {
        matches!(self, Self::Encoded(_))
    }

    /// The pixels, which are taken away, or decoded.
    pub(super) fn take(&mut self, options: &LoadOptions<'_>) -> Result<Vec<u8>, DataError> {
        match self {
            Self::Raw(pixels) => Ok(std::mem::take(pixels)),
            Self::Encoded(images) => images.decode(options),
        }
    }

    /// What the pixels, or those of the files that they are decoded from, are told by.
    pub(super) fn look_at(&self, options: &LoadOptions<'_>) -> Result<Content, DataError> {
        match self {
            Self::Raw(pixels) => {
                Ok(Content { key: hexadecimal(&Sha256::digest(pixels)), notes: Vec::new() })
            }
            Self::Encoded(images) => images.look_at(options),
        }
    }
}
