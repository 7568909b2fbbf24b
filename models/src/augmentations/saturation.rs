//! Changes of saturation.

use tch::{Device, Kind, Tensor};

use crate::transfers;

/// Shares of red, green and blue in the brightness of a pixel (ITU-R BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// Changes the saturation of images, with what that needs on their device.
pub struct Saturation {
    luma: Tensor,
}

impl Saturation {
    /// For images on `device`.
    pub fn new(device: Device) -> Self {
        Self { luma: transfers::upload(&LUMA, device).view([1, 3, 1, 1]) }
    }

    /// RGB `images` `[n, 3, h, w]` in `[-1, 1]` with the distance of each pixel from its grey
    /// multiplied by the image's entry of `factors` `[n]`, clamped to `[-1, 1]`; grey images (one
    /// channel) stay as they are.
    pub fn saturate(&self, images: &Tensor, factors: &Tensor) -> Tensor {
        if images.size()[1] != 3 {
            return images.shallow_clone();
        }
        let grey = (images * &self.luma).sum_dim_intlist([1i64].as_slice(), true, None::<Kind>);
        let saturated = &grey + (images - &grey) * factors.view([-1, 1, 1, 1]);
        saturated.clamp(-1.0, 1.0)
    }
}
