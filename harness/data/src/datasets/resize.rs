//! Resizing of `u8` images.

use rayon::prelude::*;

/// The shape of one image, `[height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Bytes of a pixel.
    pub channels: usize,
}

impl Shape {
    /// Bytes of one image.
    #[must_use]
    pub fn len(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Whether an image of this shape has no bytes.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// Resizes one image bilinearly: source = (i + 0.5) · in/out − 0.5, clamped to the edge pixels, no
/// antialiasing, rounded to the nearest byte (PyTorch's `interpolate` with `align_corners=False`).
///
/// Takes `[height, width, channels]` bytes and gives `[new_height, new_width, channels]`.
///
/// # Panics
/// If `image` is not as long as its shape says.
#[must_use]
pub fn bilinear(image: &[u8], from: Shape, new_height: usize, new_width: usize) -> Vec<u8> {
    let mut resized = vec![0; new_height * new_width * from.channels];
    let rows = taps(from.height, new_height);
    let columns = taps(from.width, new_width);
    resize_into(image, from, &rows, &columns, &mut resized);
    resized
}

/// [`bilinear`] of `n` images in parallel: `[n, height, width, channels]` to
/// `[n, new_height, new_width, channels]`. Bytes past the last whole image are left out.
///
/// # Panics
/// If an extent is 0.
#[must_use]
pub fn bilinear_all(images: &[u8], from: Shape, new_height: usize, new_width: usize) -> Vec<u8> {
    let to = Shape { height: new_height, width: new_width, channels: from.channels };
    let rows = taps(from.height, new_height);
    let columns = taps(from.width, new_width);
    let mut resized = vec![0; images.len() / from.len() * to.len()];
    resized
        .par_chunks_exact_mut(to.len())
        .zip(images.par_chunks_exact(from.len()))
        .for_each(|(to, image)| resize_into(image, from, &rows, &columns, to));
    resized
}

/// Two neighbouring source positions and the weight of the second.
#[derive(Clone, Copy)]
struct Tap {
    low: usize,
    high: usize,
    weight: f32,
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f64 / to as f64;
    let last = from - 1;
    let tap = |index| {
        let centre = ((index as f64 + 0.5) * scale - 0.5).max(0.0);
        let low = (centre as usize).min(last);
        Tap { low, high: (low + 1).min(last), weight: (centre - low as f64) as f32 }
    };
    (0..to).map(tap).collect()
}

fn resize_into(image: &[u8], from: Shape, rows: &[Tap], columns: &[Tap], resized: &mut [u8]) {
    assert_eq!(image.len(), from.len(), "the image is not as long as its shape says");
    let pitch = from.width * from.channels;
    let mut pixels = resized.chunks_exact_mut(from.channels);
    for row in rows {
        let upper = &image[row.low * pitch..][..pitch];
        let lower = &image[row.high * pitch..][..pitch];
        for (column, pixel) in columns.iter().zip(&mut pixels) {
            for (channel, byte) in pixel.iter_mut().enumerate() {
                let left = column.low * from.channels + channel;
                let right = column.high * from.channels + channel;
                let top = mix(upper[left], upper[right], column.weight);
                let bottom = mix(lower[left], lower[right], column.weight);
                *byte = (top + (bottom - top) * row.weight).round() as u8;
            }
        }
    }
}

fn mix(first: u8, second: u8, weight: f32) -> f32 {
    let (first, second) = (f32::from(first), f32::from(second));
    first + (second - first) * weight
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn grey(height: usize, width: usize) -> Shape {
        Shape { height, width, channels: 1 }
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        let image: Vec<u8> = (0..75).map(|value| (value * 37 % 256) as u8).collect();
        let shape = Shape { height: 5, width: 5, channels: 3 };
        assert_eq!(bilinear(&image, shape, 5, 5), image);
    }

    #[test]
    fn doubling_a_row_follows_the_half_pixel_rule() {
        // Centres at -0.25 (clamped to 0), 0.25, 0.75 and 1.25 (clamped to 1) of [0, 100].
        assert_eq!(bilinear(&[0, 100], grey(1, 2), 1, 4), [0, 25, 75, 100]);
        assert_eq!(bilinear(&[0, 100], grey(2, 1), 4, 1), [0, 25, 75, 100]);
    }

    #[test]
    fn halving_a_row_takes_the_middle_of_two_pixels() {
        assert_eq!(bilinear(&[0, 10, 20, 31], grey(1, 4), 1, 2), [5, 26]);
    }

    #[test]
    fn a_constant_image_stays_constant_at_any_size() {
        for side in [1, 3, 28, 33, 64] {
            let resized = bilinear(&[201; 28 * 28], grey(28, 28), side, side);
            assert_eq!(resized, vec![201; side * side]);
        }
    }

    #[test]
    fn many_images_are_resized_as_one_by_one() {
        let shape = Shape { height: 4, width: 3, channels: 3 };
        let images: Vec<u8> = (0..5 * 36).map(|value| (value * 89 % 256) as u8).collect();
        let one_by_one: Vec<u8> =
            images.chunks(36).flat_map(|image| bilinear(image, shape, 7, 5)).collect();
        assert_eq!(bilinear_all(&images, shape, 7, 5), one_by_one);
    }
}
