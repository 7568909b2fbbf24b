//! Copying in files that are at hand.

use std::fs::File;
use std::io;
use std::path::Path;

use super::{
    DatasetFiles, DatasetFilesError, FreeSpace, PlacedFile, Standing, checksums, contents, space,
};
use crate::datasets::accepted::{self, AcceptedFile};
use crate::datasets::published::PublishedFile;
use crate::download::{DownloadError, FileDigests};
use crate::files::{self, FileError};

impl DatasetFiles<'_> {
    /// Copies `source` to the place of the published file that it is, by its checksums or, with `accept_unknown`, by
    /// its name alone: such a file is marked, see [`accepted`].
    ///
    /// # Errors
    /// [`DatasetFilesError::File`] where it cannot be read or written, [`DatasetFilesError::Unknown`] and
    /// [`DatasetFilesError::Differs`] if it is no published file, [`DownloadError::Occupied`] if another file lies in its
    /// place, [`DatasetFilesError::DiskFull`].
    pub fn import(
        &self,
        source: &Path,
        accept_unknown: bool,
        free_space: FreeSpace,
    ) -> Result<PlacedFile, DatasetFilesError> {
        let digests = FileDigests::of(source)?;
        let (file, standing) = match self.recognise(source, &digests)? {
            Some(known) => known,
            None => {
                let file = self.named_like(source, &digests)?;
                if !accept_unknown {
                    return Err(refusal(source, file, digests));
                }
                (file, Standing::Accepted(digests.sha256.clone()))
            }
        };
        let placed = match self.locate(file) {
            Some(path) => {
                let there = Standing::of(&path, file)?;
                let found = FileDigests::of(&path)?;
                let standing = match there.is_right() && standing.is_right() {
                    true => there,
                    false if found == digests => standing,
                    false => {
                        let reason = format!("its SHA-256 is {}", found.sha256);
                        return Err(DownloadError::Occupied { path, reason }.into());
                    }
                };
                PlacedFile { path, standing, kept: true }
            }
            None => {
                let path = self.place_of(file);
                self.copy(source, &path, free_space)?;
                PlacedFile { path, standing, kept: false }
            }
        };
        match &placed.standing {
            Standing::Accepted(sha256) => {
                let (path, sha256) = (placed.path.clone(), sha256.clone());
                AcceptedFile { path, sha256 }.write_mark()?;
            }
            _ => accepted::remove_mark(&placed.path)?,
        }
        Ok(placed)
    }

    fn copy(
        &self,
        source: &Path,
        destination: &Path,
        free_space: FreeSpace,
    ) -> Result<(), DatasetFilesError> {
        let failed = |error| FileError::io("read", source, error);
        let mut reader = File::open(source).map_err(failed)?;
        let size = reader.metadata().map_err(failed)?.len();
        space::check(self.name, self.data_dir, size, free_space)?;
        files::write_whole_with(destination, |writer| {
            io::copy(&mut reader, writer)?;
            writer.sync_all()
        })?;
        Ok(())
    }

    /// The published file that `source` is, whatever it is called.
    fn recognise(
        &self,
        source: &Path,
        digests: &FileDigests,
    ) -> Result<Option<(&PublishedFile, Standing)>, FileError> {
        let mut files = self.publication.all_files();
        if let Some(file) = files.find(|file| digests.mismatch(&checksums(file)).is_none()) {
            return Ok(Some((file, Standing::Published)));
        }
        let with_contents = || self.publication.all_files().filter(|f| f.contents_sha256.is_some());
        if with_contents().next().is_none() {
            return Ok(None);
        }
        let contents = contents::sha256(source)?;
        let file = with_contents().find(|file| file.contents_sha256 == contents.as_deref());
        Ok(file.map(|file| (file, Standing::Contents)))
    }

    /// The published file that has the name of `source`.
    fn named_like(
        &self,
        source: &Path,
        digests: &FileDigests,
    ) -> Result<&PublishedFile, DatasetFilesError> {
        let name = source.file_name().unwrap_or_default();
        self.publication.all_files().find(|file| name == file.name).ok_or_else(|| {
            DatasetFilesError::Unknown {
                path: source.to_owned(),
                dataset: self.name.to_owned(),
                md5: digests.md5.clone(),
                names: self.publication.all_files().map(|file| file.name).collect(),
            }
        })
    }
}

fn refusal(source: &Path, file: &PublishedFile, digests: FileDigests) -> DatasetFilesError {
    DatasetFilesError::Differs {
        path: source.to_owned(),
        name: file.name,
        found: digests,
        md5: file.md5,
        sha256: file.sha256,
    }
}
