//! Batches of the training images, augmented as the recipe says.

use rand::RngExt;
use tch::{Device, Tensor};

use super::epoch_order::EpochOrder;
use crate::Recipe;
use crate::augmentations::{cutmix, flip, saturation, sharpen};
use crate::images::LabelledImages;
use crate::streams::{Purpose, Streams};

/// The training images, batch by batch. A batch depends on its number and the seed alone.
pub struct RealBatches<'a> {
    data: LabelledImages<'a>,
    order: EpochOrder,
    streams: Streams,
    device: Device,
    batch_size: usize,
    sharpen: f64,
    flip: f64,
    saturation: f64,
    cutmix: f64,
}

impl<'a> RealBatches<'a> {
    /// The batches that `recipe` makes of `data`, in the order that `streams` decide.
    pub fn new(
        recipe: &Recipe,
        data: LabelledImages<'a>,
        streams: Streams,
        device: Device,
    ) -> Self {
        let Recipe { batch_size, sharpen, flip, saturation, cutmix, oversample, .. } = *recipe;
        let order = EpochOrder::new(streams, data.count(), oversample);
        Self { data, order, streams, device, batch_size, sharpen, flip, saturation, cutmix }
    }

    /// Images `[batch_size, c, h, w]` in `[-1, 1]` and labels `[batch_size]` of batch `at`:
    /// sharpened, mirrored, saturated and mixed, in this order.
    pub fn batch(&mut self, at: u64) -> (Tensor, Tensor) {
        let indices = self.order.batch(at, self.batch_size);
        let (mut images, labels) = self.data.gather(&indices, self.device);
        if self.sharpen > 0.0 {
            images = sharpen::sharpen(&images, self.sharpen);
        }
        if self.flip > 0.0 {
            let mut rng = self.streams.at(Purpose::Flip, at);
            let mirrored: Vec<bool> = self.per_image(|| rng.random::<f64>() < self.flip);
            images = flip::flip(&images, &mirrored);
        }
        if self.saturation > 0.0 {
            let mut rng = self.streams.at(Purpose::Saturation, at);
            let factor = || (1.0 + self.saturation * (2.0 * rng.random::<f64>() - 1.0)) as f32;
            images = saturation::saturate(&images, &self.per_image(factor));
        }
        if self.cutmix > 0.0 {
            let mut rng = self.streams.at(Purpose::CutMix, at);
            if rng.random::<f64>() < self.cutmix {
                return cutmix::random_cutmix(&images, &labels, &mut rng);
            }
        }
        (images, labels)
    }

    /// The labels `[batch_size]` of batch `at`, before any mixing.
    pub(super) fn labels(&mut self, at: u64) -> Tensor {
        let indices = self.order.batch(at, self.batch_size);
        let labels: Vec<i64> = indices.iter().map(|&i| self.data.label(i).into()).collect();
        Tensor::from_slice(&labels).to_device(self.device)
    }

    fn per_image<T>(&self, mut draw: impl FnMut() -> T) -> Vec<T> {
        (0..self.batch_size).map(|_| draw()).collect()
    }
}
