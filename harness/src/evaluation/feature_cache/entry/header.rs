//! The header of a safetensors file of features.

use std::collections::HashMap;
use std::io::{self, Read};

use bench_data::cache::EntryError;
use safetensors::tensor::{Metadata, TensorInfo};
use safetensors::{Dtype, SafeTensorError};

use super::chunks::HashingReader;
use crate::evaluation::ImageDigest;

/// Bytes before the header: its length.
const LENGTH_BYTES: usize = 8;
/// Longest header: many times what names, shapes and a key need.
const MAX_BYTES: u64 = 1 << 16;

/// Names of the values in `__metadata__`.
const KEY: &str = "key";
const SHA256: &str = "sha256";

/// What stands before the data.
pub(super) struct Header {
    pub(super) counts: Counts,
    /// Everything that the features depend on.
    pub(super) key: String,
    /// SHA-256 of the data, in hexadecimal digits.
    pub(super) sha256: String,
}

/// The numbers that the shapes of all tensors follow from.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) images: usize,
    pub(super) features: usize,
    pub(super) logits: usize,
    /// Different sizes of images.
    pub(super) sizes: usize,
}

impl Counts {
    /// Name, type and shape of every tensor, in the order of the file: larger elements first, so that all are aligned.
    fn tensors(self) -> [(&'static str, Dtype, Vec<usize>); 7] {
        let Self { images: n, features: d, logits: c, sizes: k } = self;
        [
            ("mean", Dtype::F64, vec![d]),
            ("covariance", Dtype::F64, vec![d, d]),
            ("size_counts", Dtype::U64, vec![k]),
            ("features", Dtype::F32, vec![n, d]),
            ("logits", Dtype::F32, vec![n, c]),
            ("sizes", Dtype::U32, vec![k, 2]),
            ("digests", Dtype::U8, vec![n, size_of::<ImageDigest>()]),
        ]
    }

    /// Those of a file's tensors, if they are these and no others.
    fn of(metadata: &Metadata) -> Option<Self> {
        let shape = |name| metadata.info(name).map(|info| info.shape.as_slice());
        let (&[images, features], &[_, logits], &[sizes, _]) =
            (shape("features")?, shape("logits")?, shape("sizes")?)
        else {
            return None;
        };
        let counts = Self { images, features, logits, sizes };
        let expected = counts.tensors();
        let names = metadata.offset_keys();
        let is_same = |(name, (expected, dtype, shape)): (&String, &(&str, Dtype, Vec<usize>))| {
            let info = metadata.info(name);
            name == expected
                && info.is_some_and(|info| info.dtype == *dtype && info.shape == *shape)
        };
        (names.len() == expected.len() && names.iter().zip(&expected).all(is_same))
            .then_some(counts)
    }
}

impl Header {
    /// The bytes before the data; equal headers give equal bytes.
    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut end = 0;
        let tensors = self.counts.tensors().into_iter().map(|(name, dtype, shape)| {
            let start = end;
            end += shape.iter().product::<usize>() * dtype.bitsize() / 8;
            (name.to_owned(), TensorInfo { dtype, shape, data_offsets: (start, end) })
        });
        let entries = [(KEY, &self.key), (SHA256, &self.sha256)];
        let entries = entries.map(|(name, value)| (name.to_owned(), value.clone()));
        let metadata = Metadata::new(Some(HashMap::from(entries)), tensors.collect());
        let metadata = metadata.map_err(|error: SafeTensorError| io::Error::other(error))?;
        // By way of a value, which is sorted: the order of a hash map is another in every process.
        let mut json = serde_json::to_vec(&serde_json::to_value(&metadata)?)?;
        json.resize(json.len().next_multiple_of(LENGTH_BYTES), b' ');
        Ok([&(json.len() as u64).to_le_bytes(), json.as_slice()].concat())
    }

    /// Reads the header of a file of `length` bytes, if it is that of `key` and the file is as long as it says.
    pub(super) fn read<R: Read>(
        source: &mut HashingReader<R>,
        length: u64,
        key: &str,
    ) -> Result<Self, EntryError> {
        let mut bytes = [0; LENGTH_BYTES];
        bytes.copy_from_slice(&source.unhashed(LENGTH_BYTES)?);
        let header_length = u64::from_le_bytes(bytes);
        if header_length > MAX_BYTES.min(length) {
            return Err(EntryError::Damaged("it does not start as one"));
        }
        let json = source.unhashed(header_length as usize)?;
        let metadata: Metadata = serde_json::from_slice(&json)
            .map_err(|_| EntryError::Damaged("its header is no safetensors header"))?;
        // Nothing is asked of memory that is not there in the file.
        let data = metadata.data_len() as u64;
        if data.checked_add(LENGTH_BYTES as u64 + header_length) != Some(length) {
            return Err(EntryError::Damaged("its length is not what its header says"));
        }
        let entry = |name| metadata.metadata().as_ref().and_then(|entries| entries.get(name));
        if entry(KEY).is_none_or(|found| found != key) {
            return Err(EntryError::Stale);
        }
        let sha256 = entry(SHA256).ok_or(EntryError::Damaged("it has no checksum"))?.clone();
        let counts = Counts::of(&metadata);
        let counts = counts.ok_or(EntryError::Damaged("its tensors are not those of features"))?;
        Ok(Self { counts, key: key.to_owned(), sha256 })
    }
}
