//! Changes of saturation.

use tch::{Kind, Tensor};

/// Shares of red, green and blue in the brightness of a pixel (ITU-R BT.601).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// RGB `images` `[n, 3, h, w]` in `[-1, 1]` with the distance of each pixel from its grey
/// multiplied by the image's entry of `factors`, clamped to `[-1, 1]`; grey images (one channel)
/// stay as they are.
pub fn saturate(images: &Tensor, factors: &[f32]) -> Tensor {
    if images.size()[1] != 3 {
        return images.shallow_clone();
    }
    let per_image =
        |x: &[f32], shape: [i64; 4]| Tensor::from_slice(x).to_device(images.device()).view(shape);
    let grey = (images * per_image(&LUMA, [1, 3, 1, 1])).sum_dim_intlist(
        [1i64].as_slice(),
        true,
        None::<Kind>,
    );
    let saturated = &grey + (images - &grey) * per_image(factors, [-1, 1, 1, 1]);
    saturated.clamp(-1.0, 1.0)
}
