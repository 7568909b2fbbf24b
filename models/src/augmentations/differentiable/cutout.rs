//! Cutout: a square of zeros.

use std::ops::Range;

use tch::Tensor;

/// Side of the square, as a share of the image's.
const RATIO: f64 = 0.5;

fn square(side: i64) -> i64 {
    (side as f64 * RATIO + 0.5) as i64
}

/// The values that either coordinate of a square's centre may take.
pub(super) fn centres(side: i64) -> Range<i64> {
    0..side + (1 - square(side) % 2)
}

/// Sets a square of half the side around each image's centre (row, column) to 0, cut at the
/// border; images without a centre stay as they are.
pub fn cutout(images: &Tensor, centres: &[Option<(i64, i64)>]) -> Tensor {
    let size = images.size();
    let (height, width) = (size[2], size[3]);
    let covered = |centre: i64, side: i64| {
        let first = centre - square(side) / 2;
        first..first + square(side)
    };
    let mut mask = Vec::with_capacity((size[0] * height * width) as usize);
    for centre in centres {
        let hole = centre.map(|(row, column)| (covered(row, height), covered(column, width)));
        for row in 0..height {
            for column in 0..width {
                let is_cut = hole.as_ref().is_some_and(|(rows, columns)| {
                    rows.contains(&row) && columns.contains(&column)
                });
                mask.push(f32::from(u8::from(!is_cut)));
            }
        }
    }
    let mask = Tensor::from_slice(&mask).to_device(images.device());
    images * mask.view([size[0], 1, height, width])
}
