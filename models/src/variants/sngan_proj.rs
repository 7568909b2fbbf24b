//! SNGAN with a projection discriminator, and the experiments that the report of Oh makes with it.

use super::{Published, Variant};
use crate::Recipe;
use crate::augmentations::differentiable::DiffAugment;
use crate::init::Init;
use crate::losses::Loss;
use crate::networks::resnet::{
    Conditioning, ResnetDiscriminator, ResnetGenerator, ResnetGeneratorOptions,
};
use crate::optimizers::OptimizerConfig;
use crate::recipe::GeneratorLabels;

/// Discriminator updates of 1000 epochs (`max_epochs` of the printed trainer) of 196 batches.
const DISCRIMINATOR_UPDATES: u64 = 196_000;

/// What accumulation does to the printed training.
const ACCUMULATION_NOTE: &str = "The printed hook lets the generator step where (batch + 1) is \
     divisible by the number of discriminator steps. Under `accumulate_grad_batches=8` Lightning \
     calls it in every 8th batch and in the last of an epoch's 196: at 8, 16, ..., 192 and 196, \
     which 1, 2 and 4 all divide. So both networks step each time, 25 times an epoch, whether the \
     run had 1 discriminator step (the module's default) or 4 (the run that it is set beside): \
     25 000 updates each in 1000 epochs. Each of them is the mean over 8 batches here; in the \
     print, an epoch's last is the sum over 4 batches divided by 8.";

/// The protocol of all values of the report.
const PROTOCOL: &str = "torch-fidelity, 10 000 generated images against the test split";

/// The model as first trained: it collapsed after 41 epochs.
pub(super) static BASE: Variant = Variant {
    name: "sngan-proj",
    summary: "residual GAN with conditional batch norm and a projection discriminator, hinge loss \
              and R1",
    source: "Oh (Building a Conditional GAN for CIFAR-10), \"SNGAN with Projection\"; Miyato and \
             Koyama 2018",
    conditional: true,
    image_size: 32,
    architecture: "G: latent 128 -> dense 256 @ 4x4 -> 3 residual blocks (conditional batch norm, \
                   ReLU, nearest up-sampling, 3x3; conditional batch norm, ReLU, 3x3; 1x1 \
                   shortcut) -> batch norm, ReLU, 3x3, tanh; D: 4 residual blocks of 128 (3x3, \
                   ReLU, 3x3; 1x1 shortcut), mean pooling to 16x16, 8x8, 4x4, 4x4, ReLU, mean over \
                   the pixels, linear score + projection on the label's embedding; spectral norm",
    published: &[],
    notes: &["The report's first run, with one discriminator step, collapsed at epoch 41."],
    recipe: || with_discriminator_steps(1),
    networks: |recipe, dimensions, generator, discriminator| {
        let options = ResnetGeneratorOptions {
            conditioning: Conditioning::LabelEmbedding,
            spectral_norm_dense: false,
            attention: false,
        };
        (
            Box::new(ResnetGenerator::new(
                generator,
                recipe.latent_dim,
                recipe.generator_channels,
                dimensions,
                options,
            )),
            Box::new(ResnetDiscriminator::new(
                discriminator,
                recipe.discriminator_channels,
                dimensions,
                false,
            )),
        )
    },
};

/// 4 discriminator steps: the report's final model.
pub(super) static D4: Variant = Variant {
    name: "sngan-proj-d4",
    summary: "sngan-proj with 4 discriminator steps, the report's final model",
    source: LEARNING_RATES,
    published: &[
        Published {
            dataset: "cifar10",
            metric: "is_mean",
            value: 7.988,
            source: "\"How is the Image Quality?\"",
            protocol: PROTOCOL,
        },
        Published {
            dataset: "cifar10",
            metric: "fid",
            value: 19.988,
            source: "\"How is the Image Quality?\"",
            protocol: PROTOCOL,
        },
        Published {
            dataset: "cifar10",
            metric: "kid_mean",
            value: 0.01144,
            source: "\"How is the Image Quality?\"",
            protocol: PROTOCOL,
        },
    ],
    notes: &[],
    recipe: || with_discriminator_steps(4),
    ..BASE
};

/// 5 discriminator steps.
pub(super) static D5: Variant = Variant {
    name: "sngan-proj-d5",
    summary: "sngan-proj with 5 discriminator steps",
    source: LEARNING_RATES,
    notes: &[],
    recipe: || with_discriminator_steps(5),
    ..BASE
};

/// Two time scales.
pub(super) static TTUR: Variant = Variant {
    name: "sngan-proj-ttur",
    summary: "sngan-proj with learning rates 1e-4 and 4e-4",
    source: "Oh (Building a Conditional GAN for CIFAR-10), \"Experimenting with Learning Rates and \
             TTUR\"; Heusel et al. 2017",
    notes: &[],
    recipe: || Recipe {
        generator_optimizer: OptimizerConfig::adam(1e-4, 0.0, 0.999),
        discriminator_optimizer: OptimizerConfig::adam(4e-4, 0.0, 0.999),
        ..with_discriminator_steps(1)
    },
    ..BASE
};

/// DiffAugment, 4 discriminator steps.
pub(super) static DIFFAUGMENT_D4: Variant = Variant {
    name: "sngan-proj-diffaugment-d4",
    summary: "sngan-proj-d4 with differentiable augmentation",
    source: DIFFAUGMENT,
    notes: &[],
    recipe: || with_diffaugment(4),
    ..BASE
};

/// DiffAugment, 5 discriminator steps.
pub(super) static DIFFAUGMENT_D5: Variant = Variant {
    name: "sngan-proj-diffaugment-d5",
    summary: "sngan-proj-d5 with differentiable augmentation",
    source: DIFFAUGMENT,
    notes: &[],
    recipe: || with_diffaugment(5),
    ..BASE
};

/// An effective batch of 2048 at the same learning rate.
pub(super) static LARGE_BATCH: Variant = Variant {
    name: "sngan-proj-bs2048-lr2e-4",
    summary: "sngan-proj with gradients accumulated over 8 batches",
    source: BATCH_SIZE,
    notes: &[ACCUMULATION_NOTE],
    recipe: || with_large_batch(2e-4),
    ..BASE
};

/// An effective batch of 2048 at twice the learning rate.
pub(super) static LARGE_BATCH_FAST: Variant = Variant {
    name: "sngan-proj-bs2048-lr4e-4",
    summary: "sngan-proj with gradients accumulated over 8 batches and learning rate 4e-4",
    source: BATCH_SIZE,
    notes: &[ACCUMULATION_NOTE],
    recipe: || with_large_batch(4e-4),
    ..BASE
};

const LEARNING_RATES: &str = "Oh (Building a Conditional GAN for CIFAR-10), \"Experimenting with \
     Learning Rates and TTUR\"";
const DIFFAUGMENT: &str = "Oh (Building a Conditional GAN for CIFAR-10), \"DiffAugment\"; Zhao et \
     al. 2020";
const BATCH_SIZE: &str = "Oh (Building a Conditional GAN for CIFAR-10), \"Increasing Batch Size\"";

/// The printed modules: "Basic Hyperparameters" (batch), "Data Augmentation" (flip), `SNGAN`
/// (latent, Adam, R1, orthogonal initial weights, uniform labels), `ConditionalBatchNorm2d` and
/// `ResNetDiscriminator` (widths).
fn with_discriminator_steps(discriminator_steps: u64) -> Recipe {
    Recipe {
        steps: DISCRIMINATOR_UPDATES / discriminator_steps,
        batch_size: 256,
        discriminator_steps,
        latent_dim: 128,
        generator_labels: GeneratorLabels::Drawn,
        generator_channels: 256,
        discriminator_channels: 128,
        loss: Loss::Hinge,
        r1: 0.2,
        init: Init::Orthogonal,
        flip: 0.3,
        generator_optimizer: OptimizerConfig::adam(2e-4, 0.0, 0.999),
        discriminator_optimizer: OptimizerConfig::adam(2e-4, 0.0, 0.999),
        ..Recipe::default()
    }
}

/// "DiffAugment": applied to real and generated images.
fn with_diffaugment(discriminator_steps: u64) -> Recipe {
    Recipe {
        diffaugment: vec![DiffAugment::Color, DiffAugment::Translation, DiffAugment::Cutout],
        ..with_discriminator_steps(discriminator_steps)
    }
}

/// "Increasing Batch Size": `accumulate_grad_batches=8`, `max_epochs=1000`; see
/// [`ACCUMULATION_NOTE`].
fn with_large_batch(lr: f64) -> Recipe {
    Recipe {
        steps: 25_000,
        accumulate: 8,
        generator_optimizer: OptimizerConfig::adam(lr, 0.0, 0.999),
        discriminator_optimizer: OptimizerConfig::adam(lr, 0.0, 0.999),
        ..with_discriminator_steps(1)
    }
}
