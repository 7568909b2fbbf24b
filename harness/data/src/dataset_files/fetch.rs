//! Downloading what is missing.

use std::fs;
use std::path::Path;

use super::{DatasetFiles, DatasetFilesError, FreeSpace, PlacedFile, Standing, checksums, space};
use crate::datasets::accepted;
use crate::datasets::published::PublishedFile;
use crate::download::{Download, DownloadError, Patience, StartProgress, part_of};

/// How to fetch a dataset.
#[derive(Clone, Copy, Debug)]
pub struct FetchOptions<'a> {
    /// URLs that are tried before the publisher's: folders that hold the files, or the file itself.
    pub mirrors: &'a [String],
    /// How long to wait and how often to try.
    pub patience: Patience,
    /// Tells how much fits onto the disk.
    pub free_space: FreeSpace,
    /// Shows how far each download is.
    pub progress: StartProgress,
}

impl DatasetFiles<'_> {
    /// Downloads the files that are missing. Those that are there are checked and stay as they are.
    ///
    /// # Errors
    /// [`DownloadError`] if a file cannot be had, or another one lies in its place; [`DatasetFilesError::DiskFull`] if not
    /// all of them fit onto the disk.
    pub fn fetch(&self, options: &FetchOptions<'_>) -> Result<Vec<PlacedFile>, DatasetFilesError> {
        let mut placed = self.present()?;
        for PlacedFile { path, standing, .. } in &placed {
            match standing {
                Standing::Published | Standing::Contents => accepted::remove_mark(path)?,
                Standing::Accepted(_) => {}
                Standing::Other(reason) => {
                    let (path, reason) = (path.clone(), reason.clone());
                    return Err(DownloadError::Occupied { path, reason }.into());
                }
            }
        }
        let missing = self.missing().into_iter().map(|file| (file, self.place_of(file)));
        let missing: Vec<_> = missing.collect();
        let needed = missing.iter().map(|(file, path)| file.size.saturating_sub(received(path)));
        space::check(self.name, self.data_dir, needed.sum(), options.free_space)?;
        for (file, path) in missing {
            self.download(file, &path, options)?;
            accepted::remove_mark(&path)?;
            placed.push(PlacedFile { path, standing: Standing::Published, kept: false });
        }
        Ok(placed)
    }

    fn download(
        &self,
        file: &PublishedFile,
        destination: &Path,
        options: &FetchOptions<'_>,
    ) -> Result<(), DownloadError> {
        let own = options.mirrors.iter().map(String::as_str);
        let urls: Vec<String> = own
            .chain(self.publication.mirrors.iter().copied())
            .map(|mirror| url(mirror, file.name))
            .collect();
        let download = Download {
            label: &format!("{} of {}", file.name, self.name),
            urls: &urls,
            destination,
            checksums: &checksums(file),
            size: Some(file.size),
            patience: options.patience,
            progress: options.progress,
            by_hand: &format!("give it to `bench data fetch {} --from FILE`", self.name),
        };
        download.run().map(drop)
    }
}

/// Bytes that an earlier download left.
fn received(destination: &Path) -> u64 {
    fs::metadata(part_of(destination)).map_or(0, |metadata| metadata.len())
}

/// The URL of a file: in a folder, or what was given if that names the file.
fn url(mirror: &str, name: &str) -> String {
    match mirror.strip_suffix(name) {
        Some(folder) if folder.ends_with('/') => mirror.to_owned(),
        _ => format!("{}/{name}", mirror.trim_end_matches('/')),
    }
}
