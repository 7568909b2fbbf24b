//! Checkpoints hold values and nothing of where they were computed: a trainer that takes one in gives the same bytes again.

use std::path::Path;

use bench_models::device::Device;
use bench_models::images::{ImageShape, LabelledImages};
use bench_models::optimizers::OptimizerConfig;
use bench_models::variants::find;
use bench_models::{Recipe, Trainer};

const SHAPE: ImageShape = ImageShape { height: 16, width: 16, channels: 3 };

fn saved(trainer: &Trainer, path: &Path) -> Vec<u8> {
    trainer.save(path).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn a_checkpoint_comes_out_as_it_went_in_and_names_no_device() {
    let pixels: Vec<u8> = (0..12 * SHAPE.len()).map(|i| (i * 7919 % 251) as u8).collect();
    let labels: Vec<u32> = (0..12).map(|i| i % 3).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let optimizers = [
        OptimizerConfig::adam(2e-4, 0.5, 0.999),
        OptimizerConfig::Sgd { lr: 1e-2, momentum: 0.9, nesterov: true, weight_decay: 0.0 },
        OptimizerConfig::adadelta(1.0),
    ];
    for name in ["acgan", "sagan64", "sngan-proj"] {
        for optimizer in optimizers {
            let recipe = Recipe {
                batch_size: 6,
                generator_channels: 8,
                discriminator_channels: 8,
                discriminator_steps: 1,
                ema_decay: 0.9,
                loss: bench_models::losses::Loss::Hinge,
                ada_target: 0.6,
                ada_images: 40,
                generator_optimizer: optimizer,
                discriminator_optimizer: optimizer,
                ..(find(name).unwrap().recipe)()
            };
            let new = |seed| {
                let data = LabelledImages::new(&pixels, &labels, SHAPE, 3).unwrap();
                let variant = find(name).unwrap();
                Trainer::new(variant, recipe.clone(), data, seed, Device::Cpu).unwrap()
            };
            let mut first = new(1);
            for _ in 0..5 {
                first.train_step().unwrap();
            }
            let state = saved(&first, &path);
            let mut other = new(2);
            assert!(saved(&other, &folder.path().join("other")) != state);
            other.restore(&path).unwrap();
            assert!(saved(&other, &path) == state, "{name}, {optimizer:?}");
            let header = u64::from_le_bytes(state[..8].try_into().unwrap()) as usize;
            let header = String::from_utf8_lossy(&state[8..8 + header]).into_owned();
            let moments = header.matches("generator_optimizer.").count();
            assert!(moments > 4, "{name}, {optimizer:?}: {moments} tensors of the optimiser");
            for word in ["cuda", "cpu", "device"] {
                assert!(!header.contains(word), "{name}: `{word}` in {header}");
            }
        }
    }
}
