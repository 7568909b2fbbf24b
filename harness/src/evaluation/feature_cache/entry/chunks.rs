//! Values on their way to a file and back, in pieces of bounded size.

use std::io::{self, BufReader, Read};

use bench_data::cache::EntryError;
use sha2::{Digest, Sha256};

/// Bytes encoded, hashed or decoded at a time.
const CHUNK: usize = 1 << 20;

/// Hands over the bytes of `values`, many at a time.
pub(super) fn in_chunks<const N: usize>(
    mut values: impl Iterator<Item = [u8; N]>,
    consume: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        chunk.clear();
        chunk.extend(values.by_ref().take(CHUNK / N).flatten());
        if chunk.is_empty() {
            return Ok(());
        }
        consume(&chunk)?;
    }
}

/// Hashes the values that come out of a file.
pub(super) struct HashingReader<R> {
    inner: BufReader<R>,
    hasher: Sha256,
}

impl<R: Read> HashingReader<R> {
    pub(super) fn new(source: R) -> Self {
        Self { inner: BufReader::new(source), hasher: Sha256::new() }
    }

    /// The next `length` bytes, which are not hashed.
    pub(super) fn unhashed(&mut self, length: usize) -> Result<Vec<u8>, EntryError> {
        let mut bytes = vec![0; length];
        self.inner.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// The next `count` values.
    pub(super) fn values<T, const N: usize>(
        &mut self,
        count: usize,
        decode: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, EntryError> {
        let mut values = Vec::with_capacity(count);
        let mut chunk = vec![0; CHUNK.min(count * N)];
        while values.len() < count {
            let now = (count - values.len()).min(CHUNK / N);
            let bytes = &mut chunk[..now * N];
            self.inner.read_exact(bytes)?;
            self.hasher.update(&*bytes);
            values.extend(bytes.as_chunks::<N>().0.iter().map(|bytes| decode(*bytes)));
        }
        Ok(values)
    }

    /// SHA-256 of all values.
    pub(super) fn into_hash(self) -> [u8; 32] {
        self.hasher.finalize().into()
    }
}
