//! Training in bf16: close to fp32 and not the same, with all that is kept in fp32.

mod small;

use std::collections::BTreeMap;
use std::path::Path;

use bench_models::device::Device;
use bench_models::images::LabelledImages;
use bench_models::optimizers::OptimizerConfig;
use bench_models::precision::Precision;
use bench_models::trainer::Losses;
use bench_models::variants::{VARIANTS, Variant, find};
use bench_models::{ModelError, Recipe, Sampler, TrainedGenerator, Trainer, checkpoint};
use small::{CLASSES, SHAPE, data, small};
use tch::Kind;

fn recipe_in(variant: &Variant, precision: Precision) -> Recipe {
    Recipe { batch_size: 8, precision, ..small(variant) }
}

fn trainer<'a>(
    variant: &Variant,
    recipe: Recipe,
    (pixels, labels): &'a (Vec<u8>, Vec<u32>),
) -> Trainer<'a> {
    bench_models::device::set_threads(1);
    let data = LabelledImages::new(pixels, labels, SHAPE, CLASSES).unwrap();
    Trainer::new(variant, recipe, data, 1, Device::Cpu).unwrap()
}

fn steps(trainer: &mut Trainer, steps: usize) -> Vec<Losses> {
    (0..steps).map(|_| trainer.train_step().unwrap()).collect()
}

/// Bytes of the checkpoint at `path`, made of the trainer's state.
fn saved(trainer: &Trainer, path: &Path) -> Vec<u8> {
    trainer.save(path).unwrap();
    std::fs::read(path).unwrap()
}

fn samples(sampler: Sampler) -> Vec<u8> {
    let mut all = Vec::new();
    let collect = |pixels: &[u8]| {
        all.extend_from_slice(pixels);
        Ok::<(), ModelError>(())
    };
    sampler.sample(4, collect).unwrap();
    all
}

#[test]
fn every_variant_trains_close_to_fp32_and_resumes_exactly() {
    let data = data(24);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    for variant in VARIANTS {
        let name = variant.name;
        let full = steps(&mut trainer(variant, recipe_in(variant, Precision::Fp32), &data), 1);
        let recipe = || recipe_in(variant, Precision::Bf16);
        let mut whole = trainer(variant, recipe(), &data);
        let reduced = steps(&mut whole, 3);
        let (full, first) = (&full[0], &reduced[0]);
        assert_ne!(full, first, "{name}: bf16 changes nothing");
        // 8 significant bits; losses are of the order of 1, penalties of 10.
        for (one, other) in
            [(full.discriminator, first.discriminator), (full.generator, first.generator)]
        {
            let close = (one - other).abs() <= 0.05 * (1.0 + one.abs());
            assert!(close, "{name}: {one} in fp32 and {other} in bf16");
        }
        let finite = |losses: &Losses| losses.parts.iter().all(|part| part.is_finite());
        assert!(reduced.iter().all(finite), "{name}: {reduced:?}");

        let mut stopped = trainer(variant, recipe(), &data);
        assert_eq!(steps(&mut stopped, 1), reduced[..1], "{name}: same seed, other losses");
        stopped.save(&path).unwrap();
        let mut resumed = trainer(variant, recipe(), &data);
        resumed.restore(&path).unwrap();
        assert_eq!(steps(&mut resumed, 2), reduced[1..], "{name}: other losses after resuming");
        let resumed = saved(&resumed, &path);
        assert!(resumed == saved(&whole, &path), "{name}: another end after resuming");

        let kinds: BTreeMap<_, _> = checkpoint::read(&path)
            .unwrap()
            .into_iter()
            .map(|(name, tensor)| (name, tensor.kind()))
            .collect();
        for (tensor, kind) in kinds {
            let kept = [Kind::Float, Kind::Double, Kind::Int64].contains(&kind);
            assert!(kept, "{name}: {tensor} is kept as {kind:?}");
        }
        // Samples are computed in fp32, whatever was trained in.
        let in_fp32 = recipe_in(variant, Precision::Fp32);
        let trained = TrainedGenerator::load(variant, in_fp32, &path, Device::Cpu).unwrap();
        assert!(samples(trained.sampler(1)) == samples(whole.sampler()), "{name}: other samples");
    }
}

/// One step of gradient descent goes where it goes in fp32: the cosine of the two directions is near 1.
#[test]
fn gradients_point_where_those_of_fp32_do() {
    let data = data(24);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    for name in ["dcgan", "wgan-gp", "dragan", "cdcgan-r1", "sngan-proj", "sagan64"] {
        let variant = find(name).unwrap();
        let moved = |precision| {
            let recipe = Recipe {
                discriminator_steps: 1,
                discriminator_optimizer: OptimizerConfig::sgd(1e-2),
                generator_optimizer: OptimizerConfig::sgd(1e-2),
                ..recipe_in(variant, precision)
            };
            let mut trainer = trainer(variant, recipe, &data);
            let values = |trainer: &Trainer| {
                trainer.save(&path).unwrap();
                let tensors = checkpoint::read(&path).unwrap().into_iter();
                let weights = tensors.filter(|(name, _)| name.ends_with(".weight"));
                let flat = weights.map(|(_, tensor)| tensor.to_kind(Kind::Double).flatten(0, -1));
                tch::Tensor::cat(&flat.collect::<Vec<_>>(), 0)
            };
            let before = values(&trainer);
            trainer.train_step().unwrap();
            values(&trainer) - before
        };
        let (full, reduced) = (moved(Precision::Fp32), moved(Precision::Bf16));
        let cosine = full.dot(&reduced) / (full.norm() * reduced.norm());
        let cosine = cosine.double_value(&[]);
        assert!((0.98..1.0).contains(&cosine), "{name}: {cosine}");
    }
}
