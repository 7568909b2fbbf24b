//! Layers, penalties, augmentations, schedules and the average against PyTorch 2.11.
//!
//! The values are those of `golden/make_parts.py`. Tolerance: 1e-5 of the largest value of a tensor, or of 0.1 where
//! all its values are smaller (gradients that are 0 but for rounding).

use std::collections::BTreeMap;
use std::path::Path;

use bench_models::augmentations::cutmix::{Rectangle, cutmix};
use bench_models::augmentations::differentiable::{
    self, DiffAugment, brighten, contrast, cutout, translate,
};
use bench_models::augmentations::{flip::flip, saturation::Saturation, sharpen::UnsharpMask};
use bench_models::ema::{AveragedGenerator, Decay};
use bench_models::init::orthogonal;
use bench_models::networks::layers::{
    AttentionConfig, ConditionalBatchNorm, Conv2d, ConvConfig, ConvTranspose2d,
    ConvTransposeConfig, Embedding, Linear, LinearConfig, Norm, NormKind, ProjectionHead,
    SelfAttention,
};
use bench_models::networks::{Draws, Generator, Mode};
use bench_models::regularizers::{dragan, gradient_penalty, r1, weight_clipping};
use bench_models::schedules::Schedule;
use bench_models::streams::{Purpose, Streams};
use bench_models::transfers::Parcel;
use tch::{Device, Kind, Tensor, nn};

struct Golden(BTreeMap<String, Tensor>);

impl Golden {
    fn load() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/parts.safetensors");
        Self(bench_models::checkpoint::read(&path).unwrap())
    }

    fn get(&self, name: &str) -> Tensor {
        self.0.get(name).unwrap_or_else(|| panic!("no golden {name}")).copy()
    }

    /// Names and tensors below `prefix.`.
    fn below(&self, prefix: &str) -> Vec<(String, &Tensor)> {
        let prefix = format!("{prefix}.");
        let below = self
            .0
            .iter()
            .filter_map(|(name, tensor)| Some((name.strip_prefix(&prefix)?.to_owned(), tensor)));
        below.collect()
    }

    fn assert_close(&self, name: &str, ours: &Tensor) {
        let expected = self.get(name).to_kind(Kind::Double);
        let ours = ours.detach().to_kind(Kind::Double);
        assert_eq!(ours.size(), expected.size(), "{name}");
        let largest = |t: &Tensor| t.abs().max().double_value(&[]);
        let error = largest(&(ours - &expected));
        assert!(error <= 1e-5 * largest(&expected).max(0.1), "{name}: off by {error:e}");
    }

    /// Gives every variable of `store` the value of the case.
    fn set(&self, case: &str, store: &nn::VarStore) {
        let values = self.below(&format!("{case}.param"));
        let mut variables = store.variables();
        for (name, value) in values {
            let variable = variables.remove(&name).unwrap_or_else(|| panic!("{case}: no {name}"));
            assert_eq!(variable.size(), value.size(), "{case} {name}");
            tch::no_grad(|| variable.shallow_clone().copy_(value));
        }
        assert!(variables.is_empty(), "{case}: {:?} stay unset", variables.keys());
    }

    fn assert_gradients(&self, case: &str, store: &nn::VarStore) {
        let expected = self.below(&format!("{case}.grad"));
        assert!(!expected.is_empty(), "{case}");
        let variables = store.variables();
        for (name, _) in expected {
            self.assert_close(&format!("{case}.grad.{name}"), &variables[&name].grad());
        }
    }

    /// Three training passes, the gradients of the third, an evaluation pass and the buffers.
    fn assert_passes(&self, case: &str, store: &nn::VarStore, call: impl Fn(Mode) -> Tensor) {
        self.set(case, store);
        let draws = draws();
        for i in 0..3 {
            let y = call(Mode::Train(&draws));
            self.assert_close(&format!("{case}.y{i}"), &y);
            if i == 2 {
                (y * self.get(&format!("{case}.r"))).sum(None::<Kind>).backward();
            }
        }
        self.assert_gradients(case, store);
        // Twice: an evaluation pass changes nothing.
        for _ in 0..2 {
            self.assert_close(&format!("{case}.eval"), &call(Mode::Eval));
        }
        let variables = store.variables();
        for (name, _) in self.below(&format!("{case}.after")) {
            assert!(!variables[&name].requires_grad(), "{case} {name}");
            self.assert_close(&format!("{case}.after.{name}"), &variables[&name]);
        }
    }
}

fn draws() -> Draws {
    Draws::new(Streams::new(0).at(Purpose::DiscriminatorDropout, 0))
}

fn store() -> nn::VarStore {
    nn::VarStore::new(Device::Cpu)
}

#[test]
fn spectral_norm_over_power_iterations() {
    let golden = Golden::load();
    let (map, vector) = (golden.get("spectral.map"), golden.get("spectral.vector"));
    let labels = golden.get("spectral.labels");

    let at = store();
    let config = ConvConfig { kernel: 3, stride: 2, padding: 1, bias: true, spectral_norm: true };
    let conv = Conv2d::new(at.root(), 3, 5, config);
    golden.assert_passes("spectral.conv", &at, |mode| conv.forward(&map, mode));

    let at = store();
    let config = ConvTransposeConfig { bias: false, spectral_norm: true, ..Default::default() };
    let transposed = ConvTranspose2d::new(at.root(), 3, 4, config);
    golden.assert_passes("spectral.transposed", &at, |mode| transposed.forward(&map, mode));

    let at = store();
    let config = LinearConfig { bias: true, spectral_norm: true };
    let linear = Linear::new(at.root(), 5, 3, config);
    golden.assert_passes("spectral.linear", &at, |mode| linear.forward(&vector, mode));

    let at = store();
    let embedding = Embedding::new(at.root(), 3, 5, true);
    golden.assert_passes("spectral.embedding", &at, |mode| embedding.forward(&labels, mode));
}

#[test]
fn self_attention_pooled_and_plain() {
    let golden = Golden::load();
    let x = golden.get("attention.x");
    for (name, pool) in [("pooled", true), ("plain", false)] {
        let at = store();
        let config =
            AttentionConfig { query_channels: 2, value_channels: 4, pool, spectral_norm: true };
        let layer = SelfAttention::new(at.root(), 8, config);
        golden.assert_passes(&format!("attention.{name}"), &at, |mode| layer.forward(&x, mode));
    }
}

#[test]
fn norms_and_conditional_batch_norm() {
    let golden = Golden::load();
    let (x, labels) = (golden.get("norm.x"), golden.get("norm.labels"));
    for (name, kind) in
        [("batch", NormKind::Batch), ("instance", NormKind::Instance), ("layer", NormKind::Layer)]
    {
        let at = store();
        let layer = Norm::new(at.root(), kind, 6);
        golden.assert_passes(&format!("norm.{name}"), &at, |mode| layer.forward(&x, mode));
    }
    let at = store();
    let layer = ConditionalBatchNorm::of_labels(at.root(), 3, 6, false);
    golden.assert_passes("norm.tables", &at, |mode| layer.forward(&x, &labels, mode));

    let at = store();
    let maps = LinearConfig { bias: true, spectral_norm: true };
    let layer = ConditionalBatchNorm::of_embedding(at.root(), 3, 6, maps);
    golden.assert_passes("norm.embedded", &at, |mode| layer.forward(&x, &labels, mode));
}

#[test]
fn projection_logits() {
    let golden = Golden::load();
    let (features, labels) = (golden.get("projection.features"), golden.get("projection.labels"));
    let at = store();
    let config = LinearConfig { bias: true, spectral_norm: true };
    let head = ProjectionHead::new(at.root(), 4, 7, config);
    golden.assert_passes("projection", &at, |mode| head.forward(&features, &labels, mode));
}

/// Values, and gradients with respect to the parameters through the double backward.
#[test]
fn penalties_on_the_discriminator() {
    let golden = Golden::load();
    let (real, generated) = (golden.get("penalty.real"), golden.get("penalty.generated"));
    let (weights, noise) = (golden.get("penalty.weights"), golden.get("penalty.noise"));
    for name in ["gradient_penalty", "dragan", "r1"] {
        let at = store();
        let config = ConvConfig { kernel: 4, stride: 2, ..Default::default() };
        let conv = Conv2d::new(at.root() / "conv", 3, 4, config);
        let norm = Norm::new(at.root() / "norm", NormKind::Layer, 4);
        let config = LinearConfig { bias: true, spectral_norm: true };
        let linear = Linear::new(at.root() / "linear", 64, 1, config);
        golden.set("penalty", &at);
        let draws = draws();
        let mode = Mode::Train(&draws);
        let critic = |x: &Tensor| {
            let x = norm.forward(&conv.forward(x, mode).tanh(), mode);
            linear.forward(&x.flatten(1, -1), mode).squeeze_dim(1)
        };
        let penalty = match name {
            "gradient_penalty" => {
                gradient_penalty::gradient_penalty(critic, &real, &generated, &weights)
            }
            "dragan" => dragan::dragan(critic, &real, &noise, &weights),
            _ => {
                let real = real.copy().set_requires_grad(true);
                r1::r1(&critic(&real), &real)
            }
        }
        .unwrap();
        golden.assert_close(&format!("penalty.{name}.value"), &penalty.value);
        penalty.value.backward();
        golden.assert_gradients(&format!("penalty.{name}"), &at);
    }
}

#[test]
fn weights_are_clipped() {
    let golden = Golden::load();
    let at = store();
    Linear::new(at.root(), 4, 3, LinearConfig::default());
    golden.set("clipping", &at);
    weight_clipping::clip_weights(&at, 0.2);
    for (name, variable) in at.variables() {
        golden.assert_close(&format!("clipping.after.{name}"), &variable);
        assert!(variable.requires_grad(), "{name}");
    }
}

/// Outputs, and the gradients that come back to the images.
#[test]
fn augmentations_given_their_random_numbers() {
    let golden = Golden::load();
    let numbers = golden.get("augment.numbers").to_kind(Kind::Float);
    let doubled = &numbers * 2.0;
    let integers = |name: &str| golden.get(name).to_kind(Kind::Int64);
    let (shifts, centres) = (integers("augment.shifts"), integers("augment.centres"));
    let partners = integers("augment.partners");
    let mask = UnsharpMask::new(1.5, Device::Cpu);
    let saturation = Saturation::new(Device::Cpu);
    let rectangle = Rectangle { top: 1, bottom: 6, left: 3, right: 8 };
    type Case<'a> = (&'a str, &'a dyn Fn(&Tensor) -> Tensor);
    let cases: [Case; 8] = [
        ("brighten", &|x| brighten(x, &numbers)),
        ("saturate", &|x| differentiable::saturate(x, &numbers)),
        ("contrast", &|x| contrast(x, &numbers)),
        ("translate", &|x| translate(x, &shifts)),
        ("cutout", &|x| cutout(x, &centres)),
        ("cutmix", &|x| cutmix(x, &partners, rectangle)),
        ("sharpen", &|x| mask.sharpen(x)),
        ("jitter", &|x| saturation.saturate(x, &doubled)),
    ];
    for (name, function) in cases {
        let x = golden.get("augment.x").set_requires_grad(true);
        let y = function(&x);
        golden.assert_close(&format!("augment.{name}.y"), &y);
        (y * golden.get("augment.r")).sum(None::<Kind>).backward();
        golden.assert_close(&format!("augment.{name}.grad"), &x.grad());
    }
}

#[test]
fn augmentation_with_probability_0_changes_nothing_and_with_1_everything() {
    let x = Tensor::rand([16, 3, 8, 8], (Kind::Float, Device::Cpu)) * 2.0 - 1.0;
    let augment = |operations: &[DiffAugment], probability: Option<f64>| {
        let rng = Streams::new(0).at(Purpose::DiscriminatorAugmentation, 0);
        let mut parcel = Parcel::default();
        let chances = probability.is_some();
        let drawn = differentiable::draw(operations, (16, 8), chances, rng, &mut parcel);
        parcel.send(Device::Cpu);
        let probability = probability.map(|p| Tensor::from_slice(&[p]));
        differentiable::apply(&x, &drawn, probability.as_ref())
    };
    assert_eq!(augment(&DiffAugment::ALL, Some(0.0)), x);
    assert_eq!(augment(&[], None), x);
    for operation in DiffAugment::ALL {
        let y = augment(&[operation], None);
        assert_ne!(y, x, "{operation:?}");
        assert_eq!(y, augment(&[operation], None), "{operation:?}");
        assert_eq!(y, augment(&[operation], Some(1.0)), "{operation:?}");
        // Those that are not chosen stay as they are, but for the last digits; the others change as all do.
        let half = augment(&[operation], Some(0.5));
        let distance = |one: &Tensor, other: &Tensor| {
            let distance = (one - other).abs().amax([1i64, 2, 3], false);
            Vec::<f32>::try_from(&distance).unwrap()
        };
        let (from_x, from_y) = (distance(&half, &x), distance(&half, &y));
        let stayed = from_x.iter().filter(|distance| **distance < 1e-6).count();
        assert!((1..16).contains(&stayed), "{operation:?}: {stayed}");
        let near = from_x.iter().zip(&from_y).all(|(x, y)| *x < 1e-6 || *y < 1e-6);
        assert!(near || operation == DiffAugment::Color, "{operation:?}");
    }
    let all = Tensor::ones([16], (Kind::Bool, Device::Cpu));
    assert_eq!(flip(&flip(&x, &all), &all), x);
    assert_eq!(flip(&x, &all).get(3).get(0).get(5), x.get(3).get(0).get(5).flip([0]));
}

/// The rectangle of the paper: a share of `1 - kept` of the image, cut at the border.
#[test]
fn cutmix_rectangles_have_their_area() {
    let rectangle = Rectangle::around(32, 32, 0.75, 16, 10);
    assert_eq!(rectangle, Rectangle { top: 8, bottom: 24, left: 2, right: 18 });
    let rectangle = Rectangle::around(32, 32, 0.75, 0, 31);
    assert_eq!(rectangle, Rectangle { top: 0, bottom: 8, left: 23, right: 32 });
}

#[test]
fn orthogonal_matrices() {
    let golden = Golden::load();
    for name in ["wide", "tall", "square"] {
        let ours = orthogonal(&golden.get(&format!("orthogonal.{name}.normal")));
        golden.assert_close(&format!("orthogonal.{name}.y"), &ours);
        let wide = ours.size()[0] <= ours.size()[1];
        let gram = if wide { ours.mm(&ours.tr()) } else { ours.tr().mm(&ours) };
        let identity = Tensor::eye(gram.size()[0], (Kind::Float, Device::Cpu));
        assert!((gram - identity).abs().max().double_value(&[]) < 1e-6, "{name}");
    }
}

#[test]
fn schedules_follow_pytorch() {
    let golden = Golden::load();
    for (name, schedule) in [
        ("cosine", Schedule::Cosine),
        ("linear", Schedule::Linear),
        ("exponential", Schedule::Exponential),
    ] {
        let factors: Vec<f64> = (0..=20).map(|t| schedule.factor(t, 20, 0.1)).collect();
        golden.assert_close(&format!("schedule.{name}"), &Tensor::from_slice(&factors));
        assert!((schedule.factor(20, 20, 0.1) - 0.1).abs() < 1e-12);
    }
    assert_eq!(Schedule::Cosine.factor(30, 20, 0.1), Schedule::Cosine.factor(20, 20, 0.1));
    assert_eq!(Schedule::Constant.factor(7, 20, 0.1), 1.0);
}

struct OneNorm(Norm);

impl Generator for OneNorm {
    fn forward(&self, latents: &Tensor, _labels: &Tensor, mode: Mode) -> Tensor {
        self.0.forward(latents, mode)
    }
}

/// `AveragedModel` with decay 0.9: parameters averaged, buffers copied.
#[test]
fn the_averaged_generator() {
    let golden = Golden::load();
    let build = || {
        let mut at = store();
        let norm = Norm::new(at.root(), NormKind::Batch, 3);
        at.double();
        (at, OneNorm(norm))
    };
    let ((live, _), (at, norm)) = (build(), build());
    golden.set("average", &live);
    let mut average =
        AveragedGenerator::new(Box::new(norm), at, &live, Decay { full: 0.9, start: 0, ramp: 0.0 });
    for i in 0..4 {
        for (name, variable) in live.variables() {
            let value = golden.get(&format!("average.live{i}.{name}"));
            tch::no_grad(|| variable.shallow_clone().copy_(&value));
        }
        average.update(i);
    }
    for (name, variable) in average.store().variables() {
        golden.assert_close(&format!("average.after.{name}"), &variable);
    }
}
