//! Bicubic resizing with antialiasing, as Pillow does it in floating point.

use std::ops::Range;

/// Reach of the filter in pixels of the coarser grid.
const SUPPORT: f64 = 2.0;

/// The parameter of the cubic convolution (Keys 1981).
const A: f64 = -0.5;

/// The input positions that an output position is made of, with their weights, which add up to 1.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) range: Range<usize>,
    pub(super) weights: Vec<f64>,
}

/// Resizes images of one size to squares of another, first along rows and then along columns; sums are in `f64`, and what
/// is kept between the two in `f32`, as in Pillow's mode `F`.
#[derive(Clone, Debug)]
pub(super) struct Bicubic {
    rows: Vec<Window>,
    columns: Vec<Window>,
    /// Columns of the input.
    width: usize,
}

impl Bicubic {
    /// From `height` x `width`, both at least 1, to `size` x `size`.
    pub(super) fn new(height: usize, width: usize, size: usize) -> Self {
        Self { rows: windows(height, size), columns: windows(width, size), width }
    }

    /// Calls `put(row, values)` for each output row in turn, cut to 0 to 255: the row of the first of `C` channels, then of
    /// the next. `image` is H x W x C.
    pub(super) fn for_each_row<const C: usize>(
        &self,
        image: &[u8],
        mut put: impl FnMut(usize, &[f32]),
    ) {
        let length = C * self.columns.len();
        // Input rows brought to the output's width, each once; few are needed at a time, the rest are let go.
        let mut stretched = Vec::new();
        let mut first = 0;
        let mut sums = vec![0.0_f64; length];
        let mut values = vec![0.0_f32; length];
        for (row, Window { range, weights }) in self.rows.iter().enumerate() {
            let gone = range.start - first;
            stretched.drain(..gone * length);
            first = range.start;
            for line in image
                .chunks_exact(self.width * C)
                .take(range.end)
                .skip(first + stretched.len() / length)
            {
                self.stretch::<C>(line, &mut stretched);
            }
            sums.fill(0.0);
            for (line, weight) in stretched.chunks_exact(length).zip(weights) {
                for (sum, &value) in sums.iter_mut().zip(line) {
                    *sum += f64::from(value) * weight;
                }
            }
            for (value, &sum) in values.iter_mut().zip(&sums) {
                *value = (sum as f32).clamp(0.0, 255.0);
            }
            put(row, &values);
        }
    }

    /// Puts an input row at the output's width behind `stretched`, channel after channel.
    fn stretch<const C: usize>(&self, line: &[u8], stretched: &mut Vec<f32>) {
        let line = line.as_chunks::<C>().0;
        let start = stretched.len();
        let size = self.columns.len();
        stretched.resize(start + C * size, 0.0);
        let target = &mut stretched[start..];
        for (column, Window { range, weights }) in self.columns.iter().enumerate() {
            let mut sums = [0.0_f64; C];
            for (pixel, weight) in line[range.clone()].iter().zip(weights) {
                for (sum, &value) in sums.iter_mut().zip(pixel) {
                    *sum += f64::from(value) * weight;
                }
            }
            for (channel, sum) in sums.into_iter().enumerate() {
                target[channel * size + column] = sum as f32;
            }
        }
    }
}

/// The windows of `output` positions over `input` positions. Reducing, the filter is as many times wider, so that every
/// input position counts.
pub(super) fn windows(input: usize, output: usize) -> Vec<Window> {
    let scale = input as f64 / output as f64;
    let stretch = scale.max(1.0);
    let support = SUPPORT * stretch;
    (0..output)
        .map(|index| {
            let center = (index as f64 + 0.5) * scale;
            // Below 0, the cast gives 0.
            let start = (center - support + 0.5) as usize;
            let end = ((center + support + 0.5) as usize).min(input);
            let weight = |at: usize| cubic((at as f64 - center + 0.5) * (1.0 / stretch));
            let mut weights: Vec<f64> = (start..end).map(weight).collect();
            let sum: f64 = weights.iter().sum();
            weights.iter_mut().for_each(|weight| *weight /= sum);
            Window { range: start..end, weights }
        })
        .collect()
}

/// The filter at a distance from its middle.
fn cubic(distance: f64) -> f64 {
    let x = distance.abs();
    match x {
        ..1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        ..SUPPORT => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(image: &[u8], height: usize, width: usize, size: usize) -> Vec<f32> {
        let mut values = Vec::new();
        Bicubic::new(height, width, size)
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
    fn an_even_image_stays_even() {
        for (height, width, size) in [(1, 1, 5), (9, 4, 3), (40, 3, 7)] {
            for value in grey(&vec![200; height * width], height, width, size) {
                assert!((value - 200.0).abs() < 1e-4, "{value}");
            }
        }
    }

    #[test]
    fn overshoot_is_cut() {
        let edge = [0, 0, 255, 255];
        let found = grey(&edge.repeat(4), 4, 4, 9);
        assert!(found.iter().all(|value| (0.0..=255.0).contains(value)));
        assert!(found.contains(&0.0) && found.contains(&255.0));
    }

    /// What clean-fid 0.1.35 makes of an image that is drawn again.
    #[derive(serde::Deserialize)]
    struct Case {
        seed: u32,
        height: usize,
        width: usize,
        /// Mean of all values.
        mean: f64,
        /// Every so many values, in the order H x W x C.
        stride: usize,
        values: Vec<f32>,
    }

    /// `tests/golden/make_clean_resize.py` made the values: to 1e-4 of a level.
    #[test]
    fn agrees_with_the_resizing_of_clean_fid() {
        let golden = include_str!("../../../tests/golden/clean_resize.json");
        let cases: Vec<Case> = serde_json::from_str(golden).expect("sound golden values");
        for Case { seed, height, width, mean, stride, values } in cases {
            let mut random = crate::RandomState::new(seed);
            let image: Vec<u8> =
                (0..height * width * 3).map(|_| random.randint(256) as u8).collect();
            let mut found = Vec::new();
            Bicubic::new(height, width, 299).for_each_row::<3>(&image, |_, row| {
                for column in 0..299 {
                    found.extend([row[column], row[299 + column], row[598 + column]]);
                }
            });
            let sum: f64 = found.iter().map(|&value| f64::from(value)).sum();
            let off = (sum / found.len() as f64 - mean).abs();
            assert!(off < 1e-5, "{height} x {width}: {off}");
            assert_eq!(values.len(), found.len().div_ceil(stride));
            for (found, expected) in found.iter().step_by(stride).zip(&values) {
                assert!((found - expected).abs() < 1e-4, "{height} x {width}: {found} {expected}");
            }
        }
    }
}
