//! Brightness, saturation and contrast. Numbers, one an image, are `[n]`.

use tch::{Kind, Tensor};

/// Adds each image's number to all its values.
pub fn brighten(images: &Tensor, offsets: &Tensor) -> Tensor {
    images + column(offsets)
}

/// Multiplies the distance of each value from the mean over the channels of its pixel.
pub fn saturate(images: &Tensor, factors: &Tensor) -> Tensor {
    away_from(images, &images.mean_dim([1i64].as_slice(), true, None::<Kind>), factors)
}

/// Multiplies the distance of each value from the mean of its image.
pub fn contrast(images: &Tensor, factors: &Tensor) -> Tensor {
    away_from(images, &images.mean_dim([1i64, 2, 3].as_slice(), true, None::<Kind>), factors)
}

fn away_from(images: &Tensor, centre: &Tensor, factors: &Tensor) -> Tensor {
    (images - centre) * column(factors) + centre
}

/// `[n]` as what multiplies images.
fn column(numbers: &Tensor) -> Tensor {
    numbers.view([-1, 1, 1, 1])
}
