//! An ordered list of image files, in folders or in a zip archive.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::archive::{ArchiveMember, ImageArchive};
use super::decode::{
    DecodeError, DecodedImage, MAX_ENCODED_BYTES, Treatment, decode_rgb, has_image_extension,
};
use super::error::FileError;
use super::held::{FileDigest, Held};
use super::properties::Header;

/// Encoded images in a fixed order, read one by one from any thread.
#[derive(Debug)]
pub struct ImageFiles {
    place: Place,
    held: Held,
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
        Self { place: Place::Paths(paths), held: Held::default() }
    }

    /// Members of an archive, in the order given.
    #[must_use]
    pub fn from_archive(archive: ImageArchive, members: Vec<ArchiveMember>) -> Self {
        Self { place: Place::Archive { archive, members }, held: Held::default() }
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

    /// The last part of the path of file `index`, for messages.
    ///
    /// # Panics
    /// If `index` is not below [`ImageFiles::len`].
    #[must_use]
    pub fn name_of(&self, index: usize) -> String {
        let path = self.path_of(index);
        path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The encoded bytes of file `index`.
    ///
    /// # Errors
    /// A [`FileError`] naming the file where it cannot be read, is no regular file, is larger
    /// than [`MAX_ENCODED_BYTES`], or is another one than when it was surveyed.
    ///
    /// # Panics
    /// If `index` is not below [`ImageFiles::len`].
    pub fn read(&self, index: usize) -> Result<Vec<u8>, FileError> {
        if let Some(bytes) = self.held.take(index) {
            return Ok(bytes);
        }
        let bytes = self.read_anew(index)?;
        if self.held.are_same(index, &bytes) {
            return Ok(bytes);
        }
        Err(FileError::Image { path: self.path_of(index), reason: DecodeError::Changed })
    }

    fn read_anew(&self, index: usize) -> Result<Vec<u8>, FileError> {
        match &self.place {
            Place::Paths(paths) => read_image_file(&paths[index]),
            Place::Archive { archive, members } => archive.read(&members[index]),
        }
    }

    /// The digest and the header of file `index`, which is held for its decoding if there is room; no header where the
    /// bytes are no image.
    ///
    /// # Errors
    /// As [`ImageFiles::read`].
    pub(super) fn look_at(&self, index: usize) -> Result<(FileDigest, Option<Header>), FileError> {
        let bytes = self.read_anew(index)?;
        let header = Header::read(&bytes);
        Ok((self.held.keep(index, bytes), header))
    }

    /// Gives back the memory of files that were surveyed and are not decoded.
    pub fn release(&self) {
        self.held.release();
    }

    /// File `index` decoded to RGB, see [`decode_rgb`].
    ///
    /// # Errors
    /// A [`FileError`] naming the file and what is wrong with it.
    ///
    /// # Panics
    /// If `index` is not below [`ImageFiles::len`].
    pub fn decode(&self, index: usize, treatment: Treatment) -> Result<DecodedImage, FileError> {
        let encoded = self.read(index)?;
        decode_rgb(&encoded, treatment)
            .map_err(|reason| FileError::Image { path: self.path_of(index), reason })
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
