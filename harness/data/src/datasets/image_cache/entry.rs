//! A file of decoded images.
//!
//! Eight bytes that say what it is; the key's length (64 bits, little-endian) and the key; SHA-256 over the extents and
//! the pixels; the pixels, to the end of the file.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use memmap2::Mmap;

use super::ImageKey;
use crate::cache::EntryError;
use crate::datasets::pixels::{HashedPixels, Pixels};

const MAGIC: [u8; 8] = *b"BENCHIMG";

/// Bytes of the checksum.
const CHECKSUM: usize = 32;

/// Writes an entry.
pub(super) fn write(file: &mut File, key: &ImageKey, pixels: &HashedPixels) -> io::Result<()> {
    file.write_all(&MAGIC)?;
    file.write_all(&(key.text.len() as u64).to_le_bytes())?;
    file.write_all(key.text.as_bytes())?;
    file.write_all(&pixels.checksum())?;
    file.write_all(&pixels.pixels)
}

/// Maps the entry in the file `path`, if it is that of `key`.
pub(super) fn read(path: &Path, key: &ImageKey) -> Result<HashedPixels, EntryError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut header = BufReader::new(&file);
    if read_array(&mut header)? != MAGIC {
        return Err(EntryError::Damaged("it does not start as one"));
    }
    // Another key may be of any length, and so is never read.
    let mut found = vec![0; key.text.len()];
    if u64::from_le_bytes(read_array(&mut header)?) != found.len() as u64 {
        return Err(EntryError::Stale);
    }
    header.read_exact(&mut found)?;
    if found != key.text.as_bytes() {
        return Err(EntryError::Stale);
    }
    let checksum: [u8; CHECKSUM] = read_array(&mut header)?;
    let start = MAGIC.len() + size_of::<u64>() + found.len() + CHECKSUM;
    let end = start + key.bytes();
    if length != end as u64 {
        return Err(EntryError::Damaged("its length is not what its header says"));
    }
    // SAFETY: a mapped file must not change. The program writes entries beside their place and renames them, and never
    // changes one: whoever replaces or removes it leaves the mapped file as it is. Its length was checked above, so no
    // page is mapped that is not there.
    let map = unsafe { Mmap::map(&file) }?;
    let pixels = HashedPixels::new(Pixels::mapped(map, start..end), key.n, key.shape);
    if pixels.checksum() != checksum {
        return Err(EntryError::Damaged("its checksum is wrong"));
    }
    Ok(pixels)
}

fn read_array<const N: usize>(source: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}
