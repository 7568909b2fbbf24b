//! What must hold for every variant of the registry.

mod labels;
mod parameter_counts;

use std::collections::{BTreeMap, BTreeSet};

use bench_models::images::{ImageShape, LabelledImages};
use bench_models::losses::Loss;
use bench_models::networks::{Dimensions, Mode};
use bench_models::optimizers::OptimizerConfig;
use bench_models::recipe::GeneratorLabels;
use bench_models::sources::SOURCES;
use bench_models::streams::Streams;
use bench_models::variants::{Networks, VARIANTS, Variant, find};
use bench_models::{ModelError, Recipe, Sampler, TrainedGenerator, Trainer, init};
use tch::{Device, Kind, Tensor, nn};

const SHAPE: ImageShape = ImageShape { height: 16, width: 16, channels: 3 };
const CLASSES: usize = 4;
const BATCH: u64 = 8;

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

/// Share of bytes at either end of their range.
fn saturated(pixels: &[u8]) -> f64 {
    pixels.iter().filter(|&&byte| byte == 0 || byte == 255).count() as f64 / pixels.len() as f64
}

/// The variant's recipe at a size that trains in milliseconds.
fn small(variant: &Variant) -> Recipe {
    let recipe = (variant.recipe)();
    Recipe {
        batch_size: BATCH as usize,
        accumulate: recipe.accumulate.min(2),
        discriminator_steps: recipe.discriminator_steps.min(2),
        generator_channels: 8,
        discriminator_channels: 8,
        latent_dim: 12,
        ..recipe
    }
}

fn trainer_with<'a>(variant: &Variant, recipe: Recipe, data: &'a Data, seed: u64) -> Trainer<'a> {
    // The tests run side by side, and a second thread does not help tensors as small as these.
    tch::set_num_threads(1);
    let device = bench_models::device::Device::Cpu;
    Trainer::new(variant, recipe, data.images(), seed, device).unwrap()
}

fn trainer<'a>(variant: &Variant, data: &'a Data, seed: u64) -> Trainer<'a> {
    trainer_with(variant, small(variant), data, seed)
}

fn samples(sampler: Sampler, n: u64) -> Vec<u8> {
    let mut all = Vec::new();
    sampler
        .sample(n, |pixels| {
            all.extend_from_slice(pixels);
            Ok::<(), ModelError>(())
        })
        .unwrap();
    all
}

/// Every tensor of the checkpoint, by name.
fn saved(trainer: &Trainer) -> BTreeMap<String, Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    trainer.save(&path).unwrap();
    bench_models::checkpoint::read(&path)
        .unwrap()
        .into_iter()
        .map(|(name, tensor)| {
            let flat = tensor.to_kind(Kind::Float).view([-1]);
            (name, Vec::<f32>::try_from(&flat).unwrap())
        })
        .collect()
}

/// Whether a tensor of a checkpoint is of a network, and no running statistic and no singular vector.
fn is_trainable(name: &str) -> bool {
    name.contains('.')
        && !["running_mean", "running_var", "_u", "_v"].iter().any(|buffer| name.ends_with(buffer))
}

/// The networks of a variant in miniature, for images of this side and these channels.
fn networks(variant: &Variant, size: i64, channels: i64) -> Networks {
    let [generator, discriminator] = [Device::Cpu; 2].map(nn::VarStore::new);
    let dimensions = Dimensions { size, channels, classes: CLASSES as i64 };
    let recipe = small(variant);
    let networks = (variant.networks)(&recipe, dimensions, generator.root(), discriminator.root());
    let streams = Streams::new(0);
    init::initialise(&generator, recipe.init, &streams, 0);
    init::initialise(&discriminator, recipe.init, &streams, 1 << 32);
    networks
}

#[test]
fn names_are_unique_and_everything_is_documented() {
    let names: BTreeSet<_> = VARIANTS.iter().map(|v| v.name).collect();
    assert_eq!(names.len(), VARIANTS.len());
    for variant in VARIANTS {
        let name = variant.name;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(plain), "{name}");
        assert_eq!(find(name).unwrap().name, name);
        for text in [variant.summary, variant.source, variant.architecture] {
            assert!(!text.is_empty() && !text.contains("  "), "{name}: `{text}`");
        }
        for note in variant.notes {
            assert!(note.ends_with('.') && !note.contains("  "), "{name}: `{note}`");
        }
        for published in variant.published {
            assert!(["fid", "kid_mean", "is_mean"].contains(&published.metric), "{name}");
            assert!(published.value.is_finite() && !published.protocol.is_empty(), "{name}");
        }
        assert!(variant.image_size >= 8 && variant.image_size.is_power_of_two(), "{name}");
        (variant.recipe)().check().unwrap();
    }
}

#[test]
fn every_report_is_cited_and_its_table_says_why_where_something_differs() {
    for source in SOURCES {
        let cited =
            VARIANTS.iter().filter(|v| v.reports().any(|report| report.name == source.name));
        assert!(cited.count() > 0, "{}", source.name);
        let whats: BTreeSet<_> = source.stated.iter().map(|row| row.what).collect();
        assert_eq!(whats.len(), source.stated.len(), "{}: a row occurs twice", source.name);
        for row in source.stated {
            for text in [row.what, row.says, row.done, row.why.unwrap_or("as stated")] {
                let whole = !text.is_empty() && !text.contains("  ") && !text.ends_with('.');
                assert!(whole, "{}, {}: `{text}`", source.name, row.what);
            }
        }
    }
    let beyond: Vec<_> =
        VARIANTS.iter().filter(|v| v.reports().next().is_none()).map(|v| v.name).collect();
    assert_eq!(beyond, ["dragan", "sagan32"]);
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
        let recipe = small(variant);
        let seen = 3 * BATCH * recipe.discriminator_steps * recipe.accumulate;
        assert_eq!(trainer.images_seen(), seen, "{}", variant.name);
        for (name, after) in saved(&trainer) {
            assert!(after.iter().all(|v| v.is_finite()), "{} {name}", variant.name);
            // Biases after a critic's last activation shift both means alike and get no gradient:
            // at 16x16, self-attention comes after it.
            let idle = recipe.loss == Loss::Wasserstein
                && name.starts_with("discriminator")
                && ["realness.bias", "attention.output.bias"].iter().any(|b| name.ends_with(b));
            if is_trainable(&name) && !idle {
                assert_ne!(before[&name], after, "{} {name} did not change", variant.name);
            }
        }
    }
}

/// Weights divided by a singular value that is not yet known would be enormous, and all pixels black or white.
#[test]
fn untrained_generators_draw_grey() {
    let data = Data::new();
    for variant in VARIANTS {
        for seed in 0..3 {
            let trainer = trainer(variant, &data, seed);
            let share = saturated(&trainer.sampler().grid(5, 10).unwrap());
            assert!(share < 0.01, "{}, seed {seed}: {share} of the bytes", variant.name);
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
        let many = samples(trainer.sampler(), 130);
        assert_eq!(many.len(), 130 * SHAPE.len());
        assert_eq!(samples(trainer.sampler(), 7), many[..7 * SHAPE.len()], "{}", variant.name);
        assert_eq!(saved(&trainer), state, "{}: sampling changed the state", variant.name);
    }
}

#[test]
fn a_generator_out_of_a_checkpoint_draws_what_its_run_would() {
    let data = Data::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    for variant in VARIANTS {
        for ema_decay in [0.0, 0.9] {
            let recipe = Recipe { ema_decay, ..small(variant) };
            let mut trainer = trainer_with(variant, recipe.clone(), &data, 2);
            trainer.train_step().unwrap();
            trainer.save(&path).unwrap();
            let device = bench_models::device::Device::Cpu;
            let trained = TrainedGenerator::load(variant, recipe, &path, device).unwrap();
            assert_eq!((trained.step(), trained.sampler(2).shape()), (1, SHAPE));
            let expected = samples(trainer.sampler(), 9);
            assert_eq!(samples(trained.sampler(2), 9), expected, "{} {ema_decay}", variant.name);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let data = Data::new();
    for variant in VARIANTS {
        let run = |seed| {
            let mut trainer = trainer(variant, &data, seed);
            let losses: Vec<_> = (0..2).map(|_| trainer.train_step().unwrap()).collect();
            (format!("{losses:?}"), saved(&trainer))
        };
        let first = run(3);
        assert_eq!(first, run(3), "{}", variant.name);
        assert_ne!(first, run(4), "{}", variant.name);
    }
}

#[test]
fn a_run_that_stops_and_resumes_ends_like_one_that_never_stopped() {
    let data = Data::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    for variant in VARIANTS {
        let mut whole = trainer(variant, &data, 5);
        for _ in 0..4 {
            whole.train_step().unwrap();
        }
        let mut first = trainer(variant, &data, 5);
        for _ in 0..2 {
            first.train_step().unwrap();
        }
        first.save(&path).unwrap();
        let mut second = trainer(variant, &data, 5);
        second.restore(&path).unwrap();
        for _ in 0..2 {
            second.train_step().unwrap();
        }
        assert_eq!(saved(&whole), saved(&second), "{}", variant.name);
    }
}

#[test]
fn images_have_their_shape_and_range_and_labels_steer_conditional_generators_alone() {
    let labels = Tensor::from_slice(&[0i64, 3]);
    for variant in VARIANTS {
        // From the smallest images that a trainer takes, grey ones too.
        for (size, channels) in [(8, 1), (16, 3), (64, 3)] {
            let case = format!("{} at {size}x{size}x{channels}", variant.name);
            let (generator, discriminator) = networks(variant, size, channels);
            let latents = Tensor::ones([2, small(variant).latent_dim], (Kind::Float, Device::Cpu));
            let images = generator.forward(&latents, &labels, Mode::Eval);
            assert_eq!(images.size(), [2, channels, size, size], "{case}");
            assert!(images.abs().max().double_value(&[]) <= 1.0, "{case}");
            let differ = images.get(0) != images.get(1);
            assert_eq!(differ, variant.conditional, "{case}");
            let verdict = discriminator.forward(&images, &labels, Mode::Eval);
            assert_eq!(verdict.realness.size(), [2], "{case}");
            if let Some(classes) = verdict.classes {
                assert_eq!(classes.size(), [2, CLASSES as i64], "{case}");
            }
        }
    }
}

#[test]
fn conditional_networks_are_judged_by_their_labels() {
    for variant in VARIANTS.iter().filter(|v| v.conditional) {
        let (_, discriminator) = networks(variant, 16, 3);
        let image = Tensor::full([2, 3, 16, 16], 0.3, (Kind::Float, Device::Cpu));
        let verdict = discriminator.forward(&image, &Tensor::from_slice(&[0i64, 3]), Mode::Eval);
        let judged = verdict.realness.get(0) != verdict.realness.get(1);
        // Either the score depends on the label, or the network guesses it.
        assert!(judged || verdict.classes.is_some(), "{}", variant.name);
    }
}

/// An optimiser whose updates are too small for f32: parameters stay as they are to the bit.
fn standing_still() -> OptimizerConfig {
    OptimizerConfig::sgd(1e-60)
}

#[test]
fn each_update_moves_its_own_network_alone() {
    let data = Data::new();
    for variant in VARIANTS {
        for (still, moving) in [("generator", "discriminator"), ("discriminator", "generator")] {
            let mut recipe = small(variant);
            match still {
                "generator" => recipe.generator_optimizer = standing_still(),
                _ => recipe.discriminator_optimizer = standing_still(),
            }
            // Clipping is a movement of its own.
            recipe.weight_clip = 0.0;
            let mut trainer = trainer_with(variant, recipe, &data, 6);
            let before = saved(&trainer);
            trainer.train_step().unwrap();
            let after = saved(&trainer);
            let of = |network: &str| -> Vec<&String> {
                let prefix = format!("{network}.");
                before.keys().filter(|n| n.starts_with(&prefix) && is_trainable(n)).collect()
            };
            for name in of(still) {
                assert_eq!(before[name], after[name], "{} {name} moved", variant.name);
            }
            let moved = of(moving).iter().any(|name| before[*name] != after[*name]);
            assert!(moved, "{}: the {moving} stood still", variant.name);
        }
    }
}

#[test]
fn gradients_of_discriminator_updates_do_not_reach_the_generators() {
    let data = Data::new();
    for variant in VARIANTS {
        let generator_after = |discriminator_steps| {
            let recipe = Recipe {
                discriminator_steps,
                discriminator_optimizer: standing_still(),
                weight_clip: 0.0,
                generator_labels: GeneratorLabels::Drawn,
                ..small(variant)
            };
            let mut trainer = trainer_with(variant, recipe, &data, 7);
            trainer.train_step().unwrap();
            saved(&trainer)
        };
        let (one, three) = (generator_after(1), generator_after(3));
        if one.keys().any(|name| name.ends_with("_u")) {
            // Each discriminator update moves the singular vectors, and so the critic.
            continue;
        }
        for name in one.keys().filter(|n| n.starts_with("generator.") && is_trainable(n)) {
            assert_eq!(one[name], three[name], "{} {name}", variant.name);
        }
    }
}

#[test]
fn checkpoints_of_other_configurations_and_damaged_ones_are_refused() {
    let data = Data::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let [dcgan, acgan] = ["dcgan", "acgan"].map(|n| find(n).unwrap());
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
    let device = bench_models::device::Device::Cpu;
    let variant = VARIANTS[0];
    let recipe = Recipe { batch_size: 0, ..small(variant) };
    assert!(Trainer::new(variant, recipe, data.images(), 0, device).is_err());
    let odd = ImageShape { height: 12, width: 12, channels: 3 };
    let pixels = vec![0; odd.len()];
    let images = LabelledImages::new(&pixels, &[0], odd, 1).unwrap();
    let error = Trainer::new(variant, small(variant), images, 0, device).err().unwrap();
    assert!(error.to_string().contains("power-of-two"), "{error}");
}
