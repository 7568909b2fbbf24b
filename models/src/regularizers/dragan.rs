//! The penalty of DRAGAN (Kodali et al. 2017).

use tch::Tensor;

use super::Penalty;
use super::gradient_penalty::unit_gradient_penalty;
use crate::ModelError;

/// Largest perturbation, in standard deviations of the batch, as in the authors' code.
const SPREAD: f64 = 0.5;

/// Mean of `(|grad D(x)| - 1)^2` around the real images, at
/// `x = real + a * std(real) / 2 * noise`, differentiable in the discriminator's parameters.
///
/// `noise` `[n, c, h, w]` holds numbers from U(0, 1), `weights` `[n]` one `a` from U(0, 1) an image;
/// the standard deviation (divisor: count minus 1) is over the whole batch.
///
/// # Errors
/// If libtorch refuses the double backward.
pub fn dragan(
    discriminator: impl Fn(&Tensor) -> Tensor,
    real: &Tensor,
    noise: &Tensor,
    weights: &Tensor,
) -> Result<Penalty, ModelError> {
    let a = weights.view([-1, 1, 1, 1]);
    let points = real + noise * (real.std(true) * SPREAD) * a;
    unit_gradient_penalty(discriminator, &points)
}
