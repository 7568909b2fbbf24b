//! Sharpening by an unsharp mask.

use tch::{Device, Tensor};

use crate::transfers;

/// Standard deviation of the blur, in pixels.
const SIGMA: f64 = 1.0;

/// Pixels of the blur's kernel on each side of its centre.
const RADIUS: i64 = 2;

/// An unsharp mask. The blur is a 5x5 Gaussian of one pixel's standard deviation; beyond the border the
/// image is reflected.
pub struct UnsharpMask {
    amount: f64,
    blur: Tensor,
}

impl UnsharpMask {
    /// A mask of this strength for images on `device`.
    pub fn new(amount: f64, device: Device) -> Self {
        let weights: Vec<f32> = (-RADIUS..=RADIUS)
            .map(|x| (-((x * x) as f64) / (2.0 * SIGMA * SIGMA)).exp() as f32)
            .collect();
        let line = transfers::upload(&weights, device);
        let line = &line / line.sum(None);
        Self { amount, blur: line.outer(&line) }
    }

    /// `x + amount * (x - blur(x))` of `images` `[n, c, h, w]` in `[-1, 1]`, clamped to `[-1, 1]`.
    pub fn sharpen(&self, images: &Tensor) -> Tensor {
        let channels = images.size()[1];
        let kernel = self.blur.expand([channels, 1, -1, -1], false);
        let padded = images.reflection_pad2d([RADIUS; 4]);
        let blurred = padded.conv2d(&kernel, None::<Tensor>, [1, 1], [0, 0], [1, 1], channels);
        (images + (images - blurred) * self.amount).clamp(-1.0, 1.0)
    }
}
