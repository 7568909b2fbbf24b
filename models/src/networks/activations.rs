//! Activations that libtorch's binding lacks.

use tch::Tensor;

/// `x` where positive, `slope * x` elsewhere; the derivative at 0 is `slope`, as in PyTorch.
///
/// The binding's own takes no slope. The derivative's kernel does, and with `x` in the place of the gradient from above it
/// gives the function itself in one pass; what derives it again is that kernel too.
pub fn leaky_relu(x: &Tensor, slope: f64) -> Tensor {
    x.detach().leaky_relu_backward(x, slope, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_derivatives_match_the_definition() {
        let x = Tensor::from_slice(&[-2.0f64, 0.0, 3.0]).set_requires_grad(true);
        let y = leaky_relu(&x, 0.2);
        let numbers = |t: &Tensor| Vec::<f64>::try_from(t).unwrap();
        assert_eq!(numbers(&y.detach()), [-0.4, 0.0, 3.0]);
        // Of the sum of squares: 2 y y'; derived again, the sum of that gives 2 y'^2.
        let sum = (&y * &y).sum(None::<tch::Kind>);
        let gradient = Tensor::run_backward(&[sum], &[&x], true, true);
        assert_eq!(numbers(&gradient[0].detach()), [2.0 * -0.4 * 0.2, 0.0, 6.0]);
        gradient[0].sum(None::<tch::Kind>).backward();
        assert_eq!(numbers(&x.grad()), [0.2, 0.2, 1.0].map(|slope: f64| 2.0 * slope * slope));
    }
}
