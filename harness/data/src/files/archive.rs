//! Zip archives read in place: several threads at once, nothing extracted to the disk.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zip::ZipArchive;

use super::decode::MAX_ENCODED_BYTES;
use super::error::FileError;
use super::image_tree::is_hidden;

/// A member of an [`ImageArchive`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveMember {
    index: usize,
    /// The member's path inside the archive, `/` between folders.
    pub name: String,
    /// Bytes after decompression, as the archive declares them.
    pub size: u64,
}

/// A zip archive whose members are read in any order from any thread; a copy shares the open file.
#[derive(Clone, Debug)]
pub struct ImageArchive {
    path: PathBuf,
    archive: ZipArchive<SharedFile>,
    members: Vec<ArchiveMember>,
    passed_over: Vec<ArchiveMember>,
}

impl ImageArchive {
    /// Opens an archive and lists its files, sorted by the bytes of their names. Symbolic links and what is hidden
    /// (`__MACOSX/…`, names that start with `.`) are passed over.
    ///
    /// # Errors
    /// [`FileError::Io`] where the file cannot be read, [`FileError::Archive`] where it is no zip
    /// archive, two members have one name, or members overlap (as in a zip bomb).
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let file = SharedFile::open(path).map_err(|source| FileError::io("read", path, source))?;
        let failed = |error: zip::result::ZipError| archive_error(path, &error);
        let mut archive = ZipArchive::new(file).map_err(failed)?;
        if archive.has_duplicate_names() {
            return Err(refused(path, "two members have the same name"));
        }
        if archive.has_overlapping_entries().map_err(failed)? {
            return Err(refused(path, "members share bytes with one another"));
        }
        let (mut members, mut passed_over) = (Vec::with_capacity(archive.len()), Vec::new());
        for index in 0..archive.len() {
            let entry = archive.by_index_data(index).map_err(failed)?;
            let name = entry.name().map_err(failed)?.into_owned();
            let is_read = entry.is_file() && !name.split(['/', '\\']).any(is_hidden);
            let member = ArchiveMember { index, name, size: entry.size() };
            if is_read {
                members.push(member);
            } else if !entry.is_dir() {
                passed_over.push(member);
            }
        }
        members.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        Ok(Self { path: path.to_owned(), archive, members, passed_over })
    }

    /// Where the archive lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files in the archive, sorted by the bytes of their names.
    #[must_use]
    pub fn members(&self) -> &[ArchiveMember] {
        &self.members
    }

    /// Symbolic links and hidden files.
    pub(super) fn passed_over(&self) -> &[ArchiveMember] {
        &self.passed_over
    }

    /// A member's path for messages: the archive's path followed by the member's name.
    #[must_use]
    pub fn path_of(&self, member: &ArchiveMember) -> PathBuf {
        self.path.join(&member.name)
    }

    /// A member's bytes, decompressed, its checksum verified.
    ///
    /// # Errors
    /// [`FileError::Archive`] where the member is damaged, encrypted, compressed by an unknown
    /// method, of another size than declared, or larger than [`MAX_ENCODED_BYTES`].
    pub fn read(&self, member: &ArchiveMember) -> Result<Vec<u8>, FileError> {
        let path = self.path_of(member);
        if member.size > MAX_ENCODED_BYTES {
            return Err(refused(&path, "the member is larger than 512 MiB"));
        }
        let mut archive = self.archive.clone();
        let entry = archive.by_index(member.index).map_err(|error| archive_error(&path, &error))?;
        // No more than declared is ever held, and memory follows what is really there.
        let mut bytes = Vec::with_capacity(member.size.min(1 << 20) as usize);
        entry
            .take(member.size + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| refused(&path, &error.to_string()))?;
        if bytes.len() as u64 != member.size {
            return Err(refused(&path, "the member is of another size than the archive declares"));
        }
        Ok(bytes)
    }
}

fn refused(path: &Path, reason: &str) -> FileError {
    FileError::Archive { path: path.to_owned(), reason: reason.to_owned() }
}

fn archive_error(path: &Path, error: &zip::result::ZipError) -> FileError {
    refused(path, &error.to_string())
}

/// Bytes fetched ahead when less is asked for: a directory of a large archive is read in small
/// pieces.
const READ_AHEAD: usize = 8 << 10;

/// A position in a file that several readers share, each with a position of its own.
#[derive(Debug)]
struct SharedFile {
    file: Arc<File>,
    length: u64,
    position: u64,
    ahead: Vec<u8>,
    ahead_at: u64,
}

impl SharedFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let length = metadata.len();
        Ok(Self { file: Arc::new(file), length, position: 0, ahead: Vec::new(), ahead_at: 0 })
    }

    /// What was fetched ahead and lies at the position.
    fn fetched(&self) -> &[u8] {
        let skipped = self.position.checked_sub(self.ahead_at);
        let skipped = skipped.and_then(|bytes| usize::try_from(bytes).ok());
        skipped.and_then(|bytes| self.ahead.get(bytes..)).unwrap_or(&[])
    }
}

impl Clone for SharedFile {
    fn clone(&self) -> Self {
        let (file, length, position) = (Arc::clone(&self.file), self.length, self.position);
        Self { file, length, position, ahead: Vec::new(), ahead_at: 0 }
    }
}

impl Read for SharedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fetched().is_empty() {
            if buffer.len() >= READ_AHEAD {
                let read = read_at(&self.file, buffer, self.position)?;
                self.position += read as u64;
                return Ok(read);
            }
            self.ahead.resize(READ_AHEAD, 0);
            let read = read_at(&self.file, &mut self.ahead, self.position)?;
            self.ahead.truncate(read);
            self.ahead_at = self.position;
        }
        let fetched = self.fetched();
        let count = fetched.len().min(buffer.len());
        buffer[..count].copy_from_slice(&fetched[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        let position = match target {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "seek before the start of the file")
        })?;
        Ok(self.position)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}
