//! Brightness, saturation and contrast.

use tch::{Kind, Tensor};

use super::column;

/// Adds each image's number to all its values.
pub fn brighten(images: &Tensor, offsets: &[f32]) -> Tensor {
    images + column(offsets, images)
}

/// Multiplies the distance of each value from the mean over the channels of its pixel.
pub fn saturate(images: &Tensor, factors: &[f32]) -> Tensor {
    away_from(images, &images.mean_dim([1i64].as_slice(), true, None::<Kind>), factors)
}

/// Multiplies the distance of each value from the mean of its image.
pub fn contrast(images: &Tensor, factors: &[f32]) -> Tensor {
    away_from(images, &images.mean_dim([1i64, 2, 3].as_slice(), true, None::<Kind>), factors)
}

fn away_from(images: &Tensor, centre: &Tensor, factors: &[f32]) -> Tensor {
    (images - centre) * column(factors, images) + centre
}
