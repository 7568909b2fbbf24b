//! Images in the array `arr_0` of an .npz file, as samples of diffusion models are passed around.

mod conversion;

use std::path::{Path, PathBuf};

use bench_formats::FormatError;
use bench_formats::npz::{ArrayReader, Element, NpzFile};

use super::BATCH_BYTES;
use super::read_ahead::Sink;
use crate::datasets::DataError;
use crate::files::DecodedImage;
use crate::files::decode::{MAX_PIXELS, MAX_SIDE};

pub(super) use conversion::of_file as convertible_file;

/// The array of images.
const KEY: &str = "arr_0";

/// Largest array in Fortran order that is read: its images lie through each other, so that all of it is held.
const MOST_IN_FORTRAN_ORDER: usize = 1 << 30;

/// Images of one size in an .npz file: `arr_0`, `u8`, RGB (`[n, height, width, 3]`) or grey (`[n, height, width]` or
/// `[n, height, width, 1]`), in C or Fortran order. Grey ones are read as RGB of equal channels.
///
/// Source: the evaluation batches of Dhariwal and Nichol, "Diffusion Models Beat GANs on Image Synthesis", 2021.
#[derive(Debug)]
pub struct NpzImages {
    path: PathBuf,
    shape: Shape,
    /// Whether the file holds statistics too.
    beside_statistics: bool,
}

#[derive(Clone, Copy, Debug)]
struct Shape {
    n: usize,
    height: usize,
    width: usize,
    channels: usize,
}

impl NpzImages {
    /// Opens the file and checks the array's shape; the images are read later.
    ///
    /// # Errors
    /// [`FormatError::Unreadable`], [`FormatError::Unusable`] if the file holds no such array, and [`FormatError::Convertible`] if
    /// numpy can make one of what it holds.
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        let mut archive = NpzFile::open(path)?;
        if !archive.contains(KEY) {
            return Err(conversion::of_other_keys(path, &mut archive));
        }
        let Some(shape) = shape(&archive.array(KEY)?)? else {
            return Err(conversion::of_array(path, &mut archive, KEY));
        };
        let beside_statistics = ["mu", "sigma"].iter().all(|key| archive.contains(key));
        Ok(Self { path: path.to_owned(), shape, beside_statistics })
    }

    /// Whether the file holds statistics (`mu` and `sigma`) beside the images.
    #[must_use]
    pub fn is_beside_statistics(&self) -> bool {
        self.beside_statistics
    }

    /// Where the file lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Columns and rows of every image.
    #[must_use]
    pub(super) fn size(&self) -> (u32, u32) {
        (self.shape.width as u32, self.shape.height as u32)
    }

    /// How many images there are, at least one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.n
    }

    /// Whether there are none, which [`NpzImages::open`] refuses.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the images once from first to last and sends them on in order, `batch_size` at a time or fewer where that
    /// would take more than 256 MiB, until there are no more or nobody wants them.
    ///
    /// # Errors
    /// A [`DataError`] where the file is damaged.
    pub(super) fn read(
        &self,
        batch_size: usize,
        sink: &mut Sink<'_, Vec<DecodedImage>>,
    ) -> Result<(), DataError> {
        let mut archive = NpzFile::open(&self.path)?;
        let mut array = archive.array(KEY)?;
        // The file may be another one by now.
        let shape =
            shape(&array)?.ok_or_else(|| array.refused("it has changed since it was opened"))?;
        let Shape { n, height, width, .. } = shape;
        let batch_size = batch_size.min(BATCH_BYTES / (height * width * 3)).max(1);
        let scattered = match array.is_fortran_order() {
            true => Some(all_bytes(&mut array)?),
            false => None,
        };
        for start in (0..n).step_by(batch_size) {
            let mut batch = Vec::with_capacity(batch_size.min(n - start));
            for index in start..n.min(start + batch_size) {
                let pixels = match &scattered {
                    Some(bytes) => shape.gathered(bytes, index),
                    None => {
                        let mut pixels = vec![0; shape.length()];
                        array.read_bytes(&mut pixels)?;
                        pixels
                    }
                };
                let pixels = shape.as_rgb(pixels);
                batch.push(DecodedImage { pixels, width: width as u32, height: height as u32 });
            }
            if sink(batch).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Shape {
    /// Bytes of an image.
    fn length(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Image number `index` of an array in Fortran order.
    fn gathered(&self, bytes: &[u8], index: usize) -> Vec<u8> {
        let &Self { n, height, width, channels } = self;
        let mut pixels = Vec::with_capacity(self.length());
        for y in 0..height {
            for x in 0..width {
                pixels.extend(
                    (0..channels).map(|c| bytes[index + n * (y + height * (x + width * c))]),
                );
            }
        }
        pixels
    }

    fn as_rgb(&self, pixels: Vec<u8>) -> Vec<u8> {
        match self.channels {
            1 => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
            _ => pixels,
        }
    }
}

/// The whole array, which is at most as large as [`shape`] lets it be.
fn all_bytes(array: &mut ArrayReader<'_>) -> Result<Vec<u8>, FormatError> {
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(array.bytes_left())
        .map_err(|error| array.refused(error.to_string()))?;
    bytes.resize(array.bytes_left(), 0);
    array.read_bytes(&mut bytes)?;
    Ok(bytes)
}

/// The shape of an array of images; `None` if it has another form, which numpy may bring into this one.
///
/// # Errors
/// If there are no images, or they are too large.
fn shape(array: &ArrayReader<'_>) -> Result<Option<Shape>, FormatError> {
    let (n, height, width, channels) = match *array.shape() {
        _ if array.element() != Element::U8 => return Ok(None),
        [n, height, width, channels @ (1 | 3)] => (n, height, width, channels),
        // One RGB image without its axis of images looks like many grey ones that are 3 pixels wide.
        [n, height, width] if width != 3 => (n, height, width, 1),
        _ => return Ok(None),
    };
    let sides = 1..=MAX_SIDE as usize;
    if n == 0 || !sides.contains(&height) || !sides.contains(&width) {
        return Err(array.refused(format!(
            "{n} images of {width}x{height} pixels: give at least one, with sides up to {MAX_SIDE}"
        )));
    }
    if (height * width) as u64 > MAX_PIXELS {
        return Err(array.refused(format!(
            "{width}x{height} pixels are too large: the limit is {MAX_PIXELS} pixels"
        )));
    }
    if array.is_fortran_order() && array.bytes_left() > MOST_IN_FORTRAN_ORDER {
        return Err(array.refused(
            "its images lie through each other, in Fortran order, and are more than 1 GiB: write \
             numpy.ascontiguousarray of it",
        ));
    }
    Ok(Some(Shape { n, height, width, channels }))
}
