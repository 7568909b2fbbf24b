//! `shapes`: ten classes of coloured shapes drawn by the program, for runs without any files.
//!
//! Image `i` is a function of (seed, split, `i`) alone: the first ten of a hundred images are the
//! ten images of a shorter load. Its label is `i mod 10`, so that every prefix is balanced. Scenes
//! are laid out in units of the image's side, so any size shows the same scenes. The drawing uses
//! sums, products, quotients and square roots only, which IEEE 754 rounds alike everywhere, so the
//! bytes are the same on every machine.

mod distance;
mod paint;
mod scene;

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{
    DataError, DatasetSource, LoadOptions, NativeImages, NativePixels, Split, Stage, luma,
};
use scene::Scene;

/// Side of the images unless another one is asked for, in pixels.
const SIDE: u32 = 32;

/// Smallest side at which the shapes can be told apart, in pixels.
pub const MIN_SIDE: u32 = 8;

/// Images drawn between two reports of progress.
const CHUNK: usize = 4096;

/// Part of the key of every random stream; a new number means new images.
const VERSION: u8 = 1;

/// See the [module](self).
pub(super) struct Shapes;

impl DatasetSource for Shapes {
    fn name(&self) -> &'static str {
        "shapes"
    }

    fn about(&self) -> &'static str {
        "shapes: 60 000 coloured shapes drawn from a seed, 32x32 RGB, 10 classes (embedded, no files)"
    }

    fn classes(&self) -> Vec<&str> {
        distance::NAMES.to_vec()
    }

    fn split_len(&self, split: Split) -> usize {
        match split {
            Split::Train => 50_000,
            Split::Test => 10_000,
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
        let side = options.size.unwrap_or(SIDE);
        if side < MIN_SIDE {
            let reason = format!("shapes need at least {MIN_SIDE} pixels a side, not {side}");
            return Err(DataError::Option { option: "size", reason });
        }
        let n = options.limited(self.split_len(split));
        let (side, seed) = (side as usize, options.seed);
        let channels = usize::from(options.channels.unwrap_or(3));
        let image_len = side * side * channels;
        let mut images = vec![0; n * image_len];
        for (chunk, pixels) in images.chunks_mut(CHUNK * image_len).enumerate() {
            options.report(Stage::Making, chunk * CHUNK, n);
            pixels.par_chunks_mut(image_len).enumerate().for_each(|(offset, image)| {
                draw(seed, split, chunk * CHUNK + offset, side, image);
            });
        }
        options.report(Stage::Making, n, n);
        Ok(NativeImages {
            images: NativePixels::Raw(images),
            labels: Some((0..n).map(label).collect()),
            height: side,
            width: side,
            channels,
            provenance: format!("drawn by the program (shapes v{VERSION}, seed {seed})"),
            official: false,
        })
    }
}

fn label(index: usize) -> u32 {
    (index % distance::NAMES.len()) as u32
}

/// Draws image `index` into `side * side` pixels of one or three bytes.
fn draw(seed: u64, split: Split, index: usize, side: usize, image: &mut [u8]) {
    let mut random = stream(seed, split, index);
    let scene = Scene::random(distance::KINDS[label(index) as usize], &mut random);
    let channels = image.len() / (side * side);
    let pixel = 1.0 / side as f32;
    for (position, bytes) in image.chunks_exact_mut(channels).enumerate() {
        let x = ((position % side) as f32 + 0.5) * pixel;
        let y = ((position / side) as f32 + 0.5) * pixel;
        let colour = paint::to_bytes(scene.colour(x, y, pixel));
        match bytes {
            [grey] => *grey = luma(&colour),
            _ => bytes.copy_from_slice(&colour),
        }
    }
}

/// The random stream of one image: key from (version, split, seed), stream number from the index.
fn stream(seed: u64, split: Split, index: usize) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..6].copy_from_slice(b"shapes");
    key[6] = VERSION;
    key[7] = match split {
        Split::Train => 0,
        Split::Test => 1,
    };
    key[8..16].copy_from_slice(&seed.to_le_bytes());
    let mut random = ChaCha8Rng::from_seed(key);
    random.set_stream(index as u64);
    random
}

#[cfg(test)]
mod tests;
