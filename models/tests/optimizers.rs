//! The optimisers against their published update rules, carried out in f64.

use bench_models::optimizers::{Optimizer, OptimizerConfig};
use tch::{Device, Tensor, nn};

/// Twenty steps on f(x) = sum(x^4) / 4 from a fixed start; the gradient is x^3.
fn minimise(config: OptimizerConfig) -> Vec<f64> {
    let mut store = nn::VarStore::new(Device::Cpu);
    store.double();
    let mut x = store.root().zeros("x", &[3]);
    tch::no_grad(|| x.copy_(&Tensor::from_slice(&[1.0f64, -2.0, 0.5])));
    let mut optimizer = Optimizer::new(config, &store);
    for _ in 0..20 {
        optimizer.zero_grad();
        (x.pow_tensor_scalar(4).sum(None::<tch::Kind>) / 4.0).backward();
        optimizer.step(1.0);
    }
    Vec::<f64>::try_from(&x.detach().to_kind(tch::Kind::Double)).unwrap()
}

fn assert_close(ours: &[f64], expected: &[f64]) {
    for (a, b) in ours.iter().zip(expected) {
        assert!((a - b).abs() <= 2e-6 * b.abs().max(1e-3), "{ours:?} {expected:?}");
    }
}

#[test]
fn adam_follows_algorithm_1_of_kingma_and_ba() {
    let (lr, beta1, beta2, eps) = (0.05, 0.5, 0.999, 1e-8);
    let expected: Vec<f64> = [1.0f64, -2.0, 0.5]
        .into_iter()
        .map(|mut x| {
            let (mut m, mut v) = (0.0, 0.0);
            for t in 1..=20 {
                let g = x.powi(3);
                m = beta1 * m + (1.0 - beta1) * g;
                v = beta2 * v + (1.0 - beta2) * g * g;
                let m_hat = m / (1.0 - beta1.powi(t));
                let v_hat = v / (1.0 - beta2.powi(t));
                x -= lr * m_hat / (v_hat.sqrt() + eps);
            }
            x
        })
        .collect();
    assert_close(&minimise(OptimizerConfig::Adam { lr, beta1, beta2, eps }), &expected);
}

#[test]
fn sgd_follows_nesterov_as_pytorch_documents_it() {
    let (lr, momentum, weight_decay) = (0.01, 0.9, 0.1);
    let expected: Vec<f64> = [1.0f64, -2.0, 0.5]
        .into_iter()
        .map(|mut x| {
            let mut velocity = 0.0;
            for _ in 0..20 {
                let g = x.powi(3) + weight_decay * x;
                velocity = momentum * velocity + g;
                x -= lr * (g + momentum * velocity);
            }
            x
        })
        .collect();
    assert_close(&minimise(OptimizerConfig::Sgd { lr, momentum, weight_decay }), &expected);
}
