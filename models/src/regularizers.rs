//! Constraints on the discriminator, each written once.

pub mod dragan;
pub mod gradient_penalty;
pub mod r1;
pub mod weight_clipping;

use tch::{Kind, Tensor};

use crate::ModelError;

/// The gradient of the sum of `scores` `[n]` with respect to images `[n, c, h, w]`: each image's own
/// gradient, itself differentiable in the critic's parameters.
fn image_gradients(scores: &Tensor, images: &Tensor) -> Result<Tensor, ModelError> {
    let total = scores.sum(None::<Kind>);
    Ok(Tensor::f_run_backward(&[total], &[images], true, true)?.remove(0))
}

/// `[n, c, h, w] -> [n]`: the sum of the squares of each image.
fn squared_norms(images: &Tensor) -> Tensor {
    images.square().sum_dim_intlist([1i64, 2, 3].as_slice(), false, None::<Kind>)
}
