//! Constraints on the discriminator, each written once.

pub mod dragan;
pub mod gradient_penalty;
pub mod r1;
pub mod weight_clipping;

use tch::{Kind, Tensor};

use crate::ModelError;

/// A penalty on the discriminator's gradient with respect to images, without its weight.
pub struct Penalty {
    /// The penalty, a scalar, differentiable in the discriminator's parameters.
    pub value: Tensor,
    /// The mean Euclidean norm of the images' gradients, a scalar without a graph.
    pub gradient_norm: Tensor,
}

/// Smallest square of a norm whose root is taken, for the root has no derivative at 0: below it
/// a norm counts as constant (and its derivative as 0, which is a subgradient).
const SMALLEST_SQUARE: f64 = f32::MIN_POSITIVE as f64;

/// `[n, c, h, w] -> [n]`: the Euclidean norm of each image, differentiable everywhere.
fn norms(images: &Tensor) -> Tensor {
    squared_norms(images).clamp_min(SMALLEST_SQUARE).sqrt()
}

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
