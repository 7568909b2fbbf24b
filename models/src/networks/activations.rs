//! Activations that libtorch's binding lacks.

use tch::Tensor;

/// `x` where positive, `slope * x` elsewhere; the derivative at 0 is `slope`, as in PyTorch.
pub fn leaky_relu(x: &Tensor, slope: f64) -> Tensor {
    x.relu().lerp(x, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_derivatives_match_the_definition() {
        let x = Tensor::from_slice(&[-2.0f64, 0.0, 3.0]).set_requires_grad(true);
        let y = leaky_relu(&x, 0.2);
        y.sum(None::<tch::Kind>).backward();
        let numbers = |t: &Tensor| Vec::<f64>::try_from(t).unwrap();
        assert_eq!(numbers(&y.detach()), [-0.4, 0.0, 3.0]);
        assert_eq!(numbers(&x.grad()), [0.2, 0.2, 1.0]);
    }
}
