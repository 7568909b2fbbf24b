//! Differentiable augmentations of what the discriminator sees, real and generated alike
//! (DiffAugment, Zhao et al. 2020).
//!
//! Their random numbers are drawn on the host ([`draw`]), and all else is done on the device: which of them count, where they do
//! so with a probability, too.

mod color;
mod cutout;
mod pixels;
mod translation;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use tch::Tensor;

pub use color::{brighten, contrast, saturate};
pub use cutout::cutout;
pub use translation::translate;

use super::flip::flip;
use crate::transfers::{Packed, Parcel};

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

/// One change of a batch of images, with its random numbers.
pub struct Transformation {
    change: fn(&Tensor, &Tensor) -> Tensor,
    /// A number or a pair an image: what `change` takes.
    numbers: Packed,
    /// With these the images stay as they are, or nearly.
    neutral: f64,
    /// From U(0, 1), one an image: it is changed where that is below the probability. Without them all are.
    chances: Option<Packed>,
}

/// Draws the numbers that `operations` take for `n` images of this side, and where `chances` says so, those by which each image
/// is changed or not. The numbers drawn do not depend on `chances`.
pub fn draw(
    operations: &[DiffAugment],
    (n, side): (usize, i64),
    chances: bool,
    mut rng: impl Rng,
    parcel: &mut Parcel,
) -> Vec<Transformation> {
    let mut drawn = Vec::new();
    for operation in operations {
        let mut batch = Batch { n, chances, rng: &mut rng, parcel };
        match operation {
            DiffAugment::Flip => drawn.push(batch.one(flip, 0.0, |rng| rng.random::<bool>())),
            DiffAugment::Color => {
                drawn.push(batch.one(brighten, 0.0, |rng| rng.random_range(-0.5f32..0.5)));
                drawn.push(batch.one(saturate, 1.0, |rng| rng.random_range(0.0f32..2.0)));
                drawn.push(batch.one(contrast, 1.0, |rng| rng.random_range(0.5f32..1.5)));
            }
            DiffAugment::Translation => {
                let most = translation::most(side);
                drawn.push(batch.pair(translate, 0.0, |rng| rng.random_range(-most..=most)));
            }
            DiffAugment::Cutout => {
                let (centres, outside) = (cutout::centres(side), cutout::OUTSIDE as f64);
                drawn.push(batch.pair(cutout, outside, |rng| rng.random_range(centres.clone())));
            }
        }
    }
    drawn
}

/// `transformations` of `images` `[n, c, h, w]`, one after the other; `probability`, one number, is that of each of each image
/// where there are chances.
pub fn apply(
    images: &Tensor,
    transformations: &[Transformation],
    probability: Option<&Tensor>,
) -> Tensor {
    transformations.iter().fold(images.shallow_clone(), |x, transformation| {
        let Transformation { change, numbers, neutral, chances } = transformation;
        let numbers = numbers.tensor();
        let (Some(chances), Some(probability)) = (chances, probability) else {
            return change(&x, &numbers);
        };
        let changed = chances.tensor().lt_tensor(probability);
        let by_image =
            if numbers.dim() > 1 { changed.unsqueeze(1) } else { changed.shallow_clone() };
        let numbers = numbers.where_self(&by_image, &numbers.full_like(*neutral));
        // What is neutral may still round; and where none is changed, the layout in memory stays too.
        x.where_self(&changed.any().logical_not(), &change(&x, &numbers))
    })
}

/// Where the numbers for one operation on `n` images come from and go to.
struct Batch<'a, R> {
    n: usize,
    chances: bool,
    rng: &'a mut R,
    parcel: &'a mut Parcel,
}

impl<R: Rng> Batch<'_, R> {
    /// One number an image.
    fn one<T: tch::kind::Element>(
        &mut self,
        change: fn(&Tensor, &Tensor) -> Tensor,
        neutral: f64,
        draw: impl Fn(&mut R) -> T,
    ) -> Transformation {
        let (numbers, chances) = self.draw(|rng, numbers| numbers.push(draw(rng)));
        let numbers = self.parcel.add(&numbers, &[-1]);
        Transformation { change, numbers, neutral, chances }
    }

    /// Two numbers an image.
    fn pair(
        &mut self,
        change: fn(&Tensor, &Tensor) -> Tensor,
        neutral: f64,
        draw: impl Fn(&mut R) -> i64,
    ) -> Transformation {
        let (numbers, chances) = self.draw(|rng, numbers| numbers.extend([draw(rng), draw(rng)]));
        let numbers = self.parcel.add(&numbers, &[-1, 2]);
        Transformation { change, numbers, neutral, chances }
    }

    fn draw<T>(&mut self, draw: impl Fn(&mut R, &mut Vec<T>)) -> (Vec<T>, Option<Packed>) {
        let (mut numbers, mut chances) = (Vec::new(), Vec::new());
        for _ in 0..self.n {
            draw(self.rng, &mut numbers);
            chances.push(self.rng.random::<f64>());
        }
        (numbers, self.chances.then(|| self.parcel.add(&chances, &[-1])))
    }
}
