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
        let mut chance = Chance { n, probability, rng: &mut rng };
        match operation {
            DiffAugment::Flip => {
                let mirrored = chance.per_image(false, |rng| rng.random());
                mirrored.map_or(x.shallow_clone(), |mirrored| flip(&x, &mirrored))
            }
            DiffAugment::Color => [
                (brighten as fn(&Tensor, &[f32]) -> Tensor, 0.0, -0.5..0.5),
                (saturate, 1.0, 0.0..2.0),
                (contrast, 1.0, 0.5..1.5),
            ]
            .into_iter()
            .fold(x, |x, (change, neutral, range)| {
                let numbers = chance.per_image(neutral, |rng| rng.random_range(range.clone()));
                numbers.map_or(x.shallow_clone(), |numbers| change(&x, &numbers))
            }),
            DiffAugment::Translation => {
                let most = translation::most(side);
                let shifts = chance.per_image((0, 0), |rng| {
                    (rng.random_range(-most..=most), rng.random_range(-most..=most))
                });
                shifts.map_or(x.shallow_clone(), |shifts| translate(&x, &shifts))
            }
            DiffAugment::Cutout => {
                let range = cutout::centres(side);
                let centres = chance.per_image(None, |rng| {
                    Some((rng.random_range(range.clone()), rng.random_range(range.clone())))
                });
                centres.map_or(x.shallow_clone(), |centres| cutout(&x, &centres))
            }
        }
    })
}

/// Whether and how each of `n` images is transformed.
struct Chance<'a, R> {
    n: i64,
    probability: f64,
    rng: &'a mut R,
}

impl<R: Rng> Chance<'_, R> {
    /// One draw an image, `neutral` in its place with the complement of the probability; nothing
    /// if that is so for all.
    fn per_image<T: Clone>(&mut self, neutral: T, draw: impl Fn(&mut R) -> T) -> Option<Vec<T>> {
        let mut any = false;
        let drawn = (0..self.n)
            .map(|_| {
                let drawn = draw(self.rng);
                let selected = self.rng.random::<f64>() < self.probability;
                any |= selected;
                if selected { drawn } else { neutral.clone() }
            })
            .collect();
        any.then_some(drawn)
    }
}

/// `[n]` numbers as a tensor that multiplies images.
fn column(numbers: &[f32], like: &Tensor) -> Tensor {
    Tensor::from_slice(numbers).to_device(like.device()).view([-1, 1, 1, 1])
}
