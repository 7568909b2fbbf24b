//! Batches of the training images, augmented as the recipe says.

use rand::RngExt;
use tch::{Device, Tensor};

use super::epoch_order::EpochOrder;
use crate::Recipe;
use crate::augmentations::cutmix::Mixing;
use crate::augmentations::flip::flip;
use crate::augmentations::saturation::Saturation;
use crate::augmentations::sharpen::UnsharpMask;
use crate::images::{LabelledImages, to_unit_range};
use crate::streams::{Purpose, Streams};
use crate::transfers::{Packed, Parcel};

/// The training images, batch by batch. A batch depends on its number and the seed alone.
pub struct RealBatches<'a> {
    data: LabelledImages<'a>,
    order: EpochOrder,
    streams: Streams,
    device: Device,
    batch_size: usize,
    flip: f64,
    /// Largest change of saturation.
    jitter: f64,
    cutmix: f64,
    mask: Option<UnsharpMask>,
    saturation: Saturation,
}

/// The images of a batch as they are stored, and what they are augmented by.
pub(super) struct PackedBatch {
    pixels: Packed,
    /// Before any mixing.
    labels: Packed,
    mirrored: Option<Packed>,
    saturations: Option<Packed>,
    mixing: Option<Mixing>,
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
        Self {
            order: EpochOrder::new(streams, data.count(), oversample),
            data,
            streams,
            device,
            batch_size,
            flip,
            jitter: saturation,
            cutmix,
            mask: (sharpen > 0.0).then(|| UnsharpMask::new(sharpen, device)),
            saturation: Saturation::new(device),
        }
    }

    /// Images `[batch_size, c, h, w]` in `[-1, 1]` and labels `[batch_size]` of batch `at`:
    /// sharpened, mirrored, saturated and mixed, in this order.
    pub fn batch(&mut self, at: u64) -> (Tensor, Tensor) {
        let mut parcel = Parcel::default();
        let packed = self.pack(at, &mut parcel);
        parcel.send(self.device);
        self.open(&packed)
    }

    /// Batch `at` for [`Self::open`], in a parcel.
    pub(super) fn pack(&mut self, at: u64, parcel: &mut Parcel) -> PackedBatch {
        let indices = self.order.batch(at, self.batch_size);
        let data = self.data;
        let pixels = parcel.add_bytes(&[-1], |bytes| {
            bytes.reserve(indices.len() * data.shape().len());
            indices.iter().for_each(|&i| bytes.extend_from_slice(data.image(i)));
        });
        let labels: Vec<i64> = indices.iter().map(|&i| data.label(i).into()).collect();
        let labels = parcel.add(&labels, &[-1]);
        let mirrored = (self.flip > 0.0).then(|| {
            let mut rng = self.streams.at(Purpose::Flip, at);
            let mirrored = self.per_image(|| rng.random::<f64>() < self.flip);
            parcel.add(&mirrored, &[-1])
        });
        let saturations = (self.jitter > 0.0).then(|| {
            let mut rng = self.streams.at(Purpose::Saturation, at);
            let factor = || (1.0 + self.jitter * (2.0 * rng.random::<f64>() - 1.0)) as f32;
            parcel.add(&self.per_image(factor), &[-1])
        });
        let mut rng = self.streams.at(Purpose::CutMix, at);
        let mixes = self.cutmix > 0.0 && rng.random::<f64>() < self.cutmix;
        let mixing = mixes.then(|| {
            let sides = (data.shape().height as i64, data.shape().width as i64);
            Mixing::draw(self.batch_size, sides, &mut rng, parcel)
        });
        PackedBatch { pixels, labels, mirrored, saturations, mixing }
    }

    /// What [`Self::batch`] gives, of a batch whose parcel has been sent.
    pub(super) fn open(&self, batch: &PackedBatch) -> (Tensor, Tensor) {
        let mut images = to_unit_range(&batch.pixels.tensor(), self.data.shape());
        let labels = batch.labels();
        if let Some(mask) = &self.mask {
            images = mask.sharpen(&images);
        }
        if let Some(mirrored) = &batch.mirrored {
            images = flip(&images, &mirrored.tensor());
        }
        if let Some(factors) = &batch.saturations {
            images = self.saturation.saturate(&images, &factors.tensor());
        }
        match &batch.mixing {
            Some(mixing) => mixing.apply(&images, &labels),
            None => (images, labels),
        }
    }

    fn per_image<T>(&self, mut draw: impl FnMut() -> T) -> Vec<T> {
        (0..self.batch_size).map(|_| draw()).collect()
    }
}

impl PackedBatch {
    /// The labels `[batch_size]`, before any mixing.
    pub(super) fn labels(&self) -> Tensor {
        self.labels.tensor()
    }
}
