//! The official release: five batches of training images and one of test images, 10 000 images each, in a folder or in
//! the archive as published.
//!
//! It comes in two forms with the same pixels and labels, the binary version ([`binary`](super::binary)) and the python
//! version ([`python`](super::python)).

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::files::FileError;

use super::super::{DataError, LoadOptions, NativeImages, NativePixels, Split, Stage, tar_gz};

/// Class names by label, in the order of `batches.meta.txt`.
pub(super) const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Rows and columns of an image.
pub(super) const SIDE: u32 = 32;

/// Pixels of one colour of an image.
const PLANE: usize = 32 * 32;

/// Bytes of an image: 1024 red, 1024 green, 1024 blue, each plane row by row from the top left.
pub(super) const IMAGE_LEN: usize = 3 * PLANE;

/// Images of a batch.
pub(super) const BATCH_IMAGES: usize = 10_000;

/// A form in which the release comes.
pub(super) struct Release {
    /// What provenances call it.
    pub(super) kind: &'static str,
    /// Name of the unpacked folder.
    pub(super) folder: &'static str,
    /// Name of the archive.
    pub(super) archive: &'static str,
    /// Batches of training images, in order.
    pub(super) train: [&'static str; 5],
    /// The batch of test images.
    pub(super) test: &'static str,
    /// Most bytes of a batch.
    pub(super) max_len: usize,
    /// Takes a file apart; the error is the reason.
    pub(super) parse: fn(&[u8]) -> Result<Batch, String>,
    /// What to do about a damaged file.
    pub(super) hint: &'static str,
}

/// The contents of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// `[n]` class indices.
    pub labels: Vec<u8>,
    /// `[n, 3, 32, 32]` bytes.
    pub planes: Vec<u8>,
}

impl Release {
    fn batch_names(&self, split: Split) -> &[&'static str] {
        match split {
            Split::Train => &self.train,
            Split::Test => std::slice::from_ref(&self.test),
        }
    }

    /// Reads the batch files of an unpacked folder.
    pub(super) fn read_folder(
        &self,
        folder: &Path,
        split: Split,
        options: &LoadOptions<'_>,
    ) -> Result<NativeImages, DataError> {
        let names = self.batch_names(split);
        let mut images = Images::new(self, split, options);
        for (position, name) in names.iter().enumerate() {
            if images.are_enough(position) {
                break;
            }
            let path = folder.join(name);
            let failed = |source| FileError::io("read", &path, source);
            let file = File::open(&path).map_err(failed)?;
            images.batches[position] = Some(self.read_batch(file, &path)?);
            options.report(
                Stage::Making,
                (position + 1) * BATCH_IMAGES,
                names.len() * BATCH_IMAGES,
            );
        }
        images.join(folder, format!("{} (official {})", folder.display(), self.kind))
    }

    /// Reads the batch files out of the archive in one pass, nothing written to the disk.
    pub(super) fn read_archive(
        &self,
        path: &Path,
        split: Split,
        options: &LoadOptions<'_>,
    ) -> Result<NativeImages, DataError> {
        let names = self.batch_names(split);
        let damaged = |error: io::Error| DataError::malformed(path, error.to_string(), self.hint);
        let mut archive = tar_gz::open(path)?;
        let mut images = Images::new(self, split, options);
        let mut found = 0;
        for entry in tar_gz::files(&mut archive).map_err(damaged)? {
            let entry = entry.map_err(damaged)?;
            let member = entry.path().map_err(damaged)?.into_owned();
            let position = names.iter().position(|&name| member.file_name() == Some(name.as_ref()));
            let Some(position) = position else { continue };
            if images.batches[position].is_some() {
                let reason = format!("it has two members called {}", names[position]);
                return Err(DataError::malformed(path, reason, self.hint));
            }
            images.batches[position] = Some(self.read_batch(entry, &path.join(&member))?);
            found += 1;
            options.report(Stage::Making, found * BATCH_IMAGES, names.len() * BATCH_IMAGES);
            if found == names.len() {
                break;
            }
        }
        images.join(path, format!("{} (official archive, {})", path.display(), self.kind))
    }

    /// Reads one whole batch; what is longer than any is refused without reading it to its end.
    fn read_batch(&self, reader: impl Read, path: &Path) -> Result<Batch, DataError> {
        let refused = |reason: String| DataError::malformed(path, reason, self.hint);
        let mut bytes = Vec::new();
        reader
            .take(self.max_len as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| refused(error.to_string()))?;
        if bytes.len() > self.max_len {
            return Err(refused(format!("it has more than {} bytes", self.max_len)));
        }
        let batch = (self.parse)(&bytes).map_err(refused)?;
        if let Some(at) = batch.labels.iter().position(|&label| usize::from(label) >= CLASSES.len())
        {
            let label = batch.labels[at];
            return Err(refused(format!("its image {at} has label {label}, above 9")));
        }
        match (batch.labels.len(), batch.planes.len()) {
            (BATCH_IMAGES, len) if len == BATCH_IMAGES * IMAGE_LEN => Ok(batch),
            (labels, len) => Err(refused(format!(
                "it has {labels} labels and {len} bytes of pixels, not {BATCH_IMAGES} and {}",
                BATCH_IMAGES * IMAGE_LEN
            ))),
        }
    }
}

/// The batches of a split, by position, and how many images of them are wanted.
struct Images<'r> {
    release: &'r Release,
    split: Split,
    wanted: usize,
    batches: Vec<Option<Batch>>,
}

impl<'r> Images<'r> {
    fn new(release: &'r Release, split: Split, options: &LoadOptions<'_>) -> Self {
        let count = release.batch_names(split).len();
        let wanted = options.limited(count * BATCH_IMAGES);
        Self { release, split, wanted, batches: (0..count).map(|_| None).collect() }
    }

    /// Whether the first `count` batches hold all the images that are wanted.
    fn are_enough(&self, count: usize) -> bool {
        count * BATCH_IMAGES >= self.wanted
    }

    fn join(self, place: &Path, provenance: String) -> Result<NativeImages, DataError> {
        let mut images = Vec::with_capacity(self.wanted * IMAGE_LEN);
        let mut labels = Vec::with_capacity(self.wanted);
        for (name, batch) in self.release.batch_names(self.split).iter().zip(&self.batches) {
            let left = self.wanted - labels.len();
            if left == 0 {
                break;
            }
            let Some(batch) = batch else {
                let reason = format!("it has no {name}");
                return Err(DataError::malformed(place, reason, self.release.hint));
            };
            labels.extend(batch.labels.iter().take(left).map(|&label| u32::from(label)));
            for planes in batch.planes.chunks_exact(IMAGE_LEN).take(left) {
                interleave(planes, &mut images);
            }
        }
        Ok(NativeImages {
            images: NativePixels::Raw(images),
            labels: Some(labels),
            height: SIDE as usize,
            width: SIDE as usize,
            channels: 3,
            provenance,
            official: true,
        })
    }
}

/// Three planes to one row of RGB pixels.
fn interleave(planes: &[u8], images: &mut Vec<u8>) {
    let (red, rest) = planes.split_at(PLANE);
    let (green, blue) = rest.split_at(PLANE);
    for ((&red, &green), &blue) in red.iter().zip(green).zip(blue) {
        images.extend_from_slice(&[red, green, blue]);
    }
}
