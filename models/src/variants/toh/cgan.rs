//! CGAN Models 1 to 3 (section 4.2), and Model 1 after the improvements of section 4.5.

use super::{FOUR_DOWN, FOUR_DOWN_NORM, TRANSPOSED, fid, improved, kid, networks, recipe, up};
use crate::Recipe;
use crate::networks::layers::{NormKind, UpBlockConfig};
use crate::networks::stack::{StackDiscriminatorConfig, StackGeneratorConfig};
use crate::networks::{LabelInput, LabelPlane};
use crate::schedules::Schedule;
use crate::variants::Variant;

const SOURCE: &str = "Toh 2024, section 4.2; Mirza and Osindero 2014";
const TABLE: &str = "table 2";

/// Generator of Model 1.
const GENERATOR: StackGeneratorConfig = StackGeneratorConfig {
    labels: LabelInput::OneHot,
    stem_width: 2,
    layers: &[up(1, TRANSPOSED), up(1, TRANSPOSED), up(1, TRANSPOSED)],
    attention: false,
    skip: false,
    spectral_norm: false,
};

/// Discriminator of Model 1.
const DISCRIMINATOR: StackDiscriminatorConfig = StackDiscriminatorConfig {
    labels: LabelPlane::Learnt,
    layers: FOUR_DOWN,
    attention: false,
    spectral_norm: false,
};

const ARCHITECTURE_1: &str = "G: latent and one-hot label -> dense 256 @ 4x4 -> 3 x (4x4 transposed convolution to 128, \
     leaky ReLU) -> 3x3 convolution, tanh; D: image and label plane -> 4 x (3x3 convolution of \
     stride 2, leaky ReLU), 64, 128, 256, 512 -> dense";

const MODEL_1_NOTE: &str = "Three transposed convolutions and the discriminator's four blocks are the report's. Batch \
     norm is named as added in Model 2, so that there is none here.";

/// Model 1: three transposed convolutions against four blocks.
pub(crate) static MODEL_1: Variant = Variant {
    name: "cgan-m1",
    summary: "conditional GAN with three transposed convolutions against four convolutions",
    source: SOURCE,
    conditional: true,
    image_size: 32,
    architecture: ARCHITECTURE_1,
    published: &[fid(36.0, TABLE), kid(0.02, TABLE)],
    notes: &[MODEL_1_NOTE],
    recipe: || Recipe { generator_channels: 128, ..recipe() },
    networks: |recipe, dimensions, g, d| {
        networks(recipe, dimensions, (g, d), GENERATOR, DISCRIMINATOR)
    },
};

/// Model 1 with the improvements of section 4.5: the report's final model.
pub(crate) static MODEL_1_IMPROVED: Variant = Variant {
    name: "cgan-m1-improved",
    summary: "cgan-m1 with sharpened, oversampled and augmented data and exponential decay",
    source: "Toh 2024, sections 4.2 and 4.5",
    conditional: true,
    image_size: 32,
    architecture: ARCHITECTURE_1,
    published: &[fid(31.0, "table 3"), kid(0.01, "table 3")],
    notes: &[MODEL_1_NOTE],
    recipe: || Recipe {
        generator_channels: 128,
        schedule: Schedule::Exponential,
        schedule_end: 0.1,
        ..improved()
    },
    networks: |recipe, dimensions, g, d| {
        networks(recipe, dimensions, (g, d), GENERATOR, DISCRIMINATOR)
    },
};

const SPECTRAL_NORM: UpBlockConfig =
    UpBlockConfig { norm: NormKind::KerasBatch, spectral_norm: true, ..TRANSPOSED };

/// Generator of Model 2.
const GENERATOR_2: StackGeneratorConfig = StackGeneratorConfig {
    layers: &[up(1, SPECTRAL_NORM), up(1, SPECTRAL_NORM), up(1, SPECTRAL_NORM)],
    spectral_norm: true,
    ..GENERATOR
};

/// Discriminator of Models 2 and 3.
const DISCRIMINATOR_2: StackDiscriminatorConfig =
    StackDiscriminatorConfig { layers: FOUR_DOWN_NORM, ..DISCRIMINATOR };

/// Model 2: spectral norm and batch norm in the generator.
pub(crate) static MODEL_2: Variant = Variant {
    name: "cgan-m2",
    summary: "conditional GAN with spectral and batch norm in the generator",
    source: SOURCE,
    conditional: true,
    image_size: 32,
    architecture: "G: latent and one-hot label -> dense 256 @ 4x4 -> 3 x (4x4 transposed \
                   convolution to 128, batch norm, leaky ReLU) -> 3x3 convolution, tanh; spectral \
                   norm; D: image and label plane -> 4 x (3x3 convolution of stride 2, batch norm \
                   but in the first, leaky ReLU), 64, 128, 256, 512 -> dense",
    published: &[fid(38.0, TABLE), kid(0.02, TABLE)],
    notes: &["\"Spectral Normalization to stabilize the training of the generator\": on the \
         generator's weights, all of them, and on none of the discriminator's."],
    recipe: || Recipe { generator_channels: 128, ..recipe() },
    networks: |recipe, dimensions, g, d| {
        networks(recipe, dimensions, (g, d), GENERATOR_2, DISCRIMINATOR_2)
    },
};

/// Model 3: Model 2 with a skip connection.
pub(crate) static MODEL_3: Variant = Variant {
    name: "cgan-m3",
    summary: "cgan-m2 with a skip connection in the generator",
    source: SOURCE,
    conditional: true,
    image_size: 32,
    architecture: "as cgan-m2; in G the first block's maps, up-sampled and through a 1x1 \
                   convolution, are added to the second one's",
    published: &[fid(36.0, TABLE), kid(0.018, TABLE)],
    notes: &["Where the skip connection lies is not stated: in the generator, round the second \
         transposed convolution. The discriminator's four blocks are Model 2's."],
    recipe: || Recipe { generator_channels: 128, ..recipe() },
    networks: |recipe, dimensions, g, d| {
        let generator = StackGeneratorConfig { skip: true, ..GENERATOR_2 };
        networks(recipe, dimensions, (g, d), generator, DISCRIMINATOR_2)
    },
};
