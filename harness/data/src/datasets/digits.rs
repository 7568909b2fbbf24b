//! `digits`: the 10 000 test images of MNIST, inside the program, for runs without any files.
//!
//! They are the official files, unchanged (see `assets/digits/NOTICE.md` for author and licence). Every tenth image is
//! held out; so both splits have all writers and nearly equal shares of the classes.

use std::path::Path;

use flate2::read::GzDecoder;

use super::mnist::MNIST;
use super::{DataError, DatasetSource, LoadOptions, NativeImages, NativePixels, Split, Stage, idx};

const IMAGES: &[u8] = include_bytes!("../../assets/digits/t10k-images-idx3-ubyte.gz");
const LABELS: &[u8] = include_bytes!("../../assets/digits/t10k-labels-idx1-ubyte.gz");

/// Images in both files.
const ALL: usize = 10_000;
/// Side of an image in pixels.
const SIDE: usize = 28;
/// One of so many images is held out.
const HELD_OUT: usize = 10;

/// See the [module](self).
pub(super) struct Digits;

impl DatasetSource for Digits {
    fn name(&self) -> &'static str {
        "digits"
    }

    fn about(&self) -> &'static str {
        "digits: the 10 000 test images of MNIST, 28x28 grey, 10 classes (embedded, no files; CC BY-SA 3.0)"
    }

    fn classes(&self) -> Vec<&str> {
        MNIST.classes()
    }

    fn split_len(&self, split: Split) -> usize {
        match split {
            Split::Train => ALL - ALL / HELD_OUT,
            Split::Test => ALL / HELD_OUT,
        }
    }

    fn needs_files(&self) -> bool {
        false
    }

    fn read(
        &self,
        split: Split,
        _data_dir: Option<&Path>,
        options: &LoadOptions<'_>,
    ) -> Result<NativeImages, DataError> {
        let (images, labels) = (unpacked::<3>(IMAGES)?, unpacked::<1>(LABELS)?);
        let is_held_out = |index: &usize| index % HELD_OUT == HELD_OUT - 1;
        let n = options.limited(self.split_len(split));
        let chosen: Vec<usize> =
            (0..ALL).filter(|i| is_held_out(i) == (split == Split::Test)).take(n).collect();
        let pixels = chosen.iter().flat_map(|i| &images[i * SIDE * SIDE..(i + 1) * SIDE * SIDE]);
        let images = NativePixels::Raw(pixels.copied().collect());
        options.report(Stage::Making, n, n);
        Ok(NativeImages {
            images,
            labels: Some(chosen.iter().map(|&i| u32::from(labels[i])).collect()),
            height: SIDE,
            width: SIDE,
            channels: 1,
            provenance: "the program (test images of MNIST, every tenth held out)".to_owned(),
            official: false,
        })
    }
}

/// The bytes of a gzipped IDX file of the program.
fn unpacked<const RANK: usize>(file: &[u8]) -> Result<Vec<u8>, DataError> {
    let parsed = idx::parse::<RANK>(GzDecoder::new(file)).map_err(|error| {
        DataError::malformed(Path::new("digits"), error.to_string(), "build the program again")
    })?;
    Ok(parsed.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(split: Split) -> (Vec<u8>, Vec<u32>) {
        let mut native = Digits.read(split, None, &LoadOptions::default()).unwrap();
        let pixels = native.images.take(&LoadOptions::default()).unwrap();
        (pixels, native.labels.unwrap())
    }

    #[test]
    fn both_splits_have_all_classes_and_together_all_images() {
        let (train, test) = (read(Split::Train), read(Split::Test));
        assert_eq!((train.0.len(), test.0.len()), (9000 * 784, 1000 * 784));
        for (labels, least) in [(&train.1, 750), (&test.1, 70)] {
            for class in 0..10 {
                assert!(labels.iter().filter(|&&label| label == class).count() > least, "{class}");
            }
        }
        // The first test images of MNIST are a 7, a 2, a 1 and a 0; the tenth, a 9, is held out.
        assert_eq!((train.1[..4].to_vec(), test.1[0]), (vec![7, 2, 1, 0], 9));
        assert!(train.0.contains(&255) && train.0[..28] == [0; 28]);
    }
}
