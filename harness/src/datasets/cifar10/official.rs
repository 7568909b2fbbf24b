//! The official binary version: files of records, each a label byte and 3072 pixel bytes.
//!
//! A record is `label, 1024 red, 1024 green, 1024 blue`, each plane row by row from the top left.
//! Training images are in `data_batch_1.bin` to `data_batch_5.bin`, in that order, and test images
//! in `test_batch.bin`, 10 000 records a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::files::FileError;

use super::super::{DataError, LoadOptions, NativeImages, NativePixels, Split, tar_gz};

/// Class names by label, in the order of `batches.meta.txt`.
pub(super) const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Rows and columns of an image.
pub(super) const SIDE: u32 = 32;

const PLANE: usize = 32 * 32;
const RECORD: usize = 1 + 3 * PLANE;
const RECORDS_PER_BATCH: usize = 10_000;
const BATCH_LEN: usize = RECORD * RECORDS_PER_BATCH;

const HINT: &str = "download it again: a batch of CIFAR-10's binary version has 30730000 bytes";

fn batch_names(split: Split) -> &'static [&'static str] {
    match split {
        Split::Train => &[
            "data_batch_1.bin",
            "data_batch_2.bin",
            "data_batch_3.bin",
            "data_batch_4.bin",
            "data_batch_5.bin",
        ],
        Split::Test => &["test_batch.bin"],
    }
}

/// Reads the batch files of an unpacked folder.
pub(super) fn read_folder(
    folder: &Path,
    split: Split,
    options: &LoadOptions<'_>,
) -> Result<NativeImages, DataError> {
    let names = batch_names(split);
    let mut batches = Batches::new(split, options);
    for (position, name) in names.iter().enumerate() {
        if batches.are_enough(position) {
            break;
        }
        let path = folder.join(name);
        let failed = |source| FileError::io("read", &path, source);
        let file = File::open(&path).map_err(failed)?;
        batches.batch[position] = Some(read_batch(file, &path)?);
        options.report((position + 1) * RECORDS_PER_BATCH, names.len() * RECORDS_PER_BATCH);
    }
    batches.decode(folder, &format!("{} (official binary version)", folder.display()))
}

/// Reads the batch files out of `cifar-10-binary.tar.gz` in one pass, nothing written to the disk.
pub(super) fn read_archive(
    path: &Path,
    split: Split,
    options: &LoadOptions<'_>,
) -> Result<NativeImages, DataError> {
    let names = batch_names(split);
    let damaged = |error: io::Error| DataError::malformed(path, error.to_string(), HINT);
    let mut archive = tar_gz::open(path)?;
    let mut batches = Batches::new(split, options);
    let mut found = 0;
    for entry in tar_gz::files(&mut archive).map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let member = entry.path().map_err(damaged)?.into_owned();
        let position = names.iter().position(|&name| member.file_name() == Some(name.as_ref()));
        let Some(position) = position else { continue };
        if batches.batch[position].is_none() {
            batches.batch[position] = Some(read_batch(entry, &path.join(&member))?);
            found += 1;
            options.report(found * RECORDS_PER_BATCH, names.len() * RECORDS_PER_BATCH);
        }
        if found == names.len() {
            break;
        }
    }
    batches.decode(path, &format!("{} (official archive)", path.display()))
}

/// Reads one whole batch; a longer or shorter file is refused without reading it to its end.
fn read_batch(reader: impl Read, path: &Path) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::with_capacity(BATCH_LEN);
    reader
        .take(BATCH_LEN as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| DataError::malformed(path, error.to_string(), HINT))?;
    if bytes.len() != BATCH_LEN {
        let amount = if bytes.len() > BATCH_LEN { "more" } else { "fewer" };
        let reason = format!("it has {amount} than {BATCH_LEN} bytes");
        return Err(DataError::malformed(path, reason, HINT));
    }
    Ok(bytes)
}

/// The batches of a split, by position, and how many images of them are wanted.
struct Batches {
    split: Split,
    wanted: usize,
    batch: Vec<Option<Vec<u8>>>,
}

impl Batches {
    fn new(split: Split, options: &LoadOptions<'_>) -> Self {
        let count = batch_names(split).len();
        let wanted = options.limited(count * RECORDS_PER_BATCH);
        Self { split, wanted, batch: vec![None; count] }
    }

    /// Whether the first `count` batches hold all the images that are wanted.
    fn are_enough(&self, count: usize) -> bool {
        count * RECORDS_PER_BATCH >= self.wanted
    }

    fn decode(self, place: &Path, provenance: &str) -> Result<NativeImages, DataError> {
        let mut images = Vec::with_capacity(self.wanted * 3 * PLANE);
        let mut labels = Vec::with_capacity(self.wanted);
        for (name, batch) in batch_names(self.split).iter().zip(&self.batch) {
            let left = self.wanted - labels.len();
            if left == 0 {
                break;
            }
            let Some(batch) = batch else {
                let reason = format!("it has no {name}");
                return Err(DataError::malformed(place, reason, HINT));
            };
            for record in batch.chunks_exact(RECORD).take(left) {
                let label = record[0];
                if usize::from(label) >= CLASSES.len() {
                    let reason = format!("a record of {name} has label {label}, above 9");
                    return Err(DataError::malformed(place, reason, HINT));
                }
                labels.push(u32::from(label));
                interleave(&record[1..], &mut images);
            }
        }
        Ok(NativeImages {
            images: NativePixels::Raw(images),
            labels: Some(labels),
            height: SIDE as usize,
            width: SIDE as usize,
            channels: 3,
            provenance: provenance.to_owned(),
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
