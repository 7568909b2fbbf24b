//! The gradient penalty of Gulrajani et al. 2017, Algorithm 1.

use tch::{Kind, Tensor};

use super::{image_gradients, squared_norms};
use crate::ModelError;

/// Mean of `(|grad D(x)| - 1)^2` over `x = a * real + (1 - a) * generated`, differentiable in the
/// critic's parameters. `weights` holds one `a` in `[0, 1]` per image: `[n]`.
///
/// # Errors
/// If libtorch refuses the double backward.
pub fn gradient_penalty(
    critic: impl Fn(&Tensor) -> Tensor,
    real: &Tensor,
    generated: &Tensor,
    weights: &Tensor,
) -> Result<Tensor, ModelError> {
    let a = weights.view([-1, 1, 1, 1]);
    let mixed: Tensor = generated + (real - generated) * a;
    unit_gradient_penalty(critic, &mixed)
}

/// Mean of `(|grad D(x)| - 1)^2` at the images `points`.
pub(super) fn unit_gradient_penalty(
    critic: impl Fn(&Tensor) -> Tensor,
    points: &Tensor,
) -> Result<Tensor, ModelError> {
    let points = points.detach().set_requires_grad(true);
    let gradients = image_gradients(&critic(&points), &points)?;
    Ok((squared_norms(&gradients).sqrt() - 1.0).square().mean(None::<Kind>))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    /// For D(x) = w sum(x) the gradient's norm is |w| sqrt(d), so the penalty is
    /// (|w| sqrt(d) - 1)^2 and its derivative in w is 2 (w sqrt(d) - 1) sqrt(d).
    #[test]
    fn a_linear_critic_has_the_closed_form_and_its_derivative() {
        let w = Tensor::from_slice(&[0.3f64]).set_requires_grad(true);
        let real = Tensor::ones([4, 3, 2, 2], (Kind::Double, Device::Cpu));
        let generated = real.zeros_like();
        let weights = Tensor::from_slice(&[0.0f64, 0.25, 0.5, 1.0]);
        let critic =
            |x: &Tensor| x.sum_dim_intlist([1i64, 2, 3].as_slice(), false, Kind::Double) * &w;
        let penalty = gradient_penalty(critic, &real, &generated, &weights).unwrap();
        let root = 12f64.sqrt();
        assert!((penalty.double_value(&[]) - (0.3 * root - 1.0).powi(2)).abs() < 1e-12);
        penalty.backward();
        assert!((w.grad().double_value(&[0]) - 2.0 * (0.3 * root - 1.0) * root).abs() < 1e-12);
    }
}
