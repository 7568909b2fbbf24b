//! The gradient penalty of Gulrajani et al. 2017, Algorithm 1.

use tch::{Kind, Tensor};

use super::{Penalty, image_gradients, norms};
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
) -> Result<Penalty, ModelError> {
    let a = weights.view([-1, 1, 1, 1]);
    let mixed: Tensor = generated + (real - generated) * a;
    unit_gradient_penalty(critic, &mixed)
}

/// Mean of `(|grad D(x)| - 1)^2` at the images `points`.
pub(super) fn unit_gradient_penalty(
    critic: impl Fn(&Tensor) -> Tensor,
    points: &Tensor,
) -> Result<Penalty, ModelError> {
    let points = points.detach().set_requires_grad(true);
    let gradients = image_gradients(&critic(&points), &points)?;
    let norms = norms(&gradients);
    Ok(Penalty {
        value: (&norms - 1.0).square().mean(None::<Kind>),
        gradient_norm: norms.detach().mean(None::<Kind>),
    })
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
        let Penalty { value: penalty, gradient_norm } =
            gradient_penalty(critic, &real, &generated, &weights).unwrap();
        let root = 12f64.sqrt();
        assert!((gradient_norm.double_value(&[]) - 0.3 * root).abs() < 1e-12);
        assert!((penalty.double_value(&[]) - (0.3 * root - 1.0).powi(2)).abs() < 1e-12);
        penalty.backward();
        assert!((w.grad().double_value(&[0]) - 2.0 * (0.3 * root - 1.0) * root).abs() < 1e-12);
    }

    /// D(x) = w sum(x)^2 at x = 0: the gradient is 0, so the penalty is 1 and its subgradient 0.
    #[test]
    fn a_gradient_of_zero_gives_a_penalty_and_no_nan() {
        for kind in [Kind::Float, Kind::Double] {
            let w = Tensor::ones([1], (kind, Device::Cpu)).set_requires_grad(true);
            let zeros = Tensor::zeros([2, 3, 2, 2], (kind, Device::Cpu));
            let critic =
                |x: &Tensor| x.sum_dim_intlist([1i64, 2, 3].as_slice(), false, kind).square() * &w;
            let weights = Tensor::zeros([2], (kind, Device::Cpu));
            let around = [
                gradient_penalty(critic, &zeros, &zeros, &weights).unwrap(),
                super::super::dragan::dragan(critic, &zeros, &zeros, &weights).unwrap(),
            ];
            for penalty in around {
                assert_eq!(penalty.value.double_value(&[]), 1.0);
                assert!(penalty.gradient_norm.double_value(&[]) < 1e-18);
                penalty.value.backward();
                assert_eq!(w.grad().double_value(&[0]), 0.0);
            }
        }
    }
}
