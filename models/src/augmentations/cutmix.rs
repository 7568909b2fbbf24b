//! CutMix (Yun et al. 2019).

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use tch::Tensor;

use crate::transfers::{Packed, Parcel};

/// A rectangle of pixels: rows `top..bottom`, columns `left..right`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// First row.
    pub top: i64,
    /// Row after the last.
    pub bottom: i64,
    /// First column.
    pub left: i64,
    /// Column after the last.
    pub right: i64,
}

impl Rectangle {
    /// The rectangle of the paper's Algorithm 1 in an image of `height` x `width` pixels: its area
    /// is `1 - kept` of the image's, with its centre at (`row`, `column`), cut at the border.
    pub fn around(height: i64, width: i64, kept: f64, row: i64, column: i64) -> Self {
        let ratio = (1.0 - kept).sqrt();
        let half = |side: i64| (side as f64 * ratio) as i64 / 2;
        let (h, w) = (half(height), half(width));
        Self {
            top: (row - h).clamp(0, height),
            bottom: (row + h).clamp(0, height),
            left: (column - w).clamp(0, width),
            right: (column + w).clamp(0, width),
        }
    }

    fn area(self) -> i64 {
        (self.bottom - self.top) * (self.right - self.left)
    }
}

/// `images` `[n, c, h, w]` with `rectangle` of image `i` taken from image `partners[i]`, of `[n]`.
pub fn cutmix(images: &Tensor, partners: &Tensor, rectangle: Rectangle) -> Tensor {
    let Rectangle { top, bottom, left, right } = rectangle;
    let patch = |t: &Tensor| t.slice(2, top, bottom, 1).slice(3, left, right, 1);
    let mixed = images.copy();
    patch(&mixed).copy_(&patch(images).index_select(0, partners));
    mixed
}

/// How a batch is mixed with a permutation of itself within one random rectangle, whose area is uniform
/// (Beta(1, 1)).
pub struct Mixing {
    partners: Packed,
    rectangle: Rectangle,
    /// Whether the partner's is the larger part of an image.
    partner_prevails: bool,
}

impl Mixing {
    /// Draws one for `n` images of `height` x `width` pixels.
    pub fn draw(
        n: usize,
        (height, width): (i64, i64),
        mut rng: impl Rng,
        parcel: &mut Parcel,
    ) -> Self {
        let mut partners: Vec<i64> = (0..n as i64).collect();
        partners.shuffle(&mut rng);
        let kept = rng.random::<f64>();
        let (row, column) = (rng.random_range(0..height), rng.random_range(0..width));
        let rectangle = Rectangle::around(height, width, kept, row, column);
        Self {
            partners: parcel.add(&partners, &[-1]),
            rectangle,
            partner_prevails: 2 * rectangle.area() > height * width,
        }
    }

    /// The batch mixed; each image bears the label of the image that has the larger part of it.
    pub fn apply(&self, images: &Tensor, labels: &Tensor) -> (Tensor, Tensor) {
        let partners = self.partners.tensor();
        let mixed = cutmix(images, &partners, self.rectangle);
        let labels = match self.partner_prevails {
            true => labels.index_select(0, &partners),
            false => labels.shallow_clone(),
        };
        (mixed, labels)
    }
}
