//! The R1 penalty of Mescheder et al. 2018, equation 9.

use tch::{Kind, Tensor};

use super::{Penalty, image_gradients, squared_norms};
use crate::ModelError;

/// Mean of `|grad D(x)|^2` over the real images, without the factor gamma/2, differentiable in
/// the discriminator's parameters. `scores` `[n]` are the discriminator's for `real`
/// `[n, c, h, w]`, which required a gradient when they were computed: no second pass is needed.
///
/// # Errors
/// If libtorch refuses the double backward.
pub fn r1(scores: &Tensor, real: &Tensor) -> Result<Penalty, ModelError> {
    let squares = squared_norms(&image_gradients(scores, real)?);
    Ok(Penalty {
        gradient_norm: squares.detach().sqrt().mean(None::<Kind>),
        value: squares.mean(None::<Kind>),
    })
}
