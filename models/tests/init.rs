//! Initial parameters: each kind of variable has the mean and the spread that the scheme states.

use bench_models::init::{Init, initialise};
use bench_models::networks::layers::{
    Activation, ActivationLayer, AttentionConfig, Conv2d, ConvConfig, Embedding, Linear,
    LinearConfig, Norm, NormKind, SelfAttention,
};
use bench_models::streams::Streams;
use tch::{Device, nn};

/// A layer of each kind; the kernel has a fan-in of 576 and a fan-out of 1152.
fn store() -> nn::VarStore {
    let store = nn::VarStore::new(Device::Cpu);
    let root = store.root();
    Conv2d::new(&root / "conv", 64, 128, ConvConfig { spectral_norm: true, ..Default::default() });
    Linear::new(&root / "linear", 400, 200, LinearConfig::default());
    Embedding::new(&root / "embedding", 100, 400, false);
    Norm::new(&root / "norm", NormKind::Batch, 10_000);
    ActivationLayer::new(&root / "activation", Activation::PRelu, 8);
    SelfAttention::new(&root / "attention", 16, AttentionConfig::sagan(16, false));
    store
}

/// Mean and standard deviation of a variable.
fn moments(store: &nn::VarStore, name: &str) -> (f64, f64) {
    let variable = &store.variables()[name];
    (variable.mean(None).double_value(&[]), variable.std(false).double_value(&[]))
}

/// Within 4 % of the spread (500 draws and more; most are of tens of thousands) and, for the mean, an eighth of it.
fn assert_spread(store: &nn::VarStore, init: Init, name: &str, mean: f64, std: f64) {
    let (measured_mean, measured_std) = moments(store, name);
    assert!((measured_mean - mean).abs() <= std / 8.0, "{init:?} {name}: mean {measured_mean}");
    assert!((measured_std - std).abs() <= 0.04 * std, "{init:?} {name}: {measured_std} not {std}");
}

#[test]
fn every_scheme_has_its_spread() {
    // A uniform distribution on [-a, a] has the standard deviation a / sqrt(3).
    let uniform = |bound: f64| bound / 3f64.sqrt();
    let (conv_fan_in, conv_fan_out, inputs, outputs) = (576.0, 1152.0, 400.0, 200.0);
    let glorot = |fans: f64| uniform((6.0 / fans).sqrt());
    let pytorch = |fan_in: f64| uniform((1.0 / fan_in).sqrt());
    let he = |fan_in: f64| (2.0 / fan_in).sqrt();
    let cases = [
        (Init::DcganNormal, 0.02, 0.02, 0.02, 0.02),
        (Init::DcganConvolutions, 0.02, pytorch(inputs), 1.0, 0.02),
        (Init::PytorchDefault, pytorch(conv_fan_in), pytorch(inputs), 1.0, 0.0),
        (Init::HeNormal, he(conv_fan_in), he(inputs), he(400.0), 0.0),
        // Orthonormal rows of n entries have the mean square 1 / n.
        (Init::Orthogonal, (1.0 / conv_fan_in).sqrt(), (1.0 / inputs).sqrt(), 0.05, 0.0),
        (
            Init::GlorotUniform,
            glorot(conv_fan_in + conv_fan_out),
            glorot(inputs + outputs),
            uniform(0.05),
            0.0,
        ),
    ];
    for (init, conv, linear, table, gain) in cases {
        let store = store();
        initialise(&store, init, &Streams::new(1), 0);
        assert_spread(&store, init, "conv.weight", 0.0, conv);
        assert_spread(&store, init, "linear.weight", 0.0, linear);
        assert_spread(&store, init, "embedding.table", 0.0, table);
        assert_spread(&store, init, "norm.weight", 1.0, gain);
        assert_eq!(moments(&store, "norm.bias"), (0.0, 0.0), "{init:?}");
        let slope = if init == Init::GlorotUniform { 0.0 } else { 0.25 };
        assert_eq!(moments(&store, "activation.slope"), (slope, 0.0), "{init:?}");
        assert_eq!(moments(&store, "attention.gamma"), (0.0, 0.0), "{init:?}");
        let u = &store.variables()["conv.weight_u"];
        assert!((u.norm().double_value(&[]) - 1.0).abs() < 1e-6, "{init:?}");
        let has_biases =
            matches!(init, Init::PytorchDefault | Init::DcganConvolutions | Init::Orthogonal);
        assert_eq!(moments(&store, "linear.bias").1 > 0.0, has_biases, "{init:?}");
    }
}

#[test]
fn draws_depend_on_seed_and_first_step_and_not_on_what_was_there_before() {
    let weights = |seed, first_step| {
        let store = store();
        initialise(&store, Init::DcganNormal, &Streams::new(seed), first_step);
        initialise(&store, Init::DcganNormal, &Streams::new(seed), first_step);
        store.variables()["conv.weight"].copy()
    };
    assert_eq!(weights(1, 0), weights(1, 0));
    assert_ne!(weights(1, 0), weights(2, 0));
    assert_ne!(weights(1, 0), weights(1, 1 << 32));
}
