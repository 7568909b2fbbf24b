//! Networks and optimiser of the report that uses Keras, against Keras 3.15.
//!
//! The values are those of `golden/make_keras.py`. Both compute in f64: the tolerance is 1e-9 of the largest value of a
//! tensor, but 1e-5 for batch norm, which Keras computes in f32.

use std::collections::BTreeMap;
use std::path::Path;

use bench_models::checkpoint;
use bench_models::init::{Init, initialise};
use bench_models::networks::layers::{
    Activation, ActivationLayer, DownBlock, DownBlockConfig, Norm, NormKind, Padding, UpBlock,
    UpBlockConfig,
};
use bench_models::networks::{Draws, Mode};
use bench_models::optimizers::{Optimizer, OptimizerConfig};
use bench_models::streams::{Purpose, Streams};
use tch::{Device, Kind, Tensor, nn};

struct Golden(BTreeMap<String, Tensor>);

impl Golden {
    fn load() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/keras.safetensors");
        Self(checkpoint::read(&path).unwrap())
    }

    fn get(&self, name: &str) -> &Tensor {
        self.0.get(name).unwrap_or_else(|| panic!("no golden {name}"))
    }

    fn number(&self, name: &str) -> f64 {
        self.get(name).double_value(&[])
    }

    fn assert_close(&self, name: &str, ours: &Tensor, tolerance: f64) {
        let expected = self.get(name);
        assert_eq!(ours.size(), expected.size(), "{name}");
        let largest = |t: &Tensor| t.abs().max().double_value(&[]);
        let error = largest(&(ours.detach() - expected));
        assert!(error <= tolerance * largest(expected), "{name}: off by {error:e}");
    }

    /// Gives the variables below `path` the values of the case.
    fn set(&self, case: &str, store: &nn::VarStore, path: &str) {
        let prefix = format!("{case}.param.");
        let mut set = 0;
        for (name, value) in &self.0 {
            if let Some(name) = name.strip_prefix(&prefix) {
                let variable = store.variables().remove(&format!("{path}{name}")).unwrap();
                tch::no_grad(|| variable.shallow_clone().copy_(value));
                set += 1;
            }
        }
        assert!(set > 0, "{case}");
    }
}

fn store() -> nn::VarStore {
    nn::VarStore::new(Device::Cpu)
}

/// Both kernels that models of the report have, and others: an odd zero lies on the far sides.
#[test]
fn convolutions_with_same_padding() {
    let golden = Golden::load();
    for (kernel, stride, side) in [(3, 2, 8), (4, 2, 8), (5, 2, 8), (3, 2, 7), (3, 1, 6), (3, 2, 1)]
    {
        let case = format!("same.k{kernel}s{stride}n{side}");
        let mut at = store();
        let config = DownBlockConfig {
            kernel,
            stride,
            padding: Padding::Same,
            norm: NormKind::None,
            activation: Activation::Identity,
            bias: true,
            spectral_norm: false,
        };
        let block = DownBlock::new(at.root(), 3, 4, config);
        at.double();
        golden.set(&case, &at, "conv.");
        let y = block.forward(golden.get(&format!("{case}.x")), Mode::Eval);
        golden.assert_close(&format!("{case}.y"), &y, 1e-9);
        assert_eq!(y.size()[3], config.side(side), "{case}");
    }
}

/// A 4x4 kernel that doubles the side is padded alike on all sides, in Keras as here.
#[test]
fn transposed_convolutions_with_same_padding() {
    let golden = Golden::load();
    let mut at = store();
    let config = UpBlockConfig {
        norm: NormKind::None,
        activation: Activation::Identity,
        bias: true,
        ..Default::default()
    };
    let block = UpBlock::new(at.root(), 3, 4, config);
    at.double();
    golden.set("transposed", &at, "conv.");
    golden.assert_close(
        "transposed.y",
        &block.forward(golden.get("transposed.x"), Mode::Eval),
        1e-9,
    );
}

/// Keras 3 keeps the variance with divisor n, PyTorch (and Keras 2 on TensorFlow) that with n - 1; of
/// n = 256 values of variance 0.0025 that moves the running variance of nearly 1 by 1e-7.
#[test]
fn batch_norm_with_keras_defaults() {
    let golden = Golden::load();
    let mut at = store();
    let norm = Norm::new(at.root(), NormKind::KerasBatch, 3);
    at.double();
    golden.set("norm", &at, "");
    let draws = Draws::new(Streams::new(0).at(Purpose::GeneratorDropout, 0));
    for i in 0..3 {
        let y = norm.forward(golden.get(&format!("norm.x{i}")), Mode::Train(&draws));
        golden.assert_close(&format!("norm.y{i}"), &y, 1e-5);
    }
    golden.assert_close("norm.eval", &norm.forward(golden.get("norm.x2"), Mode::Eval), 1e-5);
    let variables = at.variables();
    golden.assert_close("norm.after.running_mean", &variables["running_mean"], 1e-5);
    golden.assert_close("norm.after.running_var", &variables["running_var"], 1e-5);
}

/// Twenty steps on f(x) = sum(x^4) / 4.
#[test]
fn adam_with_epsilon_hat() {
    let golden = Golden::load();
    let config = OptimizerConfig::keras_adam(0.05, 0.5, 0.999);
    let OptimizerConfig::Adam { eps, .. } = config else { panic!("{config:?}") };
    assert_eq!(eps, golden.number("adam.eps"));
    let large =
        OptimizerConfig::Adam { lr: 0.05, beta1: 0.5, beta2: 0.999, eps: 1e-2, eps_hat: true };
    let pytorchs =
        OptimizerConfig::Adam { lr: 0.05, beta1: 0.5, beta2: 0.999, eps: 1e-2, eps_hat: false };
    let end = |config| {
        let mut at = store();
        let _ = at.root().zeros("x", &[3]);
        at.double();
        let x = at.variables().remove("x").unwrap();
        tch::no_grad(|| x.shallow_clone().copy_(&Tensor::from_slice(&[1.0f64, -2.0, 0.5])));
        let mut optimizer = Optimizer::new(config, &at);
        for _ in 0..20 {
            optimizer.backward(&(x.pow_tensor_scalar(4).sum(None::<Kind>) / 4.0)).unwrap();
            optimizer.step(1.0);
        }
        x.detach().copy()
    };
    golden.assert_close("adam.default", &end(config), 1e-9);
    golden.assert_close("adam.large", &end(large), 1e-9);
    let apart = (end(large) - end(pytorchs)).abs().max().double_value(&[]);
    assert!(apart > 1e-3, "where eps is added makes no difference: {apart}");
}

#[test]
fn learnt_slopes_start_where_keras_starts_them() {
    let golden = Golden::load();
    let at = store();
    let _layer = ActivationLayer::new(at.root(), Activation::PRelu, 3);
    initialise(&at, Init::GlorotUniform, &Streams::new(1), 0);
    let slope = at.variables()["slope"].detach().to_kind(Kind::Double);
    assert_eq!(slope, *golden.get("prelu.slope"));
}
