//! Checksums of what compressed files hold.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::files::{self, FileError};

/// Most bytes that are looked at: several times those of any file whose contents are known.
const MAX_BYTES: u64 = 1 << 28;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// SHA-256 of what a gzip file holds, or of the file itself if it is none; `None` if it is damaged or far too long.
///
/// # Errors
/// [`FileError::Io`] where the file cannot be opened.
pub(super) fn sha256(path: &Path) -> Result<Option<String>, FileError> {
    let failed = |source| FileError::io("read", path, source);
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let gzipped = file.fill_buf().map_err(failed)?.starts_with(&GZIP_MAGIC);
    // What cannot be decompressed is another file, and no failure.
    Ok(if gzipped { sha256_of(MultiGzDecoder::new(file)) } else { sha256_of(file) }.ok().flatten())
}

fn sha256_of(reader: impl Read) -> io::Result<Option<String>> {
    let mut hasher = Sha256::new();
    let mut reader = BufReader::with_capacity(1 << 16, reader.take(MAX_BYTES + 1));
    let mut read = 0;
    loop {
        let block = reader.fill_buf()?;
        let length = block.len();
        if length == 0 {
            let whole = read <= MAX_BYTES;
            return Ok(whole.then(|| files::hexadecimal(&hasher.finalize())));
        }
        hasher.update(block);
        read += length as u64;
        reader.consume(length);
    }
}
