//! Encoded files kept in memory between the pass that hashes them and the one that decodes them, so that each is read from
//! the disk once where they are not too many.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// Most bytes held; further files are read a second time.
const MOST_BYTES: usize = 512 << 20;

/// SHA-256 of a file's bytes.
pub(super) type FileDigest = [u8; 32];

/// What is known of files that were read, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Held(Mutex<Contents>);

#[derive(Debug, Default)]
struct Contents {
    bytes: HashMap<usize, Vec<u8>>,
    total: usize,
    digests: HashMap<usize, FileDigest>,
}

impl Held {
    /// Takes note of a file's digest, and keeps its bytes if there is room.
    pub(super) fn keep(&self, file: usize, bytes: Vec<u8>) -> FileDigest {
        let digest = FileDigest::from(Sha256::digest(&bytes));
        self.with(|contents| {
            contents.digests.insert(file, digest);
            if contents.total + bytes.len() <= MOST_BYTES {
                contents.total += bytes.len();
                let before = contents.bytes.insert(file, bytes);
                contents.total -= before.map_or(0, |bytes| bytes.len());
            }
        });
        digest
    }

    /// Gives a file's bytes away, if they are held.
    pub(super) fn take(&self, file: usize) -> Option<Vec<u8>> {
        self.with(|contents| {
            let bytes = contents.bytes.remove(&file)?;
            contents.total -= bytes.len();
            Some(bytes)
        })
    }

    /// Whether `bytes` are those that were read before; anything is, where none were.
    pub(super) fn are_same(&self, file: usize, bytes: &[u8]) -> bool {
        let before = self.with(|contents| contents.digests.get(&file).copied());
        before.is_none_or(|before| before == FileDigest::from(Sha256::digest(bytes)))
    }

    /// Gives all bytes back to the system.
    pub(super) fn release(&self) {
        self.with(|contents| {
            contents.bytes = HashMap::new();
            contents.total = 0;
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Contents) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
