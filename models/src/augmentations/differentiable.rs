//! Differentiable augmentations of what the discriminator sees, real and generated alike
//! (DiffAugment, Zhao et al. 2020).
//!
//! The transformations take their random numbers as arguments; [`augment`] draws them.

mod color;
mod cutout;
mod translation;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use tch::Tensor;

pub use color::{brighten, contrast, saturate};
pub use cutout::cutout;
pub use translation::translate;

use super::flip::flip;

/// An operation with random numbers of its own for each image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiffAugment {
    /// Mirrors left to right with probability 1/2. Not part of DiffAugment.
    Flip,
    /// Adds U(-0.5, 0.5) to the brightness, then multiplies the saturation by U(0, 2) and the
    /// contrast by U(0.5, 1.5).
    Color,
    /// Shifts by up to an eighth of the side either way, zeros coming in.
    Translation,
    /// Sets a square of half the side to zero, its centre anywhere.
    Cutout,
}

impl DiffAugment {
    /// Every operation, in the order in which adaptive augmentation applies them.
    pub const ALL: [Self; 4] = [Self::Flip, Self::Color, Self::Translation, Self::Cutout];
}

/// `operations` applied one after the other to `images` `[n, c, h, w]`, each transformation of each
/// image with `probability`. The numbers drawn do not depend on `probability`.
pub fn augment(
    images: &Tensor,
    operations: &[DiffAugment],
    probability: f64,
    mut rng: impl Rng,
) -> Tensor {
    operations.iter().fold(images.shallow_clone(), |x, operation| {
        let (n, side) = (x.size()[0], x.size()[2]);
        match operation {
            DiffAugment::Flip => {
                let mirrored = per_image(n, &mut rng, probability, false, |rng| rng.random());
                flip(&x, &mirrored)
            }
            DiffAugment::Color => {
                let mut numbers = |neutral, low, width| {
                    per_image(n, &mut rng, probability, neutral, |rng| {
                        low + width * rng.random::<f32>()
                    })
                };
                let brightness = numbers(0.0, -0.5, 1.0);
                let saturation = numbers(1.0, 0.0, 2.0);
                let contrasts = numbers(1.0, 0.5, 1.0);
                contrast(&saturate(&brighten(&x, &brightness), &saturation), &contrasts)
            }
            DiffAugment::Translation => {
                let most = translation::most(side);
                let shifts = per_image(n, &mut rng, probability, (0, 0), |rng| {
                    (rng.random_range(-most..=most), rng.random_range(-most..=most))
                });
                translate(&x, &shifts)
            }
            DiffAugment::Cutout => {
                let corners = cutout::corners(side);
                let squares = per_image(n, &mut rng, probability, None, |rng| {
                    Some((rng.random_range(corners.clone()), rng.random_range(corners.clone())))
                });
                cutout(&x, &squares)
            }
        }
    })
}

/// One draw an image; `neutral` in its place with the complement of `probability`.
fn per_image<T: Clone, R: Rng>(
    n: i64,
    rng: &mut R,
    probability: f64,
    neutral: T,
    draw: impl Fn(&mut R) -> T,
) -> Vec<T> {
    (0..n)
        .map(|_| {
            let drawn = draw(rng);
            if rng.random::<f64>() < probability { drawn } else { neutral.clone() }
        })
        .collect()
}

/// `[n]` numbers as a tensor that multiplies images.
fn column(numbers: &[f32], like: &Tensor) -> Tensor {
    Tensor::from_slice(numbers).to_device(like.device()).view([-1, 1, 1, 1])
}
