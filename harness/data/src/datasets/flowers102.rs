//! Oxford Flowers-102: 8189 photographs of flowers in 102 classes (Nilsback and Zisserman 2008, "Automated flower
//! classification over a large number of classes").
//!
//! Below `--data DIR` the official files `imagelabels.mat` and `setid.mat` are looked for in `DIR/flowers102`,
//! `DIR/flowers-102`, `DIR/oxford-flowers-102` and `DIR`, in this order; the images lie beside them, unpacked in `jpg/` or in
//! `102flowers.tgz`, which is read without unpacking it to the disk.
//!
//! `train` is the official training and validation part together (2040 images), `test` the official test part (6149), each in
//! the order of image numbers. `flowers102-all` is the same with all 8189 images in `train`, for models that are trained on all
//! of them; its `test` is part of that. The photographs have at least 500 pixels a side and any shape: the largest square in the
//! middle is cut out and reduced by a triangle filter as wide as the reduction (antialiased bilinear), to 64 pixels unless
//! another size is asked for. No two programs reduce alike, so numbers on these images are not comparable with published ones.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::labelled_files::{Fit, LabelledFiles, centre_square};
use super::published::{self, Publication};
use super::{
    Content, DataError, DatasetSource, EncodedImages, LoadOptions, NativeImages, NativePixels,
    Split, Stage, mat, tar_gz,
};
use crate::files::decode::{MAX_ENCODED_BYTES, decode_rgb};
use crate::files::{FileError, ImageFiles, hexadecimal, sha256_file};

mod classes;

/// Side of the images unless another one is asked for, in pixels.
const SIDE: u32 = 64;

/// Images decoded at a time.
const CHUNK: usize = 128;

/// Encoded bytes held at a time, but for one image.
const CHUNK_BYTES: usize = 64 << 20;

const HINT: &str = "put 102flowers.tgz, imagelabels.mat and setid.mat from \
    https://www.robots.ox.ac.uk/~vgg/data/flowers/102/ into `flowers102/` in the data folder, and name that folder by \
    `--data DIR`";

/// See the [module](self).
pub(super) struct Flowers102 {
    name: &'static str,
    about: &'static str,
    /// Names of the official parts that are trained on.
    train: &'static [&'static str],
    train_len: usize,
}

/// The official parts that are tested on.
const TEST: &[&str] = &["tstid"];

/// Trained on the official training and validation part.
pub(super) const FLOWERS102: Flowers102 = Flowers102 {
    name: "flowers102",
    about: "Oxford Flowers-102: 8189 photographs of flowers, 102 classes, cropped and reduced to 64x64 RGB or the size \
            asked for (Nilsback and Zisserman 2008)",
    train: &["trnid", "valid"],
    train_len: 2040,
};

/// Trained on all of them.
pub(super) const FLOWERS102_ALL: Flowers102 = Flowers102 {
    name: "flowers102-all",
    about: "all 8189 images of Oxford Flowers-102 as the train split; the test split is part of it",
    train: &["trnid", "valid", "tstid"],
    train_len: 8189,
};

impl DatasetSource for Flowers102 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn classes(&self) -> Vec<&str> {
        classes::CLASSES.to_vec()
    }

    fn split_len(&self, split: Split) -> usize {
        match split {
            Split::Train => self.train_len,
            Split::Test => 6149,
        }
    }

    fn needs_files(&self) -> bool {
        true
    }

    fn published(&self) -> Option<&'static Publication> {
        Some(&published::FLOWERS102)
    }

    fn read(
        &self,
        split: Split,
        data_dir: Option<&Path>,
        options: &LoadOptions<'_>,
    ) -> Result<NativeImages, DataError> {
        let mut looked_at = Vec::new();
        for place in data_dir.into_iter().flat_map(|dir| published::FLOWERS102.places(dir)) {
            let labels = place.join("imagelabels.mat");
            if labels.is_file() {
                let parts = if split == Split::Train { self.train } else { TEST };
                return read_place(&place, parts, options);
            }
            looked_at.push(labels);
        }
        Err(DataError::NotFound { name: self.name().to_owned(), looked_at, hint: HINT })
    }
}

fn read_place(
    place: &Path,
    parts: &[&str],
    options: &LoadOptions<'_>,
) -> Result<NativeImages, DataError> {
    let chosen = chosen(place, parts, options.limit)?;
    let side = options.size.unwrap_or(SIDE);
    let names = chosen.iter().map(|(number, _)| file_name(*number));
    let labels = chosen.iter().map(|&(_, label)| label).collect();
    if place.join("jpg").is_dir() {
        let paths = names.map(|name| place.join("jpg").join(name)).collect();
        let files = LabelledFiles::all(ImageFiles::from_paths(paths), labels);
        let provenance = format!("{} (official images)", place.display());
        return Ok(files.fitted(Fit::CentreSquare, side, HINT, provenance));
    }
    let path = place.join("102flowers.tgz");
    let provenance = format!("{} (official archive)", path.display());
    let photographs = ArchivedPhotographs { path, names: names.collect(), side };
    Ok(NativeImages {
        images: NativePixels::Encoded(Box::new(photographs)),
        labels: Some(labels),
        height: side as usize,
        width: side as usize,
        channels: 3,
        provenance,
        official: false,
    })
}

/// The photographs of a split in the official archive, by their names, cut and reduced to `side` pixels.
#[derive(Debug)]
struct ArchivedPhotographs {
    path: PathBuf,
    names: Vec<String>,
    side: u32,
}

impl EncodedImages for ArchivedPhotographs {
    fn count(&self) -> usize {
        self.names.len()
    }

    fn look_at(&self, _options: &LoadOptions<'_>) -> Result<Content, DataError> {
        let text = format!("{}\n{}", sha256_file(&self.path)?, self.names.join("\n"));
        Ok(Content { key: hexadecimal(&Sha256::digest(text)), notes: Vec::new() })
    }

    fn decode(&self, options: &LoadOptions<'_>) -> Result<Vec<u8>, DataError> {
        read_archive(&self.path, &self.names, self.side, options)
    }
}

/// Numbers (from 1) and labels (from 0) of the images of the official `parts`, in order.
fn chosen(
    place: &Path,
    parts: &[&str],
    limit: Option<usize>,
) -> Result<Vec<(u32, u32)>, DataError> {
    let labels_path = place.join("imagelabels.mat");
    let labels = mat::read_whole_numbers(&labels_path, "labels")?;
    if let Some(wrong) =
        labels.iter().find(|&&label| !(1..=classes::CLASSES.len() as u32).contains(&label))
    {
        let reason = format!("it has a label {wrong}, outside 1..=102");
        return Err(DataError::malformed(&labels_path, reason, HINT));
    }
    let parts_path = place.join("setid.mat");
    let mut numbers = Vec::new();
    for part in parts {
        numbers.extend(mat::read_whole_numbers(&parts_path, part)?);
    }
    numbers.sort_unstable();
    let mut chosen = Vec::with_capacity(numbers.len());
    for pair in numbers.chunk_by(|a, b| a == b) {
        let number = pair[0];
        let label = (number as usize).checked_sub(1).and_then(|index| labels.get(index));
        let reason = match label {
            _ if pair.len() > 1 => format!("it names image {number} twice"),
            None => format!("it names image {number}, and there are labels for {}", labels.len()),
            Some(label) => {
                chosen.push((number, label - 1));
                continue;
            }
        };
        return Err(DataError::malformed(&parts_path, reason, HINT));
    }
    if chosen.is_empty() {
        return Err(DataError::malformed(&parts_path, "the split has no image", HINT));
    }
    // Spread evenly: neighbouring numbers are of one class.
    let kept = limit.map_or(chosen.len(), |limit| limit.min(chosen.len()));
    Ok((0..kept).map(|i| chosen[i * chosen.len() / kept]).collect())
}

fn file_name(number: u32) -> String {
    format!("image_{number:05}.jpg")
}

/// Reads the archive once; its members come in any order.
fn read_archive(
    path: &Path,
    names: &[String],
    side: u32,
    options: &LoadOptions<'_>,
) -> Result<Vec<u8>, DataError> {
    let damaged = |error: io::Error| DataError::malformed(path, error.to_string(), HINT);
    let mut archive = tar_gz::open(path)?;
    let positions: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(position, name)| (name.as_str(), position)).collect();
    let mut squares: Vec<Option<Vec<u8>>> = vec![None; names.len()];
    let mut encoded: Vec<(usize, Vec<u8>)> = Vec::new();
    let treatment = options.treatment();
    let (mut found, mut done, mut held) = (0, 0, 0);
    let mut decode = |encoded: &mut Vec<(usize, Vec<u8>)>| -> Result<(), DataError> {
        let decoded: Vec<(usize, Result<Vec<u8>, FileError>)> = encoded
            .par_drain(..)
            .map(|(position, bytes)| {
                let refused =
                    |reason| FileError::Image { path: path.join(&names[position]), reason };
                (
                    position,
                    decode_rgb(&bytes, treatment)
                        .map(|image| centre_square(image, side))
                        .map_err(refused),
                )
            })
            .collect();
        for (position, image) in decoded {
            squares[position] = Some(image?);
            done += 1;
        }
        options.report(Stage::Making, done, names.len());
        Ok(())
    };
    for entry in tar_gz::files(&mut archive).map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let member = entry.path().map_err(damaged)?.into_owned();
        let name = member.file_name().and_then(|name| name.to_str());
        let Some(&position) = name.and_then(|name| positions.get(name)) else { continue };
        let mut bytes = Vec::new();
        entry.take(MAX_ENCODED_BYTES + 1).read_to_end(&mut bytes).map_err(damaged)?;
        held += bytes.len();
        encoded.push((position, bytes));
        found += 1;
        if encoded.len() == CHUNK || held > CHUNK_BYTES {
            decode(&mut encoded)?;
            held = 0;
        }
        if found == names.len() {
            break;
        }
    }
    decode(&mut encoded)?;
    let missing = squares.iter().position(Option::is_none);
    if let Some(missing) = missing {
        return Err(DataError::malformed(path, format!("it has no {}", names[missing]), HINT));
    }
    Ok(squares.into_iter().flatten().flatten().collect())
}

#[cfg(test)]
mod tests;
