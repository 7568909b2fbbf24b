//! The IDX format of the MNIST family: big-endian header, then unsigned bytes.
//!
//! A file is `00 00 08 rank`, then `rank` extents as big-endian `u32`, then one byte an element,
//! last axis fastest (LeCun, Cortes and Burges, "The MNIST database of handwritten digits"). The
//! reader is strict: other element types, sizes that do not fit the contents and bytes after the
//! end are errors, and memory grows with what is really there, never with what a header claims.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::files::FileError;

use super::DataError;

/// Most elements a file may have: five times those of MNIST's training images, so that a gzipped file of zeros cannot ask
/// for more than 256 MiB.
pub const MAX_ELEMENTS: usize = 1 << 28;

/// Element type of unsigned bytes.
const UNSIGNED_BYTE: u8 = 0x08;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

const HINT: &str = "download the file again";

/// An array of unsigned bytes of a fixed rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxArray<const RANK: usize> {
    /// Extents, the slowest axis first.
    pub extents: [usize; RANK],
    /// As many bytes as the product of the extents.
    pub bytes: Vec<u8>,
}

/// Why bytes are not an IDX array.
#[derive(Debug, thiserror::Error)]
pub enum IdxError {
    /// The bytes could not be read or decompressed.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// The first four bytes are not those of an array of unsigned bytes of the expected rank.
    #[error("it starts with {found:02x?} and not with {expected:02x?}")]
    Magic {
        /// What was expected.
        expected: [u8; 4],
        /// What is there.
        found: [u8; 4],
    },
    /// The header claims more than [`MAX_ELEMENTS`].
    #[error("its header claims {extents:?} elements, beyond the limit of {MAX_ELEMENTS}")]
    TooLarge {
        /// The extents claimed.
        extents: Vec<usize>,
    },
    /// The file ends before the header or the elements do.
    #[error("it is cut off: {found} of {expected} bytes are there")]
    Truncated {
        /// Bytes that the part should have.
        expected: usize,
        /// Bytes that are there.
        found: usize,
    },
    /// Bytes follow the last element.
    #[error("bytes follow its last element")]
    Trailing,
}

/// Parses an IDX array of unsigned bytes and of rank `RANK`.
///
/// # Errors
/// An [`IdxError`] for anything but a whole array with nothing after it.
pub fn parse<const RANK: usize>(mut reader: impl Read) -> Result<IdxArray<RANK>, IdxError> {
    let expected = [0, 0, UNSIGNED_BYTE, RANK as u8];
    let found = read_word(&mut reader)?;
    if found != expected {
        return Err(IdxError::Magic { expected, found });
    }
    let mut extents = [0; RANK];
    for extent in &mut extents {
        *extent = u32::from_be_bytes(read_word(&mut reader)?) as usize;
    }
    let elements = extents.iter().try_fold(1_usize, |product, &extent| product.checked_mul(extent));
    let Some(elements) = elements.filter(|&elements| elements <= MAX_ELEMENTS) else {
        return Err(IdxError::TooLarge { extents: extents.to_vec() });
    };
    let mut bytes = Vec::new();
    reader.take(elements as u64 + 1).read_to_end(&mut bytes)?;
    match bytes.len() {
        found if found < elements => Err(IdxError::Truncated { expected: elements, found }),
        found if found > elements => Err(IdxError::Trailing),
        _ => Ok(IdxArray { extents, bytes }),
    }
}

/// Four bytes, or how many there were.
fn read_word(reader: &mut impl Read) -> Result<[u8; 4], IdxError> {
    let mut bytes = Vec::with_capacity(4);
    reader.take(4).read_to_end(&mut bytes)?;
    let found = bytes.len();
    bytes.try_into().map_err(|_| IdxError::Truncated { expected: 4, found })
}

/// Reads an IDX file, gzipped or not, whatever its name says.
///
/// # Errors
/// A [`DataError`] naming the file where it cannot be read or is no IDX array of this rank.
pub fn read_file<const RANK: usize>(path: &Path) -> Result<IdxArray<RANK>, DataError> {
    let failed = |source| FileError::io("read", path, source);
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    let gzipped = reader.fill_buf().map_err(failed)?.starts_with(&GZIP_MAGIC);
    let parsed = if gzipped { parse(MultiGzDecoder::new(reader)) } else { parse(reader) };
    parsed.map_err(|error| DataError::malformed(path, error.to_string(), HINT))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use proptest::prelude::*;

    fn write<const RANK: usize>(array: &IdxArray<RANK>) -> Vec<u8> {
        let mut file = vec![0, 0, 8, RANK as u8];
        for &extent in &array.extents {
            file.extend_from_slice(&(extent as u32).to_be_bytes());
        }
        file.extend_from_slice(&array.bytes);
        file
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            extents in prop::array::uniform3(0_usize..7),
            seed in any::<u8>(),
        ) {
            let elements = extents.iter().product::<usize>();
            let bytes = (0..elements).map(|index| (index as u8).wrapping_mul(seed)).collect();
            let array = IdxArray { extents, bytes };
            prop_assert_eq!(parse::<3>(write(&array).as_slice()).unwrap(), array);
        }

        #[test]
        fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse::<1>(bytes.as_slice());
            let _ = parse::<3>(bytes.as_slice());
        }

        #[test]
        fn any_header_gives_an_answer(
            extents in prop::array::uniform3(any::<u32>()),
            tail in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut file = vec![0, 0, 8, 3];
            extents.iter().for_each(|extent| file.extend_from_slice(&extent.to_be_bytes()));
            file.extend_from_slice(&tail);
            if let Ok(array) = parse::<3>(file.as_slice()) {
                prop_assert_eq!(array.bytes, tail);
            }
        }
    }

    #[test]
    fn every_cut_and_every_surplus_is_an_error() {
        let whole = write(&IdxArray { extents: [2, 3], bytes: vec![1, 2, 3, 4, 5, 6] });
        for kept in 0..whole.len() {
            let error = parse::<2>(&whole[..kept]).unwrap_err();
            assert!(matches!(error, IdxError::Truncated { .. }), "{kept}: {error}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert!(matches!(parse::<2>(longer.as_slice()), Err(IdxError::Trailing)));
    }

    #[test]
    fn hostile_headers_are_refused_without_memory() {
        let claim = |extent: u32| [&[0, 0, 8, 3][..], &extent.to_be_bytes().repeat(3)].concat();
        let overflow = parse::<3>(claim(u32::MAX).as_slice());
        assert!(matches!(overflow, Err(IdxError::TooLarge { .. })));
        // 2^27 elements are allowed, and none is there.
        let hollow = parse::<3>(claim(1 << 9).as_slice());
        assert!(matches!(hollow, Err(IdxError::Truncated { found: 0, .. })));
    }

    #[test]
    fn other_types_and_ranks_are_refused() {
        for magic in [[0, 0, 0x0d, 1], [0, 0, 8, 3], [1, 0, 8, 1]] {
            let file = [&magic[..], &[0; 12]].concat();
            assert!(matches!(parse::<1>(file.as_slice()), Err(IdxError::Magic { .. })));
        }
    }

    #[test]
    fn gzip_is_told_from_the_contents_and_a_cut_is_an_error() {
        let array = IdxArray { extents: [300], bytes: (0..300).map(|i| (i * 7) as u8).collect() };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&write(&array)).unwrap();
        let gzipped = gzip.finish().unwrap();
        let root = tempfile::tempdir().unwrap();
        for (name, bytes) in [("plain.gz", write(&array)), ("gzipped", gzipped.clone())] {
            let path = root.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read_file::<1>(&path).unwrap(), array, "{name}");
        }
        let path = root.path().join("cut.gz");
        std::fs::write(&path, &gzipped[..gzipped.len() / 2]).unwrap();
        let message = read_file::<1>(&path).unwrap_err().to_string();
        assert!(message.contains("cut.gz"), "{message}");
    }
}
