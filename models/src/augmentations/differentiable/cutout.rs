//! Cutout: a square of zeros.

use std::ops::Range;

use tch::{Kind, Tensor};

use super::pixels::{along, pairs};

/// Side of the square, as a share of the image's.
const RATIO: f64 = 0.5;

fn square(side: i64) -> i64 {
    (side as f64 * RATIO + 0.5) as i64
}

/// The values that either coordinate of a square's centre may take.
pub(super) fn centres(side: i64) -> Range<i64> {
    0..side + (1 - square(side) % 2)
}

/// A coordinate of a centre so far outside that the square covers no pixel of an image.
pub(super) const OUTSIDE: i64 = -(1 << 20);

/// Sets a square of half the side around each image's centre (row, column), `[n, 2]`, to 0, cut at the
/// border.
pub fn cutout(images: &Tensor, centres: &Tensor) -> Tensor {
    let size = images.size();
    let (height, width) = (size[2], size[3]);
    let covered = |centre: &Tensor, side: i64| {
        let from_first = along(side, centre) - (centre - square(side) / 2);
        from_first.ge(0).logical_and(&from_first.lt(square(side)))
    };
    let (rows, columns) = pairs(centres);
    let cut =
        covered(&rows, height).unsqueeze(2).logical_and(&covered(&columns, width).unsqueeze(1));
    images * cut.logical_not().to_kind(Kind::Float).unsqueeze(1)
}
