//! Images in the array `arr_0` of an .npz file, as samples of diffusion models are passed around.

use std::path::{Path, PathBuf};

use bench_formats::FormatError;
use bench_formats::npz::{ArrayReader, Element, NpzFile};

use super::BATCH_BYTES;
use super::read_ahead::Sink;
use crate::datasets::DataError;
use crate::files::DecodedImage;
use crate::files::decode::{MAX_PIXELS, MAX_SIDE};

/// The array of images.
const KEY: &str = "arr_0";

/// RGB images of one size in an .npz file: `arr_0`, `u8`, `[n, height, width, 3]`.
///
/// Source: the evaluation batches of Dhariwal and Nichol, "Diffusion Models Beat GANs on Image Synthesis", 2021.
#[derive(Debug)]
pub struct NpzImages {
    path: PathBuf,
    shape: Shape,
}

#[derive(Clone, Copy, Debug)]
struct Shape {
    n: usize,
    height: usize,
    width: usize,
}

impl NpzImages {
    /// Opens the file and checks the array's shape; the images are read later.
    ///
    /// # Errors
    /// [`FormatError::ReadNpz`], and [`FormatError::Npz`] if the file holds no such array.
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        let shape = shape(&NpzFile::open(path)?.array(KEY)?)?;
        Ok(Self { path: path.to_owned(), shape })
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
        let Shape { n, height, width } = shape(&array)?;
        let length = height * width * 3;
        let batch_size = batch_size.min(BATCH_BYTES / length).max(1);
        let mut left = n;
        while left > 0 {
            let mut batch = Vec::with_capacity(left.min(batch_size));
            for _ in 0..left.min(batch_size) {
                let mut pixels = vec![0; length];
                array.read_bytes(&mut pixels)?;
                batch.push(DecodedImage { pixels, width: width as u32, height: height as u32 });
            }
            left -= batch.len();
            if sink(batch).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The shape of an array of images.
fn shape(array: &ArrayReader<'_>) -> Result<Shape, FormatError> {
    let sides = 1..=MAX_SIDE as usize;
    match *array.shape() {
        _ if array.element() != Element::U8 => {
            Err(array.refused("images have elements of type uint8, from 0 to 255"))
        }
        [n, height, width, 3] if n > 0 && sides.contains(&height) && sides.contains(&width) => {
            if (height * width) as u64 > MAX_PIXELS {
                return Err(array.refused(format!(
                    "{width}x{height} pixels are too large: the limit is {MAX_PIXELS} pixels"
                )));
            }
            if array.is_fortran_order() {
                return Err(array.refused("images have to lie one after another, in C order"));
            }
            Ok(Shape { n, height, width })
        }
        ref other => Err(array.refused(format!(
            "images have shape [n, height, width, 3] with sides up to {MAX_SIDE}, and not {other:?}"
        ))),
    }
}
