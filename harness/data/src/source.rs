//! A SOURCE of images for `bench eval`: a folder, a zip archive, an array in an .npz file, or a split of a dataset.
//!
//! Images are streamed in batches, so memory does not grow with their number (a dataset split is
//! held whole, as datasets are, and encoded files up to 512 MiB from the pass that hashes them to the one that decodes them). The next batch is decoded while one is worked on. Each image keeps its own size: resizing belongs to the extractor.

mod classes;
mod items;
mod npz_images;
mod origin;
mod read_ahead;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::datasets::{self, DataError, Dataset, LoadOptions, Split};
use crate::files::image_tree::{Depth, LeftOut, Selection};
use crate::files::{DecodedImage, FileError, ImageFiles, ImageTree, Treatment};

use read_ahead::{Sink, read_ahead};

pub use crate::files::BadImages;
pub use classes::Labels;
pub use npz_images::NpzImages;
pub use origin::Origin;

/// Pixels that are worked on at a time, in bytes, and pixels that are read ahead meanwhile, unless one image has more.
const BATCH_BYTES: usize = 256 << 20;

/// How files of a source become pixels.
const TREATMENT: Treatment = Treatment::AsPil;

/// Images to evaluate or to evaluate against, in a fixed order.
#[derive(Debug)]
pub struct Source {
    text: OsString,
    images: Images,
}

#[derive(Debug)]
enum Images {
    Files(Box<Files>),
    Npz(NpzImages),
    Dataset(Box<Dataset>),
}

/// Image files in a folder or an archive.
#[derive(Debug)]
struct Files {
    files: ImageFiles,
    kind: &'static str,
    labels: Option<Labels>,
    left_out: LeftOut,
}

/// Where and how images are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceOptions<'a> {
    /// The folder below which files of datasets are looked for.
    pub data_dir: Option<&'a Path>,
    /// How a dataset split is loaded; folders, archives and arrays ignore it.
    pub load: LoadOptions<'a>,
    /// Which files of a folder or an archive are taken.
    pub selection: Selection<'a>,
}

impl Source {
    /// Opens the source that `text` names:
    ///
    /// - `NAME:train` or `NAME:test`, a split of the dataset `NAME`, whose files are looked for
    ///   below the data folder (write `./NAME:test` for a folder that is really called so), or of the images at the path
    ///   `NAME`;
    /// - a folder or a `.zip` file: the image files in it that the selection takes, see [`ImageTree::open`];
    /// - an `.npz` file: the images in its array `arr_0`, see [`NpzImages`]. Where it holds statistics too, `FILE:arr_0`
    ///   says that the images are meant.
    ///
    /// Where classes are looked for ([`Depth::Classes`]), what has labels in StyleGAN's `dataset.json` gives the images at
    /// any depth.
    ///
    /// # Errors
    /// A [`DataError`] where the text names nothing of this kind, nothing is there, it holds no
    /// images, or a `dataset.json` that is wanted is damaged. Damaged images are found later, by [`Source::origin`] and
    /// [`Source::for_each_batch`].
    pub fn open(text: impl AsRef<OsStr>, options: &SourceOptions<'_>) -> Result<Self, DataError> {
        let text = text.as_ref();
        let SourceOptions { data_dir, load, selection } = options;
        let images = match dataset_split(text)? {
            Some((name, split)) => {
                Images::Dataset(Box::new(datasets::load(name, split, *data_dir, load)?))
            }
            None => open_files(text, *selection)?,
        };
        Ok(Self { text: text.to_owned(), images })
    }

    /// Number of image files, damaged ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.images {
            Images::Files(own) => own.files.len(),
            Images::Npz(images) => images.len(),
            Images::Dataset(dataset) => dataset.n,
        }
    }

    /// Whether there are no images; a source that was opened has at least one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the user calls it.
    #[must_use]
    pub fn name(&self) -> String {
        self.text.display().to_string()
    }

    fn kind(&self) -> &'static str {
        match &self.images {
            Images::Files(own) => own.kind,
            Images::Npz(_) => "array",
            Images::Dataset(_) => "dataset split",
        }
    }

    /// What the source is, for messages and records, such as `samples (folder, 5000 images)`.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{} ({}, {} images)", self.name(), self.kind(), self.len())
    }

    /// The dataset split behind the source, if it is one.
    #[must_use]
    pub fn dataset(&self) -> Option<&Dataset> {
        match &self.images {
            Images::Files(_) | Images::Npz(_) => None,
            Images::Dataset(dataset) => Some(dataset),
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
            Images::Files(own) => &|index| own.files.decode(index, TREATMENT),
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
        DataError::Source { text: self.name(), reason: reason.to_owned() }
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
fn dataset_split(text: &OsStr) -> Result<Option<(&OsStr, Split)>, DataError> {
    let plain = text.to_string_lossy();
    let is_known =
        datasets::known(plain.split_once(':').map_or(&*plain, |(name, _)| name)).is_some();
    match datasets::name_and_split(text) {
        Ok((name, Some(split))) => {
            datasets::check_name(name)?;
            Ok(Some((name, split)))
        }
        Ok((name, None)) if is_known && !Path::new(text).exists() => {
            let name = name.display();
            let reason = format!("a dataset needs its split; write {name}:train or {name}:test");
            Err(DataError::Source { text: plain.into_owned(), reason })
        }
        Err(error) if is_known => Err(error),
        _ => Ok(None),
    }
}

fn open_files(text: &OsStr, selection: Selection<'_>) -> Result<Images, DataError> {
    const KINDS: &str = "a source is a folder of images, a .zip of images, an .npz with images in \
        arr_0 or a dataset split such as cifar10:test";
    let refused = |reason: String| DataError::Source { text: text.display().to_string(), reason };
    let array = text.to_str().and_then(|text| text.strip_suffix(":arr_0")).map(Path::new);
    let path = array.filter(|file| is_npz(file)).unwrap_or(Path::new(text));
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
    if metadata.is_file() && !zipped {
        if let Some(error) = npz_images::convertible_file(path) {
            return Err(error.into());
        }
        return Err(refused(format!("it is a file and neither .zip nor .npz; {KINDS}")));
    }
    if selection.depth == Depth::Classes
        && let Some(labelled) = classes::labelled_by_file(path)?
    {
        return Ok(labelled);
    }
    let tree = ImageTree::open(path, selection)?;
    if tree.files.is_empty() {
        return Err(refused(no_images(&tree.left_out, selection)));
    }
    let kind = match (metadata.is_dir(), selection.depth) {
        (true, Depth::Classes) if tree.folders().is_some() => "class folders",
        (true, _) => "folder",
        (false, _) => "zip archive",
    };
    let labels = tree.folders().map(|folders| Labels::by_name(&folders));
    let files = Files { files: tree.files, kind, labels, left_out: tree.left_out };
    Ok(Images::Files(Box::new(files)))
}

/// Whether a file's name says that it is an archive of arrays.
pub fn is_npz(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npz"))
}

/// Why there are no images.
fn no_images(left_out: &LeftOut, selection: Selection<'_>) -> String {
    let extensions = selection.extensions.join(", ");
    let besides = left_out.sentences();
    match besides.is_empty() {
        true => format!("it has no files that end in {extensions}"),
        false => format!(
            "it has no files that end in {extensions}, but {}; give a folder of images, or another protocol if it takes them",
            besides.join(", and ")
        ),
    }
}

#[cfg(test)]
mod tests;
