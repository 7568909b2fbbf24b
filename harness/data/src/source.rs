//! A SOURCE of images for `bench eval`: a folder, a zip archive, an array in an .npz file, or a split of a dataset.
//!
//! Images are streamed in batches, so memory does not grow with their number (a dataset split is
//! held whole, as datasets are). The next batch is decoded while one is worked on. Each image keeps its own size: resizing belongs to the extractor.

mod classes;
mod items;
mod left_out;
mod npz_images;
mod read_ahead;

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::datasets::{self, DataError, Dataset, LoadOptions, Split};
use crate::files::image_files::list_images;
use crate::files::{self, DecodedImage, FileError, ImageArchive, ImageFiles, decode};

use read_ahead::{Sink, read_ahead};

pub use classes::Labels;
pub use npz_images::NpzImages;

/// Pixels that are worked on at a time, in bytes, and pixels that are read ahead meanwhile, unless one image has more.
const BATCH_BYTES: usize = 256 << 20;

/// What to do with a file that cannot be read as an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadImages {
    /// Stop with an error that names the file.
    #[default]
    Refuse,
    /// Leave it out and report its path.
    Skip,
}

/// Images to evaluate or to evaluate against, in a fixed order.
#[derive(Debug)]
pub struct Source {
    text: String,
    images: Images,
}

#[derive(Debug)]
enum Images {
    Files {
        files: ImageFiles,
        kind: &'static str,
        /// The class number of every image, where a file beside them gives it.
        numbers: Option<Vec<u32>>,
        /// What lies there and is not taken, as sentences.
        left_out: Vec<String>,
    },
    Npz(NpzImages),
    Dataset(Box<Dataset>),
}

impl Source {
    /// Opens the source that `text` names:
    ///
    /// - `NAME:train` or `NAME:test`, a split of the dataset `NAME`, whose files are looked for
    ///   below `data_dir` (write `./NAME:test` for a folder that is really called so), or of the images at the path
    ///   `NAME`;
    /// - a folder: the image files directly in it, sorted by the bytes of their names;
    /// - a `.zip` file: the image files at any depth in it, sorted by the bytes of their names;
    /// - an `.npz` file: the images in its array `arr_0`, see [`NpzImages`]. Where it holds statistics too, `FILE:arr_0`
    ///   says that the images are meant.
    ///
    /// Image files are told by their extension ([`decode::IMAGE_EXTENSIONS`], in any case); other
    /// files are left out.
    ///
    /// # Errors
    /// A [`DataError`] where the text names nothing of this kind, nothing is there, or it holds no
    /// images. Damaged images are found later, by [`Source::for_each_batch`].
    pub fn parse(text: &str, data_dir: Option<&Path>) -> Result<Self, DataError> {
        Self::parse_with(text, data_dir, &LoadOptions::default())
    }

    /// [`Source::parse`] with options for the case that `text` names a dataset split; folders and
    /// archives ignore them.
    ///
    /// # Errors
    /// As [`Source::parse`].
    pub fn parse_with(
        text: &str,
        data_dir: Option<&Path>,
        options: &LoadOptions<'_>,
    ) -> Result<Self, DataError> {
        let images = match dataset_split(text)? {
            Some((name, split)) => {
                Images::Dataset(Box::new(datasets::load(name, split, data_dir, options)?))
            }
            None => open_files(text)?,
        };
        Ok(Self { text: text.to_owned(), images })
    }

    /// Number of image files, damaged ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.images {
            Images::Files { files, .. } => files.len(),
            Images::Npz(images) => images.len(),
            Images::Dataset(dataset) => dataset.n,
        }
    }

    /// Whether there are no images; a source that was opened has at least one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What lies in the folder or archive and is not taken, as warnings: one a kind, with a count and an example.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        match &self.images {
            Images::Files { left_out, .. } => {
                left_out.iter().map(|what| format!("{}: left out are {what}", self.text)).collect()
            }
            // Who names the array knows what is beside it.
            Images::Npz(images)
                if images.is_beside_statistics() && !self.text.ends_with(":arr_0") =>
            {
                vec![format!(
                    "{}: left out are its statistics, mu and sigma: its images, arr_0, are taken",
                    self.text
                )]
            }
            Images::Npz(_) | Images::Dataset(_) => Vec::new(),
        }
    }

    /// What the source is, for messages and records, such as `samples (folder, 5000 images)`.
    #[must_use]
    pub fn describe(&self) -> String {
        let kind = match &self.images {
            Images::Files { kind, .. } => kind,
            Images::Npz(_) => "array",
            Images::Dataset(_) => "dataset split",
        };
        format!("{} ({kind}, {} images)", self.text, self.len())
    }

    /// The dataset split behind the source, if it is one.
    #[must_use]
    pub fn dataset(&self) -> Option<&Dataset> {
        match &self.images {
            Images::Files { .. } | Images::Npz(_) => None,
            Images::Dataset(dataset) => Some(dataset),
        }
    }

    /// SHA-256 of the contents, 64 hexadecimal digits: of a dataset, [`Dataset::sha256`]; of files,
    /// their encoded bytes in order, see [`ImageFiles::content_sha256`]; of an `.npz`, the
    /// file's bytes. Reads every file.
    ///
    /// # Errors
    /// A [`DataError`] naming a file that cannot be read.
    pub fn content_sha256(&self) -> Result<String, DataError> {
        match &self.images {
            Images::Files { files, .. } => Ok(files.content_sha256()?),
            Images::Npz(images) => Ok(files::sha256_file(images.path())?),
            Images::Dataset(dataset) => Ok(dataset.sha256.clone()),
        }
    }

    /// Decodes every image to RGB and hands the images over in order, `batch_size` at a time, or fewer where so many
    /// would take more than 256 MiB; the last batch may be smaller. While `consume` works on a batch, the next
    /// one is decoded by all threads; more than these two are never in memory.
    ///
    /// Gives the paths that were left out, which is none unless `bad_images` is
    /// [`BadImages::Skip`].
    ///
    /// # Errors
    /// A [`DataError`] naming the first damaged file in order, or where `batch_size` is 0 or every
    /// image was left out; and whatever `consume` returns, which ends the iteration.
    pub fn for_each_batch<E: From<DataError>>(
        &self,
        batch_size: usize,
        bad_images: BadImages,
        mut consume: impl FnMut(&[DecodedImage]) -> Result<(), E>,
    ) -> Result<Vec<PathBuf>, E> {
        if batch_size == 0 {
            let reason = "0 images at a time is no batch".to_owned();
            return Err(DataError::Option { option: "batch size", reason }.into());
        }
        let decode: &(dyn Fn(usize) -> Result<DecodedImage, FileError> + Sync) = match &self.images
        {
            Images::Files { files, .. } => &|index| files.decode(index),
            Images::Dataset(dataset) => &|index| Ok(dataset_image(dataset, index)),
            Images::Npz(images) => {
                // No image of an array is bad on its own: where it is damaged, what follows is lost too.
                read_ahead(|sink| images.read(batch_size, sink), |batch| consume(&batch))??;
                return Ok(Vec::new());
            }
        };
        let mut skipped = Vec::new();
        let mut batch = Vec::new();
        let mut bytes = 0;
        read_ahead(
            |sink| decode_all(self.len(), batch_size, decode, sink),
            |decoded| {
                for image in decoded {
                    match (image, bad_images) {
                        (Ok(image), _) => {
                            bytes += image.pixels.len();
                            batch.push(image);
                        }
                        (
                            Err(FileError::Image { path, .. } | FileError::Archive { path, .. }),
                            BadImages::Skip,
                        ) => skipped.push(path),
                        (Err(error), _) => return Err(DataError::from(error).into()),
                    }
                    // Counted in good images: batches stay full where files are skipped.
                    if batch.len() == batch_size || bytes >= BATCH_BYTES {
                        consume(&batch)?;
                        batch.clear();
                        bytes = 0;
                    }
                }
                Ok::<(), E>(())
            },
        )?;
        if !batch.is_empty() {
            consume(&batch)?;
        }
        if skipped.len() == self.len() {
            return Err(self.refused("none of its files could be read as an image").into());
        }
        Ok(skipped)
    }

    fn refused(&self, reason: &str) -> DataError {
        DataError::Source { text: self.text.clone(), reason: reason.to_owned() }
    }
}

/// Decodes `n` files in order, each portion of them in parallel: at most `most`, and so few that they fit into
/// [`BATCH_BYTES`] if they are no larger than those before.
fn decode_all(
    n: usize,
    most: usize,
    decode: &(dyn Fn(usize) -> Result<DecodedImage, FileError> + Sync),
    sink: &mut Sink<'_, Vec<Result<DecodedImage, FileError>>>,
) {
    let mut start = 0;
    let mut portion = most.min(rayon::current_num_threads());
    while start < n {
        let end = n.min(start + portion);
        let decoded: Vec<_> = (start..end).into_par_iter().map(decode).collect();
        let largest = decoded.iter().flatten().map(|image| image.pixels.len()).max();
        portion = (BATCH_BYTES / largest.unwrap_or(1)).clamp(1, most);
        start = end;
        if sink(decoded).is_break() {
            return;
        }
    }
}

/// Image `index` of a dataset as RGB, grey replicated.
fn dataset_image(dataset: &Dataset, index: usize) -> DecodedImage {
    let pixels = &dataset.images[index * dataset.image_len()..][..dataset.image_len()];
    let pixels = match dataset.channels {
        1 => pixels.iter().flat_map(|&grey| [grey; 3]).collect(),
        _ => pixels.to_vec(),
    };
    DecodedImage { pixels, width: dataset.width as u32, height: dataset.height as u32 }
}

/// `NAME:SPLIT` where `NAME` is a dataset or the path of one, if `text` itself is no path.
fn dataset_split(text: &str) -> Result<Option<(&str, Split)>, DataError> {
    let is_known = datasets::known(text.split_once(':').map_or(text, |(name, _)| name)).is_some();
    match datasets::name_and_split(text) {
        Ok((name, Some(split))) => {
            datasets::check_name(name)?;
            Ok(Some((name, split)))
        }
        Ok((name, None)) if is_known && !Path::new(text).exists() => {
            let reason = format!("a dataset needs its split; write {name}:train or {name}:test");
            Err(DataError::Source { text: text.to_owned(), reason })
        }
        Err(error) if is_known => Err(error),
        _ => Ok(None),
    }
}

fn open_files(text: &str) -> Result<Images, DataError> {
    const KINDS: &str = "a source is a folder of images, a .zip of images, an .npz with images in \
        arr_0 or a dataset split such as cifar10:test";
    let refused = |reason: String| DataError::Source { text: text.to_owned(), reason };
    let path = match text.strip_suffix(":arr_0") {
        Some(file) if is_npz(Path::new(file)) => Path::new(file),
        _ => Path::new(text),
    };
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            refused(format!("there is no such file or folder; {KINDS}"))
        }
        _ => FileError::io("read", path, error).into(),
    })?;
    let zipped = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if metadata.is_file() && is_npz(path) {
        return Ok(Images::Npz(NpzImages::open(path)?));
    }
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(refused(format!("it is neither a file nor a folder; {KINDS}")));
    }
    let (files, kind, left_out) = if metadata.is_dir() {
        (ImageFiles::from_paths(list_images(path)?), "folder", left_out::of_folder(path))
    } else if zipped {
        let archive = ImageArchive::open(path)?;
        let is_image = |name: &str| decode::has_image_extension(Path::new(name));
        let members = archive.members().iter().filter(|member| is_image(&member.name));
        let members = members.cloned().collect();
        let left_out = left_out::of_archive(&archive);
        (ImageFiles::from_archive(archive, members), "zip archive", left_out)
    } else {
        if let Some(error) = npz_images::convertible_file(path) {
            return Err(error.into());
        }
        return Err(refused(format!("it is a file and neither .zip nor .npz; {KINDS}")));
    };
    if files.is_empty() {
        return Err(refused(no_images(path, metadata.is_dir())));
    }
    Ok(Images::Files { files, kind, numbers: None, left_out })
}

/// Whether a file's name says that it is an archive of arrays.
pub fn is_npz(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npz"))
}

/// Why there are no images, naming the subfolders that may have been meant.
fn no_images(path: &Path, is_folder: bool) -> String {
    let extensions = decode::IMAGE_EXTENSIONS.join(", ");
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut subfolders: Vec<String> = entries
        .filter(|entry| is_folder && entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    subfolders.sort();
    if subfolders.is_empty() {
        return format!("it has no files that end in {extensions}");
    }
    let shown = subfolders.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if subfolders.len() > 5 { ", …" } else { "" };
    format!(
        "it has no files that end in {extensions}, and its {} subfolders ({shown}{more}) are not \
         searched; name one of them, or put the images into one folder",
        subfolders.len()
    )
}

#[cfg(test)]
mod tests;
