//! From `u8` images to the network's input.

use rayon::prelude::*;

use super::description::Description;
use super::resize::{Resize, ResizeRule};
use crate::images::ImageBatch;

/// Resizes and normalises images as a model's metadata ask.
#[derive(Clone, Debug)]
pub(super) struct Preprocessing {
    size: usize,
    resize: ResizeRule,
    crop: bool,
    mean: [f32; 3],
    std: [f32; 3],
    /// The normalised value of each byte in red, green and blue.
    normalised: [[f32; 256]; 3],
}

impl Preprocessing {
    /// For the model of `description`.
    pub(super) fn new(description: &Description) -> Self {
        let &Description { size, resize, crop, mean, std, .. } = description;
        let normalised =
            std::array::from_fn(|c| std::array::from_fn(|byte| (byte as f32 - mean[c]) / std[c]));
        Self { size, resize, crop, mean, std, normalised }
    }

    /// Number of input values of an image: 3 x size x size.
    pub(super) fn values_per_image(&self) -> usize {
        3 * self.size * self.size
    }

    /// Writes the images from `start` on into `target`, one after another, each 3 x size x size; grey is taken for
    /// red, green and blue. Stops at the end of either and returns the number of images written.
    pub(super) fn fill(&self, images: &ImageBatch<'_>, start: usize, target: &mut [f32]) -> usize {
        let square = Square::of(images).filter(|_| self.crop);
        let (height, width) =
            square.as_ref().map_or((images.height(), images.width()), |own| (own.side, own.side));
        let same_size = height == self.size && width == self.size;
        let resize = (!same_size).then(|| Resize::new(self.resize, height, width, self.size));
        let slots = target.chunks_exact_mut(self.values_per_image());
        let mut written = 0;
        for (image, slot) in images.images().skip(start).zip(slots) {
            let cut = square.as_ref().map(|square| square.cut(image));
            let image = cut.as_deref().unwrap_or(image);
            match (&resize, images.channels()) {
                (None, channels) => self.look_up(image, channels, slot),
                (Some(resize), 1) => resize
                    .for_each_row::<1>(image, |row, grey| self.put(slot, row, [grey, grey, grey])),
                (Some(resize), _) => resize.for_each_row::<3>(image, |row, rgb| {
                    let (red, rest) = rgb.split_at(self.size);
                    let (green, blue) = rest.split_at(self.size);
                    self.put(slot, row, [red, green, blue]);
                }),
            }
            written += 1;
        }
        written
    }

    /// As [`Self::fill`], on all cores.
    pub(super) fn fill_in_parallel(
        &self,
        images: &ImageBatch<'_>,
        start: usize,
        target: &mut [f32],
    ) {
        let slots = target.par_chunks_exact_mut(self.values_per_image()).enumerate();
        slots.take(images.len() - start).for_each(|(index, slot)| {
            self.fill(images, start + index, slot);
        });
    }

    /// Normalises an image that has the network's size already.
    fn look_up(&self, image: &[u8], channels: usize, slot: &mut [f32]) {
        for (c, (plane, normalised)) in
            slot.chunks_exact_mut(self.size * self.size).zip(&self.normalised).enumerate()
        {
            let bytes = image.iter().skip(c % channels).step_by(channels);
            for (value, &byte) in plane.iter_mut().zip(bytes) {
                *value = normalised[usize::from(byte)];
            }
        }
    }

    /// Normalises a row of red, green and blue.
    fn put(&self, slot: &mut [f32], row: usize, rgb: [&[f32]; 3]) {
        for (c, values) in rgb.into_iter().enumerate() {
            let target = &mut slot[(c * self.size + row) * self.size..][..self.size];
            for (target, value) in target.iter_mut().zip(values) {
                *target = (value - self.mean[c]) / self.std[c];
            }
        }
    }
}

/// The largest square in the middle of images that are none.
struct Square {
    top: usize,
    left: usize,
    side: usize,
    /// Bytes of a pixel, and of an image's row.
    pixel: usize,
    row: usize,
}

impl Square {
    fn of(images: &ImageBatch<'_>) -> Option<Self> {
        let (height, width, pixel) = (images.height(), images.width(), images.channels());
        let side = height.min(width);
        let [top, left] = [height, width].map(|length| (length - side) / 2);
        (height != width).then_some(Self { top, left, side, pixel, row: width * pixel })
    }

    fn cut(&self, image: &[u8]) -> Vec<u8> {
        let rows = image.chunks_exact(self.row).skip(self.top).take(self.side);
        rows.flat_map(|row| &row[self.left * self.pixel..][..self.side * self.pixel])
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preprocessing(size: usize) -> Preprocessing {
        Preprocessing::new(&Description {
            name: "test".to_owned(),
            size,
            resize: ResizeRule::HalfPixel,
            crop: false,
            mean: [10.0, 20.0, 30.0],
            std: [1.0, 2.0, 4.0],
            features: "features".to_owned(),
            logits: None,
            spatial: None,
        })
    }

    #[test]
    fn channels_are_separated_and_normalised() {
        let images = ImageBatch::new(&[10, 20, 30, 11, 22, 34], 2, 1, 1, 3).expect("sound images");
        let mut target = [0.0; 6];
        assert_eq!(preprocessing(1).fill(&images, 0, &mut target), 2);
        assert_eq!(target, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn grey_is_replicated() {
        let images = ImageBatch::new(&[10, 20, 30, 40], 1, 2, 2, 1).expect("sound images");
        let mut same = [0.0; 12];
        preprocessing(2).fill(&images, 0, &mut same);
        assert_eq!(same, [0.0, 10.0, 20.0, 30.0, -5.0, 0.0, 5.0, 10.0, -5.0, -2.5, 0.0, 2.5]);
        let mut resized = [0.0; 3];
        preprocessing(1).fill(&images, 0, &mut resized);
        assert_eq!(resized, [15.0, 2.5, -1.25]);
    }

    #[test]
    fn resized_rgb_keeps_its_channels() {
        let pixels = [10, 20, 30].repeat(4);
        let images = ImageBatch::new(&pixels, 1, 2, 2, 3).expect("sound images");
        let mut target = [1.0; 27];
        preprocessing(3).fill(&images, 0, &mut target);
        assert_eq!(target, [0.0; 27]);
    }

    #[test]
    fn the_middle_is_cut_out() {
        let images = ImageBatch::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2, 1, 5, 1).expect("sound");
        let mut target = [0.0; 6];
        let cutting = Preprocessing { crop: true, mean: [0.0; 3], ..preprocessing(1) };
        let cutting = Preprocessing {
            normalised: std::array::from_fn(|_| std::array::from_fn(|byte| byte as f32)),
            ..cutting
        };
        assert_eq!(cutting.fill(&images, 0, &mut target), 2);
        assert_eq!(target, [3.0, 3.0, 3.0, 8.0, 8.0, 8.0]);
    }

    #[test]
    fn all_cores_fill_alike() {
        let pixels: Vec<u8> = (0..7 * 5 * 4 * 3).map(|i| (i * 89 % 251) as u8).collect();
        let images = ImageBatch::new(&pixels, 7, 5, 4, 3).expect("sound images");
        let preprocessing = preprocessing(9);
        let [mut one, mut all] = [(); 2].map(|()| vec![-1.0; 8 * 3 * 9 * 9]);
        assert_eq!(preprocessing.fill(&images, 2, &mut one), 5);
        preprocessing.fill_in_parallel(&images, 2, &mut all);
        assert_eq!(one, all);
    }

    #[test]
    fn filling_starts_and_stops_where_asked() {
        let images = ImageBatch::new(&[10, 11, 12], 3, 1, 1, 1).expect("sound images");
        let mut target = [0.0; 6];
        assert_eq!(preprocessing(1).fill(&images, 2, &mut target), 1);
        assert_eq!(target[0], 2.0);
        assert_eq!(preprocessing(1).fill(&images, 0, &mut target), 2);
    }
}
