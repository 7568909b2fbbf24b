//! The optimisers against PyTorch 2.11.

use std::path::Path;

use bench_models::checkpoint;
use bench_models::optimizers::{Optimizer, OptimizerConfig};
use tch::{Device, Kind, Tensor, nn};

/// What `golden/make_parts.py` calls each configuration.
const CASES: [(&str, OptimizerConfig); 8] = [
    (
        "adam",
        OptimizerConfig::Adam { lr: 0.05, beta1: 0.5, beta2: 0.999, eps: 1e-8, eps_hat: false },
    ),
    ("sgd", OptimizerConfig::Sgd { lr: 0.02, momentum: 0.0, nesterov: false, weight_decay: 0.0 }),
    (
        "sgd-momentum",
        OptimizerConfig::Sgd { lr: 0.01, momentum: 0.9, nesterov: false, weight_decay: 0.1 },
    ),
    (
        "sgd-nesterov",
        OptimizerConfig::Sgd { lr: 0.01, momentum: 0.9, nesterov: true, weight_decay: 0.1 },
    ),
    ("rms-prop", OptimizerConfig::RmsProp { lr: 0.01, alpha: 0.99, eps: 1e-8, momentum: 0.0 }),
    (
        "rms-prop-momentum",
        OptimizerConfig::RmsProp { lr: 0.01, alpha: 0.9, eps: 1e-8, momentum: 0.5 },
    ),
    ("adadelta", OptimizerConfig::Adadelta { lr: 1.0, rho: 0.9, eps: 1e-6 }),
    ("adagrad", OptimizerConfig::Adagrad { lr: 0.1, lr_decay: 0.05, eps: 1e-10 }),
];

/// A variable `x` of three f64 in a store.
fn start() -> (nn::VarStore, Tensor) {
    let mut store = nn::VarStore::new(Device::Cpu);
    let mut x = store.root().zeros("x", &[3]);
    store.double();
    tch::no_grad(|| x.copy_(&Tensor::from_slice(&[1.0f64, -2.0, 0.5])));
    (store, x)
}

/// One step on f(x) = sum(x^4) / 4; the learning rate is halved after ten.
fn step(optimizer: &mut Optimizer, x: &Tensor, number: u64) {
    optimizer.backward(&(x.pow_tensor_scalar(4).sum(None::<Kind>) / 4.0)).unwrap();
    optimizer.step(if number < 10 { 1.0 } else { 0.5 });
}

fn values(x: &Tensor) -> Vec<f64> {
    Vec::<f64>::try_from(&x.detach().to_kind(Kind::Double)).unwrap()
}

/// Relative tolerance 1e-12: both compute in f64, in another order here and there.
#[test]
fn twenty_steps_end_where_pytorch_ends() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/parts.safetensors");
    let golden = checkpoint::read(&path).unwrap();
    for (name, config) in CASES {
        let (store, x) = start();
        let mut optimizer = Optimizer::new(config, &store);
        for number in 0..20 {
            step(&mut optimizer, &x, number);
        }
        let expected = values(&golden[&format!("optimizer.{name}")]);
        for (ours, expected) in values(&x).iter().zip(&expected) {
            let error = (ours - expected).abs() / expected.abs();
            assert!(error <= 1e-12, "{name}: {ours} {expected}");
        }
    }
}

#[test]
fn a_restored_optimizer_goes_on_like_one_that_never_stopped() {
    for (name, config) in CASES {
        let (store, x) = start();
        let mut optimizer = Optimizer::new(config, &store);
        for number in 0..5 {
            step(&mut optimizer, &x, number);
        }
        let mut state = checkpoint::NamedTensors::new();
        optimizer.insert_state(&mut state, "o");
        let state = state.into_iter().map(|(name, tensor)| (name, tensor.copy())).collect();

        let (other_store, other_x) = start();
        tch::no_grad(|| other_x.shallow_clone().copy_(&x));
        let mut other = Optimizer::new(config, &other_store);
        other.restore_state(&state, "o", Path::new("state")).unwrap();
        for number in 5..12 {
            step(&mut optimizer, &x, number);
            step(&mut other, &other_x, number);
        }
        assert_eq!(values(&x), values(&other_x), "{name}");
    }
}

#[test]
fn the_constructors_have_pytorchs_defaults() {
    let pairs = [
        (OptimizerConfig::adam(1e-3, 0.9, 0.999), "kind = 'adam'"),
        (OptimizerConfig::sgd(1e-3), "kind = 'sgd'"),
        (OptimizerConfig::rms_prop(1e-2), "kind = 'rms-prop'"),
        (OptimizerConfig::adadelta(1.0), "kind = 'adadelta'"),
        (OptimizerConfig::adagrad(1e-2), "kind = 'adagrad'"),
    ];
    for (config, text) in pairs {
        assert_eq!(toml::from_str::<OptimizerConfig>(text).unwrap(), config, "{text}");
    }
    assert!(toml::from_str::<OptimizerConfig>("kind = 'adam'\nrate = 1").is_err());
}
