//! SADCGAN Models 1 and 2 (section 4.4): DCGAN with self-attention.

use super::{FOUR_DOWN_NORM, TRANSPOSED, fid, kid, networks, recipe, up};
use crate::networks::layers::{NormKind, UpBlockConfig};
use crate::networks::stack::{StackDiscriminatorConfig, StackGeneratorConfig};
use crate::networks::{LabelInput, LabelPlane};
use crate::variants::Variant;

const SOURCE: &str = "Toh 2024, section 4.4; Zhang et al. 2019";
const TABLE: &str = "table 2";

const NORM: UpBlockConfig = UpBlockConfig { norm: NormKind::KerasBatch, ..TRANSPOSED };

const GENERATOR: StackGeneratorConfig = StackGeneratorConfig {
    labels: LabelInput::None,
    stem_width: 4,
    layers: &[up(4, NORM), up(2, NORM), up(1, NORM)],
    attention: true,
    skip: false,
    spectral_norm: false,
};

const DISCRIMINATOR: StackDiscriminatorConfig = StackDiscriminatorConfig {
    labels: LabelPlane::None,
    layers: FOUR_DOWN_NORM,
    attention: false,
    spectral_norm: false,
};

/// Model 1: attention in the generator alone.
pub(crate) static MODEL_1: Variant = Variant {
    name: "sadcgan-m1",
    summary: "DCGAN with self-attention in the generator",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: "G: latent -> dense 256 @ 4x4 -> 3 x (4x4 transposed convolution, batch norm, \
                   leaky ReLU), 256, 128, 64, self-attention at 16x16 -> 3x3 convolution, tanh; D: \
                   4 x (3x3 convolution of stride 2, batch norm but in the first, leaky ReLU), 64, \
                   128, 256, 512 -> dense",
    published: &[fid(50.0, TABLE), kid(0.04, TABLE)],
    notes: &["Model 2 is said to have attention in both networks, so that this one has it in the \
         generator; \"additional convolutional layers\" of the discriminator are read as four \
         blocks."],
    recipe,
    networks: |recipe, dimensions, g, d| {
        networks(recipe, dimensions, (g, d), GENERATOR, DISCRIMINATOR)
    },
};

/// Model 2: attention in both networks.
pub(crate) static MODEL_2: Variant = Variant {
    name: "sadcgan-m2",
    summary: "DCGAN with self-attention in both networks",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: "as sadcgan-m1; in D self-attention at 16x16",
    published: &[fid(49.0, TABLE), kid(0.04, TABLE)],
    notes: &[],
    recipe,
    networks: |recipe, dimensions, g, d| {
        let discriminator = StackDiscriminatorConfig { attention: true, ..DISCRIMINATOR };
        networks(recipe, dimensions, (g, d), GENERATOR, discriminator)
    },
};
