//! Datasets: labelled `u8` images, found on the disk or drawn by the program.
//!
//! A dataset is one file in this folder that implements [`DatasetSource`], plus one line in
//! [`DATASETS`]. Files are read in place, below the folder given as `--data`; each source's
//! documentation says where it looks and in which order. A path in the place of a name stands for
//! the images that lie there, see [`own_images`].

pub mod accepted;
pub mod cifar10;
mod class_folders;
mod conversion;
mod digits;
mod error;
mod flowers102;
pub mod idx;
mod image_cache;
mod labelled_files;
pub mod mat;
mod mnist;
mod naming;
mod native;
pub mod own_images;
mod pixels;
pub mod published;
pub mod resize;
pub mod shapes;
pub mod statistics;
pub mod stylegan;
mod tar_gz;

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use accepted::AcceptedFile;
use conversion::Conversion;
use published::Publication;

use crate::files::Treatment;

pub use error::DataError;
pub use image_cache::ImageCache;
pub use naming::{Found, check_name, find, is_path, known, name_and_split};
pub use native::{Content, EncodedImages, NativeImages, NativePixels};
pub use pixels::Pixels;

/// Largest side that images are resized to or drawn at, in pixels.
pub const MAX_IMAGE_SIDE: u32 = 2048;

/// Every dataset the program knows, in the order in which they are listed.
pub const DATASETS: &[&dyn DatasetSource] = &[
    &shapes::Shapes,
    &digits::Digits,
    &cifar10::Cifar10,
    &mnist::MNIST,
    &mnist::FASHION_MNIST,
    &flowers102::FLOWERS102,
    &flowers102::FLOWERS102_ALL,
];

/// The part of a dataset: what is trained on, or what is held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Images to train on, and the reference of FID by convention.
    Train,
    /// Held-out images.
    Test,
}

impl Split {
    /// Both splits.
    pub const ALL: [Self; 2] = [Self::Train, Self::Test];

    /// The name in file layouts and on the command line: `train` or `test`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Split {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        let named = Self::ALL.into_iter().find(|split| split.name() == text);
        named.ok_or_else(|| DataError::UnknownSplit { split: text.to_owned() })
    }
}

/// Images with their labels, in a fixed order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// The source's name, such as `cifar10`.
    pub name: String,
    /// Which part of it.
    pub split: Split,
    /// `[n, height, width, channels]` bytes, row by row from the top left.
    pub images: Pixels,
    /// `[n]` class indices into `classes`; `None` for a dataset without labels.
    pub labels: Option<Vec<u32>>,
    /// Number of images, at least 1.
    pub n: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// 1 (grey) or 3 (RGB).
    pub channels: usize,
    /// Class names, by label.
    pub classes: Vec<String>,
    /// SHA-256 over the shape, the pixels and the labels, in order: 64 hexadecimal digits.
    pub sha256: String,
    /// Where the images came from and in which layout, for the manifest.
    pub provenance: String,
    /// Whether numbers on these images may stand beside published ones: the official pixels from files that bear no
    /// mark of [`accepted`], the whole split, not turned to grey. Reports resize too: their sizes are compared elsewhere.
    pub comparable: bool,
    /// What was left out, and what became of images that are more than plain RGB: one sentence a kind.
    pub notes: Vec<String>,
}

impl Dataset {
    /// Bytes of one image.
    #[must_use]
    pub fn image_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// The pixels of one image, `[height, width, channels]`; `None` past the end.
    #[must_use]
    pub fn image(&self, index: usize) -> Option<&[u8]> {
        let start = index.checked_mul(self.image_len())?;
        self.images.get(start..start + self.image_len())
    }
}

/// What a load is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Image files are read and hashed.
    Reading,
    /// Images are decoded, resized or drawn.
    Making,
}

/// What to load and in which form. The default is everything, in its native form.
#[derive(Clone, Copy, Default)]
pub struct LoadOptions<'a> {
    /// Side of the square images wanted, in pixels; `None` is the native size.
    /// See [`resize::bilinear`] for the rule.
    pub size: Option<u32>,
    /// 1 or 3; `None` is the native number. Grey is replicated to RGB, and RGB becomes grey as
    /// ITU-R BT.601 luma, after any resizing.
    pub channels: Option<u8>,
    /// Seed of datasets that are drawn; those read from files ignore it.
    pub seed: u64,
    /// The colour that transparent images are blended with; `None` drops their alpha.
    pub background: Option<[u8; 3]>,
    /// At most so many images; `None` is all. Layouts sorted by class are cut evenly over classes.
    pub limit: Option<usize>,
    /// Where images that have to be decoded or resized are kept for the next load; `None` keeps none.
    pub cache: Option<&'a ImageCache>,
    /// Called with what is done, images done and images in all, now and then while a long load runs.
    pub progress: Option<&'a dyn Fn(Stage, usize, usize)>,
}

impl LoadOptions<'_> {
    /// How many of `available` images the limit leaves.
    fn limited(&self, available: usize) -> usize {
        self.limit.map_or(available, |limit| limit.min(available))
    }

    /// How image files become pixels.
    fn treatment(&self) -> Treatment {
        Treatment::Upright { background: self.background }
    }

    fn report(&self, stage: Stage, done: usize, total: usize) {
        if let Some(progress) = self.progress {
            progress(stage, done, total);
        }
    }
}

impl fmt::Debug for LoadOptions<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadOptions")
            .field("size", &self.size)
            .field("channels", &self.channels)
            .field("seed", &self.seed)
            .field("background", &self.background)
            .field("limit", &self.limit)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// A dataset that can be loaded.
pub trait DatasetSource: Sync {
    /// The name in records and, of those in [`DATASETS`], on the command line, such as `cifar10`.
    fn name(&self) -> &str;

    /// One line for lists and help.
    fn about(&self) -> &str;

    /// Class names, by label; none where the images have no labels.
    fn classes(&self) -> Vec<&str>;

    /// Number of images in a whole split.
    fn split_len(&self, split: Split) -> usize;

    /// Whether files must lie on the disk; `false` for datasets that the program draws.
    fn needs_files(&self) -> bool;

    /// The dataset inside the program that stands in for it where its files are missing; `None` for one that needs none.
    fn stand_in(&self) -> Option<&'static str> {
        self.needs_files().then_some("shapes")
    }

    /// What lies beside its files and is not taken: one sentence a kind.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Where its files come from; `None` for datasets without published files.
    fn published(&self) -> Option<&'static Publication> {
        None
    }

    /// Reads or draws a split.
    ///
    /// `options.limit` is honoured here. Size and channels may be taken up where images are drawn
    /// at will; [`load`] converts whatever differs from what was asked for.
    ///
    /// # Errors
    /// A [`DataError`] where the files are missing, damaged, or not what the layout says.
    fn read(
        &self,
        split: Split,
        data_dir: Option<&Path>,
        options: &LoadOptions<'_>,
    ) -> Result<NativeImages, DataError>;
}

/// Loads a split of the dataset called `name`, or of the images at that path, looking for files below `data_dir`.
///
/// The same files and options give the same bytes, whatever the number of threads and with or without a cache.
///
/// # Errors
/// A [`DataError`] where the name or an option is wrong, or where the files are missing (the error
/// lists the paths looked at), damaged, or not what their layout says.
pub fn load(
    name: impl AsRef<OsStr>,
    split: Split,
    data_dir: Option<&Path>,
    options: &LoadOptions<'_>,
) -> Result<Dataset, DataError> {
    let source = find(name)?;
    check_options(options)?;
    let native = source.read(split, data_dir, options)?;
    let conversion = Conversion::new(&native, options);
    let Conversion { n, to, .. } = conversion;
    let whole = n == source.split_len(split);
    let image_cache::Converted { pixels: hashed, notes } =
        image_cache::convert_once((source.name(), split), native.images, conversion, options)?;
    let accepted = accepted_files(&*source, data_dir);
    Ok(Dataset {
        name: source.name().to_owned(),
        split,
        sha256: hashed.sha256_with(native.labels.as_deref()),
        images: hashed.pixels,
        labels: native.labels,
        n,
        height: to.height,
        width: to.width,
        channels: to.channels,
        classes: source.classes().into_iter().map(str::to_owned).collect(),
        provenance: match accepted.as_slice() {
            [] => native.provenance,
            [first, ..] => {
                format!("{}; {} is not the published file", native.provenance, first.path.display())
            }
        },
        notes: [source.notes(), notes].concat(),
        comparable: native.official && accepted.is_empty() && whole && conversion.keeps_colour(),
    })
}

/// The source's files below `data_dir` that are not the published ones, by their user's own word.
fn accepted_files(source: &dyn DatasetSource, data_dir: Option<&Path>) -> Vec<AcceptedFile> {
    match (source.published(), data_dir) {
        (Some(publication), Some(data_dir)) => accepted::accepted_files(publication, data_dir),
        _ => Vec::new(),
    }
}

fn check_options(options: &LoadOptions<'_>) -> Result<(), DataError> {
    let refused = |option, reason: String| Err(DataError::Option { option, reason });
    if let Some(size) = options.size
        && !(1..=MAX_IMAGE_SIDE).contains(&size)
    {
        return refused("size", format!("{size} is not between 1 and {MAX_IMAGE_SIDE} pixels"));
    }
    if let Some(channels) = options.channels
        && ![1, 3].contains(&channels)
    {
        return refused("channels", format!("{channels} is neither 1 (grey) nor 3 (RGB)"));
    }
    if options.limit == Some(0) {
        return refused("limit", "0 leaves no image".to_owned());
    }
    Ok(())
}

/// ITU-R BT.601 luma of an RGB pixel, `0.299 R + 0.587 G + 0.114 B`, in 16-bit fixed point with
/// rounding (the weights add up to 65536, so white stays white).
#[must_use]
pub fn luma(&[red, green, blue]: &[u8; 3]) -> u8 {
    let sum = 19_595 * u32::from(red) + 38_470 * u32::from(green) + 7_471 * u32::from(blue);
    ((sum + 0x8000) >> 16) as u8
}

#[cfg(test)]
mod tests;
