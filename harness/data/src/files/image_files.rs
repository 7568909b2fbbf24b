//! An ordered list of image files, in folders or in a zip archive.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::archive::{ArchiveMember, ImageArchive};
use super::decode::{
    DecodeError, DecodedImage, MAX_ENCODED_BYTES, decode_rgb, has_image_extension,
};
use super::error::FileError;
use super::hexadecimal;

/// Encoded images in a fixed order, read one by one from any thread.
#[derive(Debug)]
pub struct ImageFiles {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Paths(Vec<PathBuf>),
    Archive { archive: ImageArchive, members: Vec<ArchiveMember> },
}

impl ImageFiles {
    /// Files on the disk, in the order given.
    #[must_use]
    pub fn from_paths(paths: Vec<PathBuf>) -> Self {
        Self { place: Place::Paths(paths) }
    }

    /// Members of an archive, in the order given.
    #[must_use]
    pub fn from_archive(archive: ImageArchive, members: Vec<ArchiveMember>) -> Self {
        Self { place: Place::Archive { archive, members } }
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.place {
            Place::Paths(paths) => paths.len(),
            Place::Archive { members, .. } => members.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The path of file `index`; in an archive, the archive's path followed by the member's name.
    ///
    /// # Panics
    /// If `index` is not below [`ImageFiles::len`].
    #[must_use]
    pub fn path_of(&self, index: usize) -> PathBuf {
        match &self.place {
            Place::Paths(paths) => paths[index].clone(),
            Place::Archive { archive, members } => archive.path_of(&members[index]),
        }
    }

    /// The encoded bytes of file `index`.
    ///
    /// # Errors
    /// A [`FileError`] naming the file where it cannot be read, is no regular file, or is larger
    /// than [`MAX_ENCODED_BYTES`].
    ///
    /// # Panics
    /// If `index` is not below [`ImageFiles::len`].
    pub fn read(&self, index: usize) -> Result<Vec<u8>, FileError> {
        match &self.place {
            Place::Paths(paths) => read_image_file(&paths[index]),
            Place::Archive { archive, members } => archive.read(&members[index]),
        }
    }

    /// File `index` decoded to RGB, see [`decode_rgb`].
    ///
    /// # Errors
    /// A [`FileError`] naming the file and what is wrong with it.
    ///
    /// # Panics
    /// If `index` is not below [`ImageFiles::len`].
    pub fn decode(&self, index: usize) -> Result<DecodedImage, FileError> {
        let encoded = self.read(index)?;
        decode_rgb(&encoded)
            .map_err(|reason| FileError::Image { path: self.path_of(index), reason })
    }

    /// SHA-256 over the SHA-256 digests of the encoded files, in order: 64 hexadecimal digits.
    /// Names and places do not enter, so a folder and a zip archive of the same files agree.
    ///
    /// # Errors
    /// A [`FileError`] naming the first file that cannot be read.
    pub fn content_sha256(&self) -> Result<String, FileError> {
        self.content_sha256_of(&(0..self.len()).collect::<Vec<_>>())
    }

    /// [`Self::content_sha256`] of the files numbered `chosen`, in that order.
    ///
    /// # Errors
    /// As [`Self::content_sha256`].
    ///
    /// # Panics
    /// If a number is not below [`ImageFiles::len`].
    pub fn content_sha256_of(&self, chosen: &[usize]) -> Result<String, FileError> {
        let digest_of = |&index: &usize| Ok(<[u8; 32]>::from(Sha256::digest(self.read(index)?)));
        let digests: Vec<Result<[u8; 32], FileError>> = chosen.par_iter().map(digest_of).collect();
        let mut hasher = Sha256::new();
        for digest in digests {
            hasher.update(digest?);
        }
        Ok(hexadecimal(&hasher.finalize()))
    }
}

/// The image files directly in a folder, told by their extension and sorted by the bytes of their
/// names. Names that start with `.` are left out.
///
/// # Errors
/// [`FileError::Io`] where the folder cannot be listed.
pub fn list_images(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let failed = |source| FileError::io("list folder", folder, source);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if !hidden && has_image_extension(Path::new(&name)) && !entry.path().is_dir() {
            paths.push(entry.path());
        }
    }
    paths.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    Ok(paths)
}

/// The folders directly in a folder, links to folders included, sorted by the bytes of their names. Names that start with `.`
/// are left out.
///
/// # Errors
/// [`FileError::Io`] where the folder cannot be listed.
pub fn list_subfolders(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let failed = |source| FileError::io("list folder", folder, source);
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && entry.path().is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    Ok(folders)
}

fn read_image_file(path: &Path) -> Result<Vec<u8>, FileError> {
    let refused = |reason| FileError::Image { path: path.to_owned(), reason };
    let unreadable = |error: io::Error| refused(DecodeError::Unreadable(error.to_string()));
    // Asked before opening, since opening a pipe would wait for a writer.
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(refused(DecodeError::NotAFile));
    }
    if metadata.len() > MAX_ENCODED_BYTES {
        return Err(refused(DecodeError::TooManyBytes));
    }
    fs::read(path).map_err(unreadable)
}
