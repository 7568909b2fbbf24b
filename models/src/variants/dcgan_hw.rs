//! DCGAN as Enishetty's report implements it: strided convolutions against a dense layer and
//! transposed convolutions.

use tch::nn;

use super::{Networks, Published, Variant};
use crate::Recipe;
use crate::networks::layers::{
    Activation, DownBlockConfig, NormKind, Padding, UpBlockConfig, Upsampling,
};
use crate::networks::stack::{
    DownLayer, StackDiscriminator, StackDiscriminatorConfig, StackGenerator, StackGeneratorConfig,
    UpLayer,
};
use crate::networks::{Dimensions, LabelInput, LabelPlane};

const LEAKY: Activation = Activation::LeakyRelu(0.2);

const UP: UpLayer = UpLayer {
    width: 1,
    block: UpBlockConfig {
        upsampling: Upsampling::Transposed,
        kernel: 4,
        norm: NormKind::Batch,
        activation: LEAKY,
        bias: false,
        spectral_norm: false,
    },
};

const GENERATOR: StackGeneratorConfig = StackGeneratorConfig {
    labels: LabelInput::None,
    stem_width: 2,
    layers: &[UP, UP, UP],
    attention: false,
    skip: false,
    spectral_norm: false,
};

const FIRST: DownBlockConfig = DownBlockConfig {
    kernel: 3,
    stride: 1,
    padding: Padding::Symmetric,
    norm: NormKind::None,
    activation: LEAKY,
    bias: true,
    spectral_norm: false,
};

const DOWN: DownBlockConfig =
    DownBlockConfig { stride: 2, norm: NormKind::Batch, bias: false, ..FIRST };

const DISCRIMINATOR: StackDiscriminatorConfig = StackDiscriminatorConfig {
    labels: LabelPlane::None,
    layers: &[
        DownLayer { width: 1, block: FIRST },
        DownLayer { width: 2, block: DOWN },
        DownLayer { width: 2, block: DOWN },
        DownLayer { width: 4, block: DOWN },
    ],
    attention: false,
    spectral_norm: false,
};

/// What both networks are, here and in the WGAN of the same report.
pub(super) const ARCHITECTURE: &str = "G: latent -> dense 256 @ 4x4, batch norm, leaky ReLU -> 3 x (4x4 transposed convolution to \
     128, batch norm, leaky ReLU) -> 3x3 convolution, tanh; D: 3x3 convolution to 64, leaky ReLU -> \
     3 x (3x3 convolution of stride 2, batch norm, leaky ReLU), 128, 128, 256 -> dense";

/// Both networks, here and in the WGAN of the same report.
pub(super) fn networks(
    recipe: &Recipe,
    dimensions: Dimensions,
    generator: nn::Path,
    discriminator: nn::Path,
) -> Networks {
    let Recipe { latent_dim, generator_channels, discriminator_channels, dropout, .. } = *recipe;
    (
        Box::new(StackGenerator::new(
            generator,
            latent_dim,
            generator_channels,
            dimensions,
            GENERATOR,
        )),
        Box::new(StackDiscriminator::new(
            discriminator,
            discriminator_channels,
            dropout,
            dimensions,
            DISCRIMINATOR,
        )),
    )
}

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "dcgan-hw",
    summary: "DCGAN with a dense layer before three transposed convolutions, leaky ReLU in both \
              networks",
    source: "Enishetty 2021 (CPSC 8430 homework 3), sections B, 3.1 and 3.2",
    conditional: false,
    image_size: 32,
    architecture: ARCHITECTURE,
    published: &[Published {
        dataset: "cifar10",
        metric: "fid",
        value: 42.38,
        source: "section 4.2",
        protocol: "pytorch-fid, 50 000 samples after 100 epochs; reference images not stated",
    }],
    notes: &[],
    recipe,
    networks,
};

/// Batch and epochs of the log in section 4.2; the rest of Radford et al. 2016.
fn recipe() -> Recipe {
    Recipe { steps: 39_100, batch_size: 128, generator_channels: 128, ..Recipe::default() }
}
