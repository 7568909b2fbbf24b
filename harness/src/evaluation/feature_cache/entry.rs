//! A file of features.
//!
//! Eight bytes that say what it is; the key's length and the key; the numbers of images, features, logits and image
//! sizes; features and logits (`f32`); mean and covariance (`f64`); digests; sizes; SHA-256 of all that. Numbers are
//! little-endian, counts have 64 bits.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use bench_data::cache::EntryError;
use bench_metrics::{Activations, GaussianStatistics};
use ndarray::{Array1, Array2};
use sha2::{Digest, Sha256};

use crate::evaluation::{ImageDigest, Inventory, Measured};

const MAGIC: [u8; 8] = *b"BENCHFTR";

/// Bytes of the checksum at the end.
const CHECKSUM: u64 = 32;

/// Bytes encoded, hashed or decoded at a time.
const CHUNK: usize = 1 << 20;

/// The numbers that the lengths of all parts follow from.
struct Counts {
    images: u64,
    features: u64,
    logits: u64,
    sizes: u64,
}

impl Counts {
    fn of(measured: &Measured) -> Self {
        Self {
            images: measured.activations.len() as u64,
            features: measured.activations.features.ncols() as u64,
            logits: measured.activations.logits.ncols() as u64,
            sizes: measured.inventory.sizes().len() as u64,
        }
    }

    /// Bytes of everything after the counts, the checksum included; `None` if no file is that long.
    fn bytes_after(&self) -> Option<u64> {
        let product = |factors: &[u64]| {
            factors.iter().try_fold(1_u64, |product, &factor| product.checked_mul(factor))
        };
        let parts = [
            product(&[self.images, self.features, 4])?,
            product(&[self.images, self.logits, 4])?,
            product(&[self.features, 8])?,
            product(&[self.features, self.features, 8])?,
            product(&[self.images, size_of::<ImageDigest>() as u64])?,
            product(&[self.sizes, 16])?,
            CHECKSUM,
        ];
        parts.iter().try_fold(0_u64, |sum, &part| sum.checked_add(part))
    }
}

/// Writes an entry.
pub(super) fn write(file: &mut File, key: &str, measured: &Measured) -> io::Result<()> {
    let mut target = HashingWriter { inner: BufWriter::new(file), hasher: Sha256::new() };
    let Counts { images, features, logits, sizes } = Counts::of(measured);
    target.write_all(&MAGIC)?;
    target.write_all(&(key.len() as u64).to_le_bytes())?;
    target.write_all(key.as_bytes())?;
    for count in [images, features, logits, sizes] {
        target.write_all(&count.to_le_bytes())?;
    }
    let Measured { activations, gaussian, inventory } = measured;
    target.values(activations.features.iter().map(|value| value.to_le_bytes()))?;
    target.values(activations.logits.iter().map(|value| value.to_le_bytes()))?;
    target.values(gaussian.mean().iter().map(|value| value.to_le_bytes()))?;
    target.values(gaussian.covariance().iter().map(|value| value.to_le_bytes()))?;
    target.values(inventory.digests().iter().copied())?;
    for (&(width, height), &count) in inventory.sizes() {
        target.write_all(&width.to_le_bytes())?;
        target.write_all(&height.to_le_bytes())?;
        target.write_all(&count.to_le_bytes())?;
    }
    let checksum = target.hasher.finalize();
    target.inner.write_all(&checksum)?;
    target.inner.flush()
}

/// Reads the entry in the file `path`, if it is that of `key`.
pub(super) fn read(path: &Path, key: &str) -> Result<Measured, EntryError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut source = HashingReader { inner: BufReader::new(file), hasher: Sha256::new() };
    if source.array()? != MAGIC {
        return Err(EntryError::Damaged("it does not start as one"));
    }
    // Another key may be of any length, and so is never read.
    if source.count()? != key.len() as u64 || source.bytes(key.len())? != key.as_bytes() {
        return Err(EntryError::Stale);
    }
    let [images, features, logits, sizes] =
        [source.count()?, source.count()?, source.count()?, source.count()?];
    let counts = Counts { images, features, logits, sizes };
    // Nothing is asked of memory that is not there in the file.
    let header = (MAGIC.len() + 8 + key.len() + 4 * 8) as u64;
    if counts.bytes_after().and_then(|bytes| bytes.checked_add(header)) != Some(length) {
        return Err(EntryError::Damaged("its length is not what its header says"));
    }
    let [n, d, c] = [images, features, logits].map(|count| count as usize);
    let features = source.values(n * d, f32::from_le_bytes)?;
    let logits = source.values(n * c, f32::from_le_bytes)?;
    let mean = source.values(d, f64::from_le_bytes)?;
    let covariance = source.values(d * d, f64::from_le_bytes)?;
    let digests = source.values(n, |digest: ImageDigest| digest)?;
    let sizes = (0..sizes).map(|_| {
        let (width, height) =
            (u32::from_le_bytes(source.array()?), u32::from_le_bytes(source.array()?));
        Ok(((width, height), source.count()?))
    });
    let sizes: BTreeMap<_, _> = sizes.collect::<Result<_, EntryError>>()?;
    let mut checksum = [0; CHECKSUM as usize];
    source.inner.read_exact(&mut checksum)?;
    if source.hasher.finalize()[..] != checksum {
        return Err(EntryError::Damaged("its checksum is wrong"));
    }
    // What follows holds of every file that this program wrote.
    let shape = |_| EntryError::Damaged("its parts do not fit together");
    let activations = Activations {
        features: Array2::from_shape_vec((n, d), features).map_err(shape)?,
        logits: Array2::from_shape_vec((n, c), logits).map_err(shape)?,
    };
    let covariance = Array2::from_shape_vec((d, d), covariance).map_err(shape)?;
    let gaussian = GaussianStatistics::new(Array1::from(mean), covariance, Some(images))
        .map_err(|_| EntryError::Damaged("its statistics are none"))?;
    Ok(Measured { activations, gaussian, inventory: Inventory::from_parts(digests, sizes) })
}

/// Hashes what passes on its way to a file.
struct HashingWriter<W> {
    inner: W,
    hasher: Sha256,
}

impl<W: Write> HashingWriter<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.inner.write_all(bytes)
    }

    fn values<const N: usize>(
        &mut self,
        mut values: impl Iterator<Item = [u8; N]>,
    ) -> io::Result<()> {
        let mut chunk = Vec::with_capacity(CHUNK);
        loop {
            chunk.clear();
            chunk.extend(values.by_ref().take(CHUNK / N).flatten());
            if chunk.is_empty() {
                return Ok(());
            }
            self.write_all(&chunk)?;
        }
    }
}

/// Hashes what comes out of a file.
struct HashingReader<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> HashingReader<R> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntryError> {
        self.inner.read_exact(bytes)?;
        self.hasher.update(bytes);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], EntryError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, EntryError> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn count(&mut self) -> Result<u64, EntryError> {
        self.array().map(u64::from_le_bytes)
    }

    fn values<T, const N: usize>(
        &mut self,
        count: usize,
        decode: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, EntryError> {
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            let now = (count - values.len()).min(CHUNK / N);
            let chunk = self.bytes(now * N)?;
            values.extend(chunk.as_chunks::<N>().0.iter().map(|bytes| decode(*bytes)));
        }
        Ok(values)
    }
}
