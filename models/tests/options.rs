//! What must hold for every option of a recipe: it has an effect, the same seed gives the same bytes, and a run that
//! stops and resumes ends like one that never stopped.

use std::collections::BTreeMap;

use bench_models::augmentations::differentiable::DiffAugment;
use bench_models::images::{ImageShape, LabelledImages};
use bench_models::init::Init;
use bench_models::latents::Latent;
use bench_models::losses::Loss;
use bench_models::optimizers::OptimizerConfig;
use bench_models::recipe::GeneratorLabels;
use bench_models::schedules::Schedule;
use bench_models::variants::find;
use bench_models::{ModelError, Recipe, Sampler, Trainer};

const SHAPE: ImageShape = ImageShape { height: 16, width: 16, channels: 3 };
const CLASSES: usize = 4;

/// 20 images of noise, pixel by pixel from a linear congruential generator.
fn pixels() -> Vec<u8> {
    let mut state = 1u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(20 * SHAPE.len()).collect()
}

fn base() -> Recipe {
    Recipe {
        steps: 10,
        batch_size: 6,
        latent_dim: 8,
        generator_channels: 4,
        discriminator_channels: 4,
        // Steps that are large enough for a few of them to show in the bytes.
        generator_optimizer: OptimizerConfig::adam(0.01, 0.5, 0.999),
        discriminator_optimizer: OptimizerConfig::adam(0.01, 0.5, 0.999),
        ..Recipe::default()
    }
}

/// Each option turned on alone, and many together.
fn options() -> Vec<(&'static str, Recipe)> {
    let both = |optimizer| Recipe {
        generator_optimizer: optimizer,
        discriminator_optimizer: optimizer,
        ..base()
    };
    let everything = Recipe {
        accumulate: 2,
        discriminator_steps: 2,
        generator_labels: GeneratorLabels::Drawn,
        loss: Loss::Hinge,
        gradient_penalty: 1.0,
        r1: 0.1,
        dragan: 1.0,
        ema_decay: 0.9,
        schedule: Schedule::Cosine,
        flip: 0.5,
        sharpen: 0.5,
        oversample: 1.5,
        cutmix: 0.5,
        saturation: 0.3,
        ada_target: 0.6,
        ada_images: 100,
        ..base()
    };
    vec![
        ("accumulate", Recipe { accumulate: 3, ..base() }),
        ("discriminator_steps", Recipe { discriminator_steps: 2, ..base() }),
        ("latent", Recipe { latent: Latent::Uniform, ..base() }),
        ("generator_labels", Recipe { generator_labels: GeneratorLabels::Drawn, ..base() }),
        ("hinge", Recipe { loss: Loss::Hinge, ..base() }),
        ("least-squares", Recipe { loss: Loss::LeastSquares, ..base() }),
        ("wasserstein", Recipe { loss: Loss::Wasserstein, ..base() }),
        ("label_smoothing", Recipe { label_smoothing: 0.1, ..base() }),
        ("gradient_penalty", Recipe { gradient_penalty: 10.0, ..base() }),
        ("r1", Recipe { r1: 0.2, ..base() }),
        ("dragan", Recipe { dragan: 10.0, ..base() }),
        ("weight_clip", Recipe { weight_clip: 0.01, ..base() }),
        ("ema_decay", Recipe { ema_decay: 0.9, ..base() }),
        ("ema_start", Recipe { ema_decay: 0.9, ema_start: 2, ..base() }),
        ("ema_rampup", Recipe { ema_decay: 0.9, ema_rampup: 0.5, ..base() }),
        ("he-normal", Recipe { init: Init::HeNormal, ..base() }),
        ("orthogonal", Recipe { init: Init::Orthogonal, ..base() }),
        ("glorot-uniform", Recipe { init: Init::GlorotUniform, ..base() }),
        ("pytorch-default", Recipe { init: Init::PytorchDefault, ..base() }),
        ("cosine", Recipe { schedule: Schedule::Cosine, ..base() }),
        ("linear", Recipe { schedule: Schedule::Linear, schedule_steps: 4, ..base() }),
        ("exponential", Recipe { schedule: Schedule::Exponential, schedule_end: 0.1, ..base() }),
        ("flip", Recipe { flip: 0.5, ..base() }),
        ("sharpen", Recipe { sharpen: 0.5, ..base() }),
        ("oversample", Recipe { oversample: 1.5, ..base() }),
        ("cutmix", Recipe { cutmix: 0.5, ..base() }),
        ("saturation", Recipe { saturation: 0.3, ..base() }),
        ("color", Recipe { diffaugment: vec![DiffAugment::Color], ..base() }),
        ("translation", Recipe { diffaugment: vec![DiffAugment::Translation], ..base() }),
        ("cutout", Recipe { diffaugment: vec![DiffAugment::Cutout], ..base() }),
        ("flip seen", Recipe { diffaugment: vec![DiffAugment::Flip], ..base() }),
        ("ada_target", Recipe { ada_target: 0.1, ada_images: 100, ..base() }),
        ("sgd", both(OptimizerConfig::sgd(0.1))),
        ("rms-prop", both(OptimizerConfig::rms_prop(0.01))),
        ("adadelta", both(OptimizerConfig::adadelta(1.0))),
        ("adagrad", both(OptimizerConfig::adagrad(0.01))),
        ("everything", everything),
    ]
}

/// The conditional variant with a class head: every option reaches it.
fn trainer<'a>(recipe: &Recipe, pixels: &'a [u8], labels: &'a [u32]) -> Trainer<'a> {
    let data = LabelledImages::new(pixels, labels, SHAPE, CLASSES).unwrap();
    // Networks this small lose time by sharing their work between threads.
    bench_models::device::set_threads(1);
    let device = bench_models::device::Device::Cpu;
    let recipe = Recipe { class_weight: 1.0, ..recipe.clone() };
    Trainer::new(find("acgan").unwrap(), recipe, data, 5, device).unwrap()
}

fn labels() -> Vec<u32> {
    (0..20).map(|i| i % CLASSES as u32).collect()
}

fn samples(trainer: &Trainer) -> Vec<u8> {
    samples_of(trainer.sampler())
}

fn samples_of(sampler: Sampler) -> Vec<u8> {
    let mut all = Vec::new();
    let collect = |pixels: &[u8]| {
        all.extend_from_slice(pixels);
        Ok::<(), ModelError>(())
    };
    sampler.sample(20, collect).unwrap();
    all
}

/// The bytes of everything that is saved.
fn saved(trainer: &Trainer) -> BTreeMap<String, Vec<f64>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    trainer.save(&path).unwrap();
    let tensors = bench_models::checkpoint::read(&path).unwrap();
    let values = |tensor: tch::Tensor| {
        Vec::<f64>::try_from(&tensor.to_kind(tch::Kind::Double).view([-1])).unwrap()
    };
    tensors.into_iter().map(|(name, tensor)| (name, values(tensor))).collect()
}

/// Six steps, long enough for adaptive augmentation to adjust and for an epoch to end.
#[test]
fn every_option_has_an_effect_and_resumes_exactly() {
    let (pixels, labels) = (pixels(), labels());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let mut plain = trainer(&base(), &pixels, &labels);
    for _ in 0..6 {
        plain.train_step().unwrap();
    }
    let plain_samples = samples(&plain);
    for (name, recipe) in options() {
        let mut whole = trainer(&recipe, &pixels, &labels);
        let mut first = trainer(&recipe, &pixels, &labels);
        for step in 0..6 {
            let losses = whole.train_step().unwrap();
            if step < 3 {
                assert_eq!(first.train_step().unwrap(), losses, "{name}: same seed, other losses");
            }
        }
        first.save(&path).unwrap();
        let mut second = trainer(&recipe, &pixels, &labels);
        second.restore(&path).unwrap();
        for _ in 0..3 {
            second.train_step().unwrap();
        }
        let (expected, resumed) = (saved(&whole), saved(&second));
        assert!(expected.keys().eq(resumed.keys()), "{name}");
        for (tensor, value) in &expected {
            assert!(*value == resumed[tensor], "{name}: {tensor} differs after resuming");
        }
        assert!(samples(&whole) == samples(&second), "{name}: other samples after resuming");
        assert!(samples(&whole) != plain_samples, "{name} has no effect");
        let batches = 6 * recipe.discriminator_steps * recipe.accumulate;
        assert_eq!(whole.images_seen(), batches * 6, "{name}");
    }
}

/// Adaptive augmentation starts at probability 0 and moves with the fourth discriminator update.
#[test]
fn adaptive_augmentation_acts_from_its_first_adjustment_on() {
    let (pixels, labels) = (pixels(), labels());
    let mut plain = trainer(&base(), &pixels, &labels);
    let recipe = Recipe { ada_target: 0.6, ..base() };
    let mut adaptive = trainer(&recipe, &pixels, &labels);
    for step in 0..4 {
        let (plain, adaptive) = (plain.train_step().unwrap(), adaptive.train_step().unwrap());
        let losses = [plain.discriminator, plain.generator];
        assert_eq!(losses, [adaptive.discriminator, adaptive.generator], "step {step}");
        // The probability comes last.
        assert_eq!([plain.parts.as_slice(), &[0.0]].concat(), adaptive.parts, "step {step}");
    }
    let state = &saved(&adaptive)["adaptive_augmentation"];
    // 24 images, up or down from 0.
    assert!(state[0] == 0.0 || (state[0] - 24.0 / 500_000.0).abs() < 1e-15, "{state:?}");
    assert_eq!(state[1..], [0.0, 0.0, 0.0]);
}

/// To first order in the learning rate, one step on the mean gradient of two batches at twice the rate goes as far as
/// a step on each. The generator stands still (its rate is too small to change an f32).
#[test]
fn accumulated_gradients_are_means() {
    let (pixels, labels) = (pixels(), labels());
    let run = |accumulate, lr, steps| {
        let recipe = Recipe {
            accumulate,
            generator_optimizer: OptimizerConfig::sgd(1e-30),
            discriminator_optimizer: OptimizerConfig::sgd(lr),
            ..base()
        };
        let mut trainer = trainer(&recipe, &pixels, &labels);
        let before = saved(&trainer);
        let losses: Vec<f64> =
            (0..steps).map(|_| trainer.train_step().unwrap().discriminator).collect();
        let after = saved(&trainer);
        let weights = after
            .into_iter()
            .filter(|(name, _)| name.starts_with("discriminator.") && !name.contains("running"));
        let moved: Vec<f64> = weights
            .flat_map(|(name, new)| {
                let old = &before[&name];
                new.iter().zip(old).map(|(new, old)| new - old).collect::<Vec<_>>()
            })
            .collect();
        (losses.iter().sum::<f64>() / losses.len() as f64, moved)
    };
    let (two_losses, two_steps) = run(1, 1e-4, 2);
    let (one_loss, one_step) = run(2, 2e-4, 1);
    assert!((two_losses - one_loss).abs() < 0.01 * one_loss, "{two_losses} {one_loss}");
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    let difference: Vec<f64> = one_step.iter().zip(&two_steps).map(|(a, b)| a - b).collect();
    let (difference, length) = (norm(&difference), norm(&two_steps));
    assert!(length > 0.0 && difference < 0.05 * length, "{difference} {length}");
}

#[test]
fn truncation_changes_samples_and_is_checked() {
    let (pixels, labels) = (pixels(), labels());
    let mut trainer = trainer(&base(), &pixels, &labels);
    trainer.train_step().unwrap();
    let (free, grid) = (samples(&trainer), trainer.sampler().grid(2, 2).unwrap());
    let truncated = || trainer.sampler().truncated(0.5).unwrap();
    assert!(samples_of(truncated()) != free);
    assert!(truncated().grid(2, 2).unwrap() != grid);
    assert!(samples_of(truncated()) == samples_of(truncated()));
    let error = trainer.sampler().truncated(-1.0).err().unwrap().to_string();
    assert!(error.contains("truncation"), "{error}");
}

/// The average starts as the generator's copy and is what samples come from.
#[test]
fn samples_come_from_the_averaged_generator() {
    let (pixels, labels) = (pixels(), labels());
    let recipe = Recipe { ema_decay: 0.999_999, ..base() };
    let mut averaged = trainer(&recipe, &pixels, &labels);
    let mut plain = trainer(&base(), &pixels, &labels);
    assert!(samples(&averaged) == samples(&plain));
    for _ in 0..3 {
        assert_eq!(averaged.train_step().unwrap(), plain.train_step().unwrap());
    }
    let state = saved(&averaged);
    for (name, value) in &state {
        let Some(name) = name.strip_prefix("averaged_generator.") else { continue };
        let live = &state[&format!("generator.{name}")];
        if name.contains("running") {
            assert!(value == live, "{name}");
        } else {
            assert!(value != live, "{name}");
        }
    }
    assert!(samples(&averaged) != samples(&plain));
}

#[test]
fn recipes_round_trip_through_toml() {
    for (name, recipe) in options() {
        let text = toml::to_string(&recipe).unwrap();
        assert_eq!(toml::from_str::<Recipe>(&text).unwrap(), recipe, "{name}");
        assert!(recipe.check().is_ok(), "{name}");
    }
}

/// Recipes of runs from before an option was there have it off.
#[test]
fn recipes_of_before_still_open() {
    let recipe = Recipe { generator_labels: GeneratorLabels::Drawn, ..base() };
    let text = toml::to_string(&recipe).unwrap();
    let of_before: String = text
        .lines()
        .filter(|line| !line.starts_with("ema_start") && !line.starts_with("ema_rampup"))
        .flat_map(|line| [line, "\n"])
        .collect::<String>()
        .replace("generator_labels = \"drawn\"", "generator_labels = \"uniform\"");
    assert!(of_before.contains("uniform") && of_before.len() + 20 < text.len());
    assert_eq!(toml::from_str::<Recipe>(&of_before).unwrap(), recipe);
}
