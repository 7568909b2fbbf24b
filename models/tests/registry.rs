//! What must hold for every variant of the registry.

use std::collections::BTreeSet;

use bench_models::images::{ImageShape, LabelledImages};
use bench_models::losses::Loss;
use bench_models::variants::{VARIANTS, Variant};
use bench_models::{ModelError, Recipe, Trainer};

const SHAPE: ImageShape = ImageShape { height: 16, width: 16, channels: 3 };
const CLASSES: usize = 4;

struct Data {
    pixels: Vec<u8>,
    labels: Vec<u32>,
}

impl Data {
    /// 40 images whose brightness tells their class.
    fn new() -> Self {
        let labels: Vec<u32> = (0..40).map(|i| i % CLASSES as u32).collect();
        let pixels = labels
            .iter()
            .flat_map(|&label| (0..SHAPE.len()).map(move |i| (60 * label + (i % 40) as u32) as u8))
            .collect();
        Self { pixels, labels }
    }

    fn images(&self) -> LabelledImages<'_> {
        LabelledImages::new(&self.pixels, &self.labels, SHAPE, CLASSES).unwrap()
    }
}

fn small(variant: &Variant) -> Recipe {
    Recipe {
        batch_size: 8,
        generator_channels: 8,
        discriminator_channels: 8,
        latent_dim: 12,
        ..(variant.recipe)()
    }
}

fn trainer<'a>(variant: &Variant, data: &'a Data, seed: u64) -> Trainer<'a> {
    let device = bench_models::device::select("cpu").unwrap();
    Trainer::new(variant, small(variant), data.images(), seed, device).unwrap()
}

fn samples(trainer: &Trainer, n: u64) -> Vec<u8> {
    let mut all = Vec::new();
    trainer
        .sample(n, |pixels| {
            all.extend_from_slice(pixels);
            Ok::<(), ModelError>(())
        })
        .unwrap();
    all
}

fn saved(trainer: &Trainer) -> std::collections::BTreeMap<String, Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    trainer.save(&path).unwrap();
    bench_models::checkpoint::read(&path)
        .unwrap()
        .into_iter()
        .map(|(name, tensor)| {
            let flat = tensor.to_kind(tch::Kind::Float).view([-1]);
            (name, Vec::<f32>::try_from(&flat).unwrap())
        })
        .collect()
}

#[test]
fn names_are_unique_and_everything_is_documented() {
    let names: BTreeSet<_> = VARIANTS.iter().map(|v| v.name).collect();
    assert_eq!(names.len(), VARIANTS.len());
    for variant in VARIANTS {
        assert!(!variant.summary.is_empty() && !variant.source.is_empty(), "{}", variant.name);
        (variant.recipe)().check().unwrap();
    }
}

#[test]
fn parameter_counts_at_32x32_are_those_of_the_architecture() {
    // Counted by hand: 4x4 kernels, two values a batch-norm channel, biases where no norm follows.
    let conv = |inputs: u64, outputs: u64| 16 * inputs * outputs;
    let generator = |z: u64| {
        conv(z, 256) + 2 * 256 + conv(256, 128) + 2 * 128 + conv(128, 64) + 2 * 64 + conv(64, 3) + 3
    };
    let trunk = conv(3, 64) + 64 + conv(64, 128) + 2 * 128 + conv(128, 256) + 2 * 256;
    let realness = conv(256, 1) + 1;
    let expected = [
        ("dcgan", generator(100), trunk + realness),
        ("wgan-gp", generator(128), trunk + realness),
        ("acgan", generator(110), trunk + realness + conv(256, 10) + 10),
    ];
    let pixels = vec![0; 10 * 32 * 32 * 3];
    let labels: Vec<u32> = (0..10).collect();
    let shape = ImageShape { height: 32, width: 32, channels: 3 };
    let data = LabelledImages::new(&pixels, &labels, shape, 10).unwrap();
    let device = bench_models::device::select("cpu").unwrap();
    for (name, generator, discriminator) in expected {
        let variant = bench_models::variants::find(name).unwrap();
        let trainer = Trainer::new(variant, (variant.recipe)(), data, 0, device).unwrap();
        assert_eq!(trainer.parameter_counts(), (generator, discriminator), "{name}");
    }
}

#[test]
fn three_steps_change_every_trainable_tensor_and_keep_it_finite() {
    let data = Data::new();
    for variant in VARIANTS {
        let mut trainer = trainer(variant, &data, 1);
        let before = saved(&trainer);
        for _ in 0..3 {
            trainer.train_step().unwrap();
        }
        assert_eq!(trainer.step(), 3);
        let steps = (variant.recipe)().discriminator_steps;
        assert_eq!(trainer.images_seen(), 3 * 8 * steps);
        // A critic's bias shifts both means alike: no gradient reaches it.
        let idle = match (variant.recipe)().loss {
            Loss::Wasserstein => "realness.bias",
            Loss::Bce => "",
        };
        for (name, after) in saved(&trainer) {
            if !idle.is_empty() && name.ends_with(idle) {
                continue;
            }
            assert!(after.iter().all(|v| v.is_finite()), "{} {name}", variant.name);
            assert_ne!(before[&name], after, "{} {name} did not change", variant.name);
        }
    }
}

#[test]
fn samples_do_not_depend_on_how_many_are_drawn_or_on_the_training_mode() {
    let data = Data::new();
    for variant in VARIANTS {
        let mut trainer = trainer(variant, &data, 2);
        trainer.train_step().unwrap();
        let state = saved(&trainer);
        let many = samples(&trainer, 230);
        assert_eq!(many.len(), 230 * SHAPE.len());
        assert_eq!(samples(&trainer, 7), many[..7 * SHAPE.len()], "{}", variant.name);
        assert_eq!(saved(&trainer), state, "{}: sampling changed the state", variant.name);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let data = Data::new();
    for variant in VARIANTS {
        let run = |seed| {
            let mut trainer = trainer(variant, &data, seed);
            let losses: Vec<_> = (0..3).map(|_| trainer.train_step().unwrap()).collect();
            (format!("{losses:?}"), samples(&trainer, 20))
        };
        assert_eq!(run(3), run(3), "{}", variant.name);
        assert_ne!(run(3), run(4), "{}", variant.name);
    }
}

#[test]
fn a_run_that_stops_and_resumes_ends_like_one_that_never_stopped() {
    let data = Data::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    for variant in VARIANTS {
        let mut whole = trainer(variant, &data, 5);
        for _ in 0..7 {
            whole.train_step().unwrap();
        }
        let mut first = trainer(variant, &data, 5);
        for _ in 0..4 {
            first.train_step().unwrap();
        }
        first.save(&path).unwrap();
        let mut second = trainer(variant, &data, 5);
        second.restore(&path).unwrap();
        for _ in 0..3 {
            second.train_step().unwrap();
        }
        assert_eq!(saved(&whole), saved(&second), "{}", variant.name);
    }
}

#[test]
fn labels_steer_conditional_generators_alone() {
    use bench_models::networks::Dimensions;
    use tch::{Device, Kind, Tensor, nn};
    for variant in VARIANTS {
        let stores = [nn::VarStore::new(Device::Cpu), nn::VarStore::new(Device::Cpu)];
        let dimensions = Dimensions { size: 16, channels: 3, classes: CLASSES as i64 };
        let recipe = small(variant);
        let (generator, discriminator) =
            (variant.networks)(&recipe, dimensions, stores[0].root(), stores[1].root());
        let latents = Tensor::ones([2, recipe.latent_dim], (Kind::Float, Device::Cpu));
        let images = generator.forward(&latents, &Tensor::from_slice(&[0i64, 3]), false);
        assert_eq!(images.size(), [2, 3, 16, 16], "{}", variant.name);
        assert!(images.abs().max().double_value(&[]) <= 1.0, "{}", variant.name);
        let differ = images.get(0) != images.get(1);
        assert_eq!(differ, variant.conditional, "{}", variant.name);
        let verdict = discriminator.forward(&images, &Tensor::from_slice(&[0i64, 3]), false);
        assert_eq!(verdict.realness.size(), [2], "{}", variant.name);
        if let Some(classes) = verdict.classes {
            assert_eq!(classes.size(), [2, CLASSES as i64], "{}", variant.name);
        }
    }
}

#[test]
fn checkpoints_of_other_configurations_and_damaged_ones_are_refused() {
    let data = Data::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let [dcgan, acgan] = ["dcgan", "acgan"].map(|n| bench_models::variants::find(n).unwrap());
    trainer(dcgan, &data, 0).save(&path).unwrap();
    let error = trainer(acgan, &data, 0).restore(&path).unwrap_err().to_string();
    assert!(error.contains("another configuration"), "{error}");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = trainer(dcgan, &data, 0).restore(&path).unwrap_err().to_string();
    assert!(error.contains("state.safetensors"), "{error}");
}

#[test]
fn impossible_recipes_and_images_are_refused() {
    let data = Data::new();
    let device = bench_models::device::select("cpu").unwrap();
    let variant = VARIANTS[0];
    let recipe = Recipe { batch_size: 0, ..small(variant) };
    assert!(Trainer::new(variant, recipe, data.images(), 0, device).is_err());
    let odd = ImageShape { height: 12, width: 12, channels: 3 };
    let pixels = vec![0; odd.len()];
    let images = LabelledImages::new(&pixels, &[0], odd, 1).unwrap();
    let error = Trainer::new(variant, small(variant), images, 0, device).err().unwrap();
    assert!(error.to_string().contains("power-of-two"), "{error}");
    assert!(bench_models::device::select("tpu").is_err());
}
