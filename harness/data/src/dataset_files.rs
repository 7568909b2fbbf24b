//! The published files of a dataset on the disk: told from others, fetched, and copied in.

mod contents;
mod error;
mod fetch;
mod import;
mod space;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::datasets::accepted::AcceptedFile;
use crate::datasets::published::{Publication, PublishedFile};
use crate::datasets::{self, DataError};
use crate::download::{Checksum, FileDigests};
use crate::files::{self, FileError};

pub use error::DatasetFilesError;
pub use fetch::FetchOptions;
pub use space::{FreeSpace, left_on_disk};

/// The published files of one dataset below a data folder.
#[derive(Clone, Copy, Debug)]
pub struct DatasetFiles<'a> {
    /// The dataset's name.
    pub name: &'a str,
    /// What is published of it.
    pub publication: &'a Publication,
    /// The folder that holds the files of all datasets.
    pub data_dir: &'a Path,
}

/// What a file is that lies where a published one is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The published file.
    Published,
    /// The published contents, compressed anew or not at all.
    Contents,
    /// Another file, which its user accepted; its SHA-256, 64 lower-case hexadecimal digits.
    Accepted(String),
    /// Another file; what tells it from the published one.
    Other(String),
}

/// A file in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub standing: Standing,
    /// Whether it was there before.
    pub kept: bool,
}

impl<'a> DatasetFiles<'a> {
    /// The files of the dataset called `name`; `None` for one without published files.
    ///
    /// # Errors
    /// [`DataError::UnknownDataset`].
    pub fn find(name: &'a str, data_dir: &'a Path) -> Result<Option<Self>, DataError> {
        let publication = datasets::find(name)?.published();
        Ok(publication.map(|publication| Self { name, publication, data_dir }))
    }

    /// The files that are there, whatever they are; each is read to its end.
    ///
    /// # Errors
    /// [`FileError`] where one cannot be read.
    pub fn present(&self) -> Result<Vec<PlacedFile>, FileError> {
        let located =
            self.publication.all_files().filter_map(|file| Some((self.locate(file)?, file)));
        located
            .map(|(path, file)| {
                Ok(PlacedFile { standing: Standing::of(&path, file)?, path, kept: true })
            })
            .collect()
    }

    /// The published files that lie nowhere; none where an alternative to them is there.
    #[must_use]
    pub fn missing(&self) -> Vec<&'a PublishedFile> {
        if self.publication.alternatives.iter().any(|file| self.locate(file).is_some()) {
            return Vec::new();
        }
        let files = self.publication.files.iter();
        files.filter(|file| self.locate(file).is_none()).collect()
    }

    /// Where a file lies, by its name alone.
    fn locate(&self, file: &PublishedFile) -> Option<PathBuf> {
        self.publication.places(self.data_dir).find_map(|folder| {
            let packed = folder.join(file.name);
            // What is not compressed can be told to be right only where its checksum is known.
            let plain = file.contents_sha256.map(|_| packed.with_extension(""));
            [Some(packed), plain].into_iter().flatten().find(|path| path.is_file())
        })
    }

    /// Where a file belongs that lies nowhere: beside the others of its dataset.
    fn place_of(&self, file: &PublishedFile) -> PathBuf {
        let neighbour = self.publication.all_files().find_map(|file| self.locate(file));
        let folder = match neighbour {
            Some(neighbour) => Some(files::folder_of(&neighbour).to_owned()),
            None => self.publication.places(self.data_dir).next(),
        };
        folder.unwrap_or_else(|| self.data_dir.to_owned()).join(file.name)
    }
}

impl Standing {
    /// Whether a dataset with this file is the published one.
    #[must_use]
    pub fn is_right(&self) -> bool {
        matches!(self, Self::Published | Self::Contents)
    }

    /// What the file at `path` is that lies in the place of `file`.
    ///
    /// # Errors
    /// [`FileError`] where it cannot be read.
    fn of(path: &Path, file: &PublishedFile) -> Result<Self, FileError> {
        let digests = FileDigests::of(path)?;
        let Some(reason) = digests.mismatch(&checksums(file)) else {
            return Ok(Self::Published);
        };
        if file.contents_sha256.is_some()
            && file.contents_sha256 == contents::sha256(path)?.as_deref()
        {
            return Ok(Self::Contents);
        }
        Ok(match AcceptedFile::at(path.to_owned()) {
            Some(_) => Self::Accepted(digests.sha256),
            None => Self::Other(reason),
        })
    }
}

/// What people are told of the file.
impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published => formatter.write_str("the published file"),
            Self::Contents => {
                formatter.write_str("the published contents, compressed in another way")
            }
            Self::Accepted(sha256) => {
                write!(formatter, "NOT the published file, but accepted; its SHA-256 is {sha256}")
            }
            Self::Other(reason) => write!(formatter, "NOT the published file: {reason}"),
        }
    }
}

/// What a published file is known by.
fn checksums(file: &PublishedFile) -> [Checksum<'_>; 2] {
    [Checksum::Md5(file.md5), Checksum::Sha256(file.sha256)]
}
