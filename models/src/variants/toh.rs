//! The models of Toh 2024, "Technical Paper Generative Adversarial Network (GAN)", section 4.
//!
//! The report tells its models apart in a sentence or two each and states no sizes but one, no
//! optimiser and no rates. What all of them share is here; each model's file says what is its own.

pub(super) mod cgan;
pub(super) mod dcgan;
pub(super) mod sadcgan;
pub(super) mod wgan;

use tch::nn;

use super::{Networks, Published};
use crate::Recipe;
use crate::init::Init;
use crate::networks::Dimensions;
use crate::networks::layers::{
    Activation, DownBlockConfig, NormKind, Padding, UpBlockConfig, Upsampling,
};
use crate::networks::stack::{
    DownLayer, StackDiscriminator, StackDiscriminatorConfig, StackGenerator, StackGeneratorConfig,
    UpLayer,
};
use crate::optimizers::OptimizerConfig;

/// Slope of the leaky ReLUs, which the report does not state.
const LEAKY: Activation = Activation::LeakyRelu(0.2);

/// Nearest up-sampling, a 3x3 convolution and a leaky ReLU.
const UP_SAMPLING: UpBlockConfig = UpBlockConfig {
    upsampling: Upsampling::NearestThenConv,
    kernel: 3,
    norm: NormKind::None,
    activation: LEAKY,
    bias: true,
    spectral_norm: false,
};

/// A 4x4 transposed convolution and a leaky ReLU.
const TRANSPOSED: UpBlockConfig =
    UpBlockConfig { upsampling: Upsampling::Transposed, kernel: 4, ..UP_SAMPLING };

/// A 3x3 convolution of stride 2 and a leaky ReLU.
const DOWN: DownBlockConfig = DownBlockConfig {
    kernel: 3,
    stride: 2,
    padding: Padding::Same,
    norm: NormKind::None,
    activation: LEAKY,
    bias: true,
    spectral_norm: false,
};

/// The same with batch norm.
const DOWN_NORM: DownBlockConfig = DownBlockConfig { norm: NormKind::KerasBatch, ..DOWN };

const fn up(width: i64, block: UpBlockConfig) -> UpLayer {
    UpLayer { width, block }
}

const fn down(width: i64, block: DownBlockConfig) -> DownLayer {
    DownLayer { width, block }
}

/// Two blocks that halve the side.
const TWO_DOWN: &[DownLayer] = &[down(1, DOWN), down(2, DOWN)];

/// Four blocks that halve the side.
const FOUR_DOWN: &[DownLayer] = &[down(1, DOWN), down(2, DOWN), down(4, DOWN), down(8, DOWN)];

/// Four blocks that halve the side, with batch norm in all but the first.
const FOUR_DOWN_NORM: &[DownLayer] =
    &[down(1, DOWN), down(2, DOWN_NORM), down(4, DOWN_NORM), down(8, DOWN_NORM)];

/// How the report's scores came about.
const PROTOCOL: &str = "numbers of images and code not stated";

const fn fid(value: f64, source: &'static str) -> Published {
    Published { dataset: "cifar10", metric: "fid", value, source, protocol: PROTOCOL }
}

const fn kid(value: f64, source: &'static str) -> Published {
    Published { dataset: "cifar10", metric: "kid_mean", value, source, protocol: PROTOCOL }
}

/// What the report states of every model, and what was chosen where it states nothing (see
/// [`crate::sources`]).
fn recipe() -> Recipe {
    Recipe {
        steps: 46_875,
        batch_size: 128,
        latent_dim: 128,
        init: Init::GlorotUniform,
        generator_optimizer: OptimizerConfig::keras_adam(2e-4, 0.5, 0.999),
        discriminator_optimizer: OptimizerConfig::keras_adam(2e-4, 0.5, 0.999),
        ..Recipe::default()
    }
}

/// [`recipe`] with the improvements of section 4.5 but for the schedule: sharpened images, epochs a
/// third longer, CutMix and saturation; 100 epochs of 80 000 images.
fn improved() -> Recipe {
    Recipe {
        steps: 62_500,
        sharpen: 1.0,
        oversample: 4.0 / 3.0,
        cutmix: 0.5,
        saturation: 0.2,
        ..recipe()
    }
}

fn networks(
    recipe: &Recipe,
    dimensions: Dimensions,
    (generator, discriminator): (nn::Path, nn::Path),
    g: StackGeneratorConfig,
    d: StackDiscriminatorConfig,
) -> Networks {
    let Recipe { latent_dim, generator_channels, discriminator_channels, dropout, .. } = *recipe;
    (
        Box::new(StackGenerator::new(generator, latent_dim, generator_channels, dimensions, g)),
        Box::new(StackDiscriminator::new(
            discriminator,
            discriminator_channels,
            dropout,
            dimensions,
            d,
        )),
    )
}
