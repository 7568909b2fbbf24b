//! Translation by whole pixels.

use tch::Tensor;

/// Largest shift, as a share of the side.
const RATIO: f64 = 0.125;

/// Largest shift in pixels.
pub(super) fn most(side: i64) -> i64 {
    (side as f64 * RATIO + 0.5) as i64
}

/// Shifts image `i` of `[n, c, h, w]` so that pixel (row, column) becomes that at
/// (row + `shifts[i].0`, column + `shifts[i].1`), 0 where that lies outside.
pub fn translate(images: &Tensor, shifts: &[(i64, i64)]) -> Tensor {
    let size = images.size();
    let (height, width) = (size[2], size[3]);
    let pixels = (height * width) as usize;
    let mut sources = Vec::with_capacity(shifts.len() * pixels);
    let mut inside = Vec::with_capacity(shifts.len() * pixels);
    for &(rows, columns) in shifts {
        for row in 0..height {
            for column in 0..width {
                let (from_row, from_column) = (row + rows, column + columns);
                let is_inside =
                    (0..height).contains(&from_row) && (0..width).contains(&from_column);
                sources.push(if is_inside { from_row * width + from_column } else { 0 });
                inside.push(f32::from(u8::from(is_inside)));
            }
        }
    }
    let map = [size[0], 1, height * width];
    let sources = Tensor::from_slice(&sources).to_device(images.device()).view(map);
    let inside = Tensor::from_slice(&inside).to_device(images.device()).view(map);
    let moved = images.flatten(2, 3).gather(2, &sources.expand([-1, size[1], -1], false), false);
    (moved * inside).view(size.as_slice())
}
