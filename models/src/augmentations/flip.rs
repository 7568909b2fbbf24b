//! Mirroring.

use tch::Tensor;

/// `images` `[n, c, h, w]`, those whose entry of `mirrored` is true turned left to right.
pub fn flip(images: &Tensor, mirrored: &[bool]) -> Tensor {
    let mirrored = Tensor::from_slice(mirrored).to_device(images.device()).view([-1, 1, 1, 1]);
    images.flip([3]).where_self(&mirrored, images)
}
