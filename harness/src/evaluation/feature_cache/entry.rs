//! A file of features, which is a safetensors file.
//!
//! For n images with d features, c logits and k different sizes it holds the tensors `mean` `[d]` and `covariance` `[d, d]`
//! (`F64`), `size_counts` `[k]` (`U64`, how many images have each size), `features` `[n, d]` and `logits` `[n, c]` (`F32`),
//! `sizes` `[k, 2]` (`U32`, width and height) and `digests` `[n, 16]` (`U8`), in this order, and in `__metadata__` the `key`
//! and the `sha256` of everything behind the header.

mod chunks;
mod header;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bench_data::cache::EntryError;
use bench_data::files::hexadecimal;
use bench_metrics::{Activations, GaussianStatistics};
use ndarray::{Array1, Array2};
use sha2::{Digest, Sha256};

use crate::evaluation::{Inventory, Measured};
use chunks::{HashingReader, in_chunks};
use header::{Counts, Header};

/// Writes an entry.
pub(super) fn write(file: &mut File, key: &str, measured: &Measured) -> io::Result<()> {
    // The checksum stands before the data, so that these are passed twice; a copy of them might not fit into memory.
    let mut hasher = Sha256::new();
    for_each_chunk(measured, &mut |bytes| {
        hasher.update(bytes);
        Ok(())
    })?;
    let sha256 = hexadecimal(&hasher.finalize());
    let header = Header { counts: counts(measured), key: key.to_owned(), sha256 };
    let mut target = BufWriter::new(file);
    target.write_all(&header.to_bytes()?)?;
    for_each_chunk(measured, &mut |bytes| target.write_all(bytes))?;
    target.flush()
}

/// Reads the entry in the file `path`, if it is that of `key`.
pub(super) fn read(path: &Path, key: &str) -> Result<Measured, EntryError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut source = HashingReader::new(file);
    let Header { counts, sha256, .. } = Header::read(&mut source, length, key)?;
    let Counts { images: n, features: d, logits: c, sizes: k } = counts;
    let mean = source.values(d, f64::from_le_bytes)?;
    let covariance = source.values(d * d, f64::from_le_bytes)?;
    let size_counts = source.values(k, u64::from_le_bytes)?;
    let features = source.values(n * d, f32::from_le_bytes)?;
    let logits = source.values(n * c, f32::from_le_bytes)?;
    let sizes = source.values(2 * k, u32::from_le_bytes)?;
    let digests = source.values(n, |digest| digest)?;
    if hexadecimal(&source.into_hash()) != sha256 {
        return Err(EntryError::Damaged("its checksum is wrong"));
    }
    // What follows holds of every file that this program wrote.
    let shape = |_| EntryError::Damaged("its parts do not fit together");
    let activations = Activations {
        features: Array2::from_shape_vec((n, d), features).map_err(shape)?,
        logits: Array2::from_shape_vec((n, c), logits).map_err(shape)?,
        spatial: Array2::zeros((n, 0)),
    };
    let covariance = Array2::from_shape_vec((d, d), covariance).map_err(shape)?;
    let gaussian = GaussianStatistics::new(Array1::from(mean), covariance, Some(n as u64))
        .map_err(|_| EntryError::Damaged("its statistics are none"))?;
    let sizes = sizes.as_chunks().0.iter().map(|&[width, height]| (width, height));
    let sizes: BTreeMap<_, _> = sizes.zip(size_counts).collect();
    let inventory = Inventory::from_parts(digests, sizes);
    Ok(Measured { activations, gaussian, spatial: None, inventory })
}

fn counts(measured: &Measured) -> Counts {
    Counts {
        images: measured.activations.len(),
        features: measured.activations.features.ncols(),
        logits: measured.activations.logits.ncols(),
        sizes: measured.inventory.sizes().len(),
    }
}

/// Hands over the data of all tensors, one after the other and little-endian, in pieces.
fn for_each_chunk(
    measured: &Measured,
    consume: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let Measured { activations, gaussian, inventory, .. } = measured;
    let sizes = inventory.sizes();
    in_chunks(gaussian.mean().iter().map(|value| value.to_le_bytes()), consume)?;
    in_chunks(gaussian.covariance().iter().map(|value| value.to_le_bytes()), consume)?;
    in_chunks(sizes.values().map(|count| count.to_le_bytes()), consume)?;
    in_chunks(activations.features.iter().map(|value| value.to_le_bytes()), consume)?;
    in_chunks(activations.logits.iter().map(|value| value.to_le_bytes()), consume)?;
    let sides = sizes.keys().flat_map(|&(width, height)| [width, height]);
    in_chunks(sides.map(u32::to_le_bytes), consume)?;
    in_chunks(inventory.digests().iter().copied(), consume)
}
