//! Checksums, by which a file is known.

use std::path::Path;

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::files::{self, FileError};

/// A checksum that a file must have, in lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum<'a> {
    /// SHA-256, or its first digits.
    Sha256(&'a str),
    /// MD5: it shows damage, and not that somebody made the file to deceive.
    Md5(&'a str),
}

/// The checksums that a file has, in lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigests {
    /// 64 digits.
    pub sha256: String,
    /// 32 digits.
    pub md5: String,
}

impl FileDigests {
    /// Reads the file once. Memory is flat in its size.
    ///
    /// # Errors
    /// [`FileError::Io`] where it cannot be read.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        let (mut sha256, mut md5) = (Sha256::new(), Md5::new());
        files::for_each_block(path, |block| {
            sha256.update(block);
            md5.update(block);
        })?;
        Ok(Self {
            sha256: files::hexadecimal(&sha256.finalize()),
            md5: files::hexadecimal(&md5.finalize()),
        })
    }

    /// What tells the file from the one that is wanted, by the first checksum that differs.
    #[must_use]
    pub fn mismatch(&self, wanted: &[Checksum<'_>]) -> Option<String> {
        wanted.iter().find_map(|checksum| {
            let (name, wanted, found) = match checksum {
                Checksum::Sha256(digits) => ("SHA-256", digits, &self.sha256),
                Checksum::Md5(digits) => ("MD5", digits, &self.md5),
            };
            let rest = if wanted.len() < found.len() { "…" } else { "" };
            (!found.starts_with(wanted))
                .then(|| format!("its {name} is {found} instead of {wanted}{rest}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_a_known_text() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("abc");
        std::fs::write(&path, b"abc").unwrap();
        let digests = FileDigests::of(&path).unwrap();
        // FIPS 180-2, appendix B.1, and RFC 1321, appendix A.5.
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let md5 = "900150983cd24fb0d6963f7d28e17f72";
        assert_eq!((digests.sha256.as_str(), digests.md5.as_str()), (sha256, md5));
        assert_eq!(digests.mismatch(&[Checksum::Md5(md5), Checksum::Sha256(&sha256[..8])]), None);
        let other =
            [Checksum::Sha256("ba7816bf"), Checksum::Md5("900150983cd24fb0d6963f7d28e17f73")];
        let reason = digests.mismatch(&other).unwrap();
        assert!(reason.starts_with("its MD5 is 9001") && reason.ends_with("7f73"), "{reason}");
    }
}
