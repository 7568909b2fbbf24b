//! Mirroring.

use tch::Tensor;

/// `images` `[n, c, h, w]`, those whose entry of `mirrored` `[n]` is true turned left to right.
pub fn flip(images: &Tensor, mirrored: &Tensor) -> Tensor {
    images.flip([3]).where_self(&mirrored.view([-1, 1, 1, 1]), images)
}
