//! Bicubic resizing with antialiasing, as Pillow does it on bytes; from version 13 on it takes tall images along columns
//! first, which changes single levels.

use super::bicubic::{Window, windows};

/// Binary digits of a weight behind the point.
const DIGITS: u32 = 22;

/// Input positions from `start` on that an output position is made of, with their weights in fixed point.
#[derive(Clone, Debug)]
struct FixedWindow {
    start: usize,
    weights: Vec<i32>,
}

/// Resizes images of one size to squares of another, first along rows and then along columns, each result rounded to a
/// byte, as `PIL.Image.resize` does it in modes `L` and `RGB`.
#[derive(Clone, Debug)]
pub(super) struct BicubicBytes {
    rows: Vec<FixedWindow>,
    columns: Vec<FixedWindow>,
    /// Columns of the input.
    width: usize,
}

impl BicubicBytes {
    /// From `height` x `width`, both at least 1, to `size` x `size`.
    pub(super) fn new(height: usize, width: usize, size: usize) -> Self {
        let fixed = |input| windows(input, size).iter().map(FixedWindow::of).collect();
        Self { rows: fixed(height), columns: fixed(width), width }
    }

    /// Calls `put(row, values)` for each output row in turn: the row of the first of `C` channels, then of the next.
    /// `image` is H x W x C.
    pub(super) fn for_each_row<const C: usize>(
        &self,
        image: &[u8],
        mut put: impl FnMut(usize, &[f32]),
    ) {
        let length = C * self.columns.len();
        let lines = image.chunks_exact(self.width * C);
        let stretched: Vec<u8> = lines.flat_map(|line| self.stretch::<C>(line)).collect();
        let mut values = vec![0.0_f32; length];
        for (row, window) in self.rows.iter().enumerate() {
            let lines = &stretched[window.start * length..];
            for (place, value) in values.iter_mut().enumerate() {
                let pixels = lines.iter().skip(place).step_by(length);
                *value = f32::from(window.apply(pixels.copied()));
            }
            put(row, &values);
        }
    }

    /// An input row at the output's width, channel after channel.
    fn stretch<const C: usize>(&self, line: &[u8]) -> Vec<u8> {
        let pixels = line.as_chunks::<C>().0;
        let channel = |channel: usize| {
            self.columns.iter().map(move |window| {
                window.apply(pixels[window.start..].iter().map(|pixel| pixel[channel]))
            })
        };
        (0..C).flat_map(channel).collect()
    }
}

impl FixedWindow {
    fn of(window: &Window) -> Self {
        // Away from nought, as the cast cuts towards it.
        let fixed = |weight: &f64| (weight * f64::from(1 << DIGITS)).round() as i32;
        Self { start: window.range.start, weights: window.weights.iter().map(fixed).collect() }
    }

    fn apply(&self, pixels: impl Iterator<Item = u8>) -> u8 {
        let terms = self.weights.iter().zip(pixels);
        let sum = terms.fold(1_i32 << (DIGITS - 1), |sum, (weight, pixel)| {
            sum.wrapping_add(weight.wrapping_mul(i32::from(pixel)))
        });
        (sum >> DIGITS).clamp(0, 255) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(image: &[u8], height: usize, width: usize, size: usize) -> Vec<f32> {
        let mut values = Vec::new();
        BicubicBytes::new(height, width, size)
            .for_each_row::<1>(image, |_, row| values.extend_from_slice(row));
        values
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        let image: Vec<u8> = (0..49).map(|value| value * 5).collect();
        let same: Vec<f32> = image.iter().map(|&value| f32::from(value)).collect();
        assert_eq!(grey(&image, 7, 7, 7), same);
    }

    #[test]
    fn results_are_bytes() {
        let image: Vec<u8> = (0..63).map(|value| value * 4).collect();
        for value in grey(&image, 9, 7, 5) {
            assert_eq!(value, value.round());
        }
    }
}
