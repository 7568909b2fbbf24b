//! Image files with their labels, decoded to images of one size.

use std::sync::{Arc, OnceLock};

use image::imageops::{self, FilterType};
use image::{ImageBuffer, Rgb};
use rayon::prelude::*;

use super::{Content, DataError, EncodedImages, LoadOptions, NativeImages, NativePixels, Stage};
use crate::files::{BadImages, DecodedImage, ImageFiles, Survey, Treatment};

/// Images decoded between two reports of progress.
const CHUNK: usize = 256;

/// Most bytes that the pixels of a split may take.
const MAX_BYTES: u64 = 64 << 30;

/// How images come to the side that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Each must be a square of that side.
    Exact,
    /// See [`centre_square`].
    CentreSquare,
}

/// Encoded images in an order of their own, with their labels.
#[derive(Debug)]
pub(super) struct LabelledFiles {
    files: Arc<ImageFiles>,
    chosen: Vec<usize>,
    labels: Option<Vec<u32>>,
    survey: OnceLock<Survey>,
}

impl LabelledFiles {
    /// The files numbered `chosen`, in that order, with as many labels, if any.
    pub(super) fn new(
        files: Arc<ImageFiles>,
        chosen: Vec<usize>,
        labels: Option<Vec<u32>>,
    ) -> Self {
        Self { files, chosen, labels, survey: OnceLock::new() }
    }

    /// All files with their labels.
    pub(super) fn all(files: ImageFiles, labels: Vec<u32>) -> Self {
        Self::new(Arc::new(files), (0..labels.len()).collect(), Some(labels))
    }

    /// Leaves at most `limit` images, in order. With labels they are the first of every class, then the second, and so on,
    /// so that a part of the data is as balanced as the whole.
    pub(super) fn limited(mut self, limit: Option<usize>) -> Self {
        let Some(limit) = limit else { return self };
        let Some(labels) = &mut self.labels else {
            self.chosen.truncate(limit);
            return self;
        };
        let classes = labels.iter().max().map_or(0, |&last| last as usize + 1);
        let mut sizes = vec![0; classes];
        labels.iter().for_each(|&label| sizes[label as usize] += 1);
        let mut left = kept_per_class(&sizes, limit);
        let pairs = self.chosen.iter().zip(labels.iter()).map(|(&file, &label)| (file, label));
        let kept = pairs.filter(|&(_, label)| {
            let left = &mut left[label as usize];
            let keep = *left > 0;
            *left = left.saturating_sub(1);
            keep
        });
        (self.chosen, *labels) = kept.collect();
        self
    }

    /// The side of the images, in pixels, where all are squares of one size; else `None`.
    ///
    /// # Errors
    /// A [`DataError`] naming a file that cannot be read.
    pub(super) fn common_side(&self, options: &LoadOptions<'_>) -> Result<Option<u32>, DataError> {
        let survey = survey(&self.files, &self.chosen, &self.survey, options)?;
        let mut sizes = survey.sizes.iter();
        Ok(match (sizes.next(), sizes.next()) {
            (Some((&(width, height), &n)), None) if width == height && n == self.chosen.len() => {
                Some(width)
            }
            _ => None,
        })
    }

    /// The images as `fit` brings them to `side` pixels; decoding names files of another size with `hint`.
    pub(super) fn fitted(
        self,
        fit: Fit,
        side: u32,
        hint: &'static str,
        provenance: String,
    ) -> NativeImages {
        let Self { files, chosen, labels, survey } = self;
        NativeImages {
            images: NativePixels::Encoded(Box::new(FittedFiles {
                files,
                chosen,
                survey,
                fit,
                side,
                hint,
            })),
            labels,
            height: side as usize,
            width: side as usize,
            channels: 3,
            provenance,
            official: false,
        }
    }
}

/// Files that are decoded to RGB images of `side` pixels.
#[derive(Debug)]
struct FittedFiles {
    files: Arc<ImageFiles>,
    chosen: Vec<usize>,
    survey: OnceLock<Survey>,
    fit: Fit,
    side: u32,
    hint: &'static str,
}

impl FittedFiles {
    fn decode_one(&self, index: usize, treatment: Treatment) -> Result<Vec<u8>, DataError> {
        let image = self.files.decode(index, treatment)?;
        let (width, height, side) = (image.width, image.height, self.side);
        match self.fit {
            _ if (width, height) == (side, side) => Ok(image.pixels),
            Fit::CentreSquare => Ok(centre_square(image, side)),
            Fit::Exact => {
                let reason = format!("it has {width}x{height} pixels and not {side}x{side}");
                Err(DataError::malformed(&self.files.path_of(index), reason, self.hint))
            }
        }
    }
}

impl EncodedImages for FittedFiles {
    fn count(&self) -> usize {
        self.chosen.len()
    }

    fn look_at(&self, options: &LoadOptions<'_>) -> Result<Content, DataError> {
        let treatment = options.treatment();
        let survey = survey(&self.files, &self.chosen, &self.survey, options)?;
        let key = format!("{} {treatment:?}", survey.sha256);
        Ok(Content { key, notes: survey.sentences(treatment) })
    }

    /// In parallel and in order. Refuses what would take more than 64 GiB.
    fn decode(&self, options: &LoadOptions<'_>) -> Result<Vec<u8>, DataError> {
        let (total, side) = (self.count(), self.side);
        let bytes = total as u64 * 3 * u64::from(side).pow(2);
        let mut images = Vec::new();
        if bytes > MAX_BYTES || images.try_reserve_exact(bytes as usize).is_err() {
            let reason = format!(
                "{total} images of {side}x{side} pixels take {bytes} bytes; ask for smaller or fewer ones"
            );
            return Err(DataError::Option { option: "size", reason });
        }
        for (number, chunk) in self.chosen.chunks(CHUNK).enumerate() {
            options.report(Stage::Making, number * CHUNK, total);
            let treatment = options.treatment();
            let decoded: Vec<Result<_, DataError>> =
                chunk.par_iter().map(|&index| self.decode_one(index, treatment)).collect();
            for image in decoded {
                images.extend(image?);
            }
        }
        options.report(Stage::Making, total, total);
        Ok(images)
    }
}

/// What the chosen files are, found out once.
fn survey<'a>(
    files: &ImageFiles,
    chosen: &[usize],
    known: &'a OnceLock<Survey>,
    options: &LoadOptions<'_>,
) -> Result<&'a Survey, DataError> {
    if let Some(survey) = known.get() {
        return Ok(survey);
    }
    let report = |done, total| options.report(Stage::Reading, done, total);
    let survey = Survey::of(files, chosen, options.treatment(), BadImages::Refuse, &report)?;
    Ok(known.get_or_init(|| survey))
}

/// How many of every class a limit leaves: the first of each, then the second, and so on.
fn kept_per_class(sizes: &[usize], limit: usize) -> Vec<usize> {
    let mut left = limit;
    let mut kept = vec![0; sizes.len()];
    for round in 0..sizes.iter().copied().max().unwrap_or(0) {
        if left == 0 {
            break;
        }
        for (kept, &size) in kept.iter_mut().zip(sizes) {
            if round < size && left > 0 {
                *kept += 1;
                left -= 1;
            }
        }
    }
    kept
}

/// The largest square in the middle, reduced or enlarged to `side` pixels by a triangle filter as wide as the reduction
/// (antialiased bilinear): `[side, side, 3]`. A square of that side stays as it is.
///
/// Where the margin is odd, the square lies half a pixel to the left of the middle, or above it.
pub(super) fn centre_square(image: DecodedImage, side: u32) -> Vec<u8> {
    if (image.width, image.height) == (side, side) {
        return image.pixels;
    }
    let edge = image.width.min(image.height);
    let (left, top) = ((image.width - edge) / 2, (image.height - edge) / 2);
    let whole: Option<ImageBuffer<Rgb<u8>, _>> =
        ImageBuffer::from_raw(image.width, image.height, image.pixels);
    let whole = whole.expect("a decoded image is as long as its sides say");
    let middle = imageops::crop_imm(&whole, left, top, edge, edge);
    imageops::resize(&*middle, side, side, FilterType::Triangle).into_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(labels: &[u32], limit: usize) -> (Vec<usize>, Vec<u32>) {
        let paths = vec!["unread".into(); labels.len()];
        let files = LabelledFiles::all(ImageFiles::from_paths(paths), labels.to_vec());
        let files = files.limited(Some(limit));
        (files.chosen, files.labels.unwrap())
    }

    #[test]
    fn a_limit_is_spread_evenly_over_the_classes() {
        assert_eq!(kept_per_class(&[5, 5, 5], 7), [3, 2, 2]);
        assert_eq!(kept_per_class(&[1, 5, 2], 6), [1, 3, 2]);
        assert_eq!(kept_per_class(&[1, 5, 2], usize::MAX), [1, 5, 2]);
        assert_eq!(limited(&[0, 0, 0, 1, 1, 1], 3), (vec![0, 1, 3], vec![0, 0, 1]));
        assert_eq!(limited(&[1, 0, 1, 1, 0, 2], 4), (vec![0, 1, 4, 5], vec![1, 0, 0, 2]));
        assert_eq!(limited(&[0, 0], 9), (vec![0, 1], vec![0, 0]));
    }

    #[test]
    fn squares_of_the_side_keep_their_pixels_and_others_their_middle() {
        let image = |width: u32, height: u32| {
            let grey = |x: u32| if (2..4).contains(&x) { 80 } else { 255 };
            let pixels = (0..height).flat_map(|_| (0..width).flat_map(|x| [grey(x); 3])).collect();
            DecodedImage { pixels, width, height }
        };
        assert_eq!(centre_square(image(6, 6), 6), image(6, 6).pixels);
        assert_eq!(centre_square(image(6, 2), 2), [80; 12]);
        assert_eq!(centre_square(image(6, 2), 1), [80; 3]);
        assert_eq!(centre_square(image(6, 2), 5), [80; 75]);
    }
}
