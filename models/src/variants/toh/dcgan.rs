//! DCGAN Models 1 to 5 (section 4.1), and Model 3 after the improvements of section 4.5.

use super::{
    DOWN, TRANSPOSED, TWO_DOWN, UP_SAMPLING, down, fid, improved, kid, networks, recipe, up,
};
use crate::Recipe;
use crate::networks::layers::{Activation, DownBlockConfig, NormKind, UpBlockConfig};
use crate::networks::stack::{DownLayer, StackDiscriminatorConfig, StackGeneratorConfig};
use crate::networks::{LabelInput, LabelPlane};
use crate::schedules::Schedule;
use crate::variants::Variant;

const SOURCE: &str = "Toh 2024, section 4.1";
const TABLE: &str = "table 1";

/// A generator without labels, attention and the like; a variant fills in the rest.
const GENERATOR: StackGeneratorConfig = StackGeneratorConfig {
    labels: LabelInput::None,
    stem_width: 4,
    layers: &[],
    attention: false,
    skip: false,
    spectral_norm: false,
};

/// A discriminator of two blocks.
const DISCRIMINATOR: StackDiscriminatorConfig = StackDiscriminatorConfig {
    labels: LabelPlane::None,
    layers: TWO_DOWN,
    attention: false,
    spectral_norm: false,
};

/// Three blocks that double the number of channels.
const THREE_DOWN: &[DownLayer] = &[down(1, DOWN), down(2, DOWN), down(4, DOWN)];

/// Model 1: up-sampling from 256 maps of 4x4.
pub(crate) static MODEL_1: Variant = Variant {
    name: "dcgan-m1",
    summary: "DCGAN with up-sampling and leaky ReLU, no norm",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: "G: latent -> dense 256 @ 4x4 -> 3 x (nearest up-sampling, 3x3 convolution to \
                   128, leaky ReLU) -> 3x3 convolution, tanh; D: 3 x (3x3 convolution of stride 2, \
                   leaky ReLU), 64, 128, 256 -> dense",
    published: &[fid(53.0, TABLE), kid(0.04, TABLE)],
    notes: &[
        "\"256x4x4\", up-sampling, leaky ReLU, strides and growing channels are the report's; the \
         128 channels and three blocks a network are chosen (4x4 to 32x32 takes three).",
    ],
    recipe: || Recipe { generator_channels: 128, ..recipe() },
    networks: |recipe, dimensions, g, d| {
        const G: StackGeneratorConfig = StackGeneratorConfig {
            stem_width: 2,
            layers: &[up(1, UP_SAMPLING), up(1, UP_SAMPLING), up(1, UP_SAMPLING)],
            ..GENERATOR
        };
        const D: StackDiscriminatorConfig =
            StackDiscriminatorConfig { layers: THREE_DOWN, ..DISCRIMINATOR };
        networks(recipe, dimensions, (g, d), G, D)
    },
};

const TRANSPOSED_NORM: UpBlockConfig = UpBlockConfig { norm: NormKind::KerasBatch, ..TRANSPOSED };

/// Model 2: transposed convolutions from 128 maps of 8x8.
pub(crate) static MODEL_2: Variant = Variant {
    name: "dcgan-m2",
    summary: "DCGAN with two transposed convolutions, batch norm and leaky ReLU",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: "G: latent -> dense 128 @ 8x8 -> 2 x (4x4 transposed convolution, batch norm, \
                   leaky ReLU), 64, 32 -> 3x3 convolution, tanh; D: 2 x (3x3 convolution of stride \
                   2, leaky ReLU), 64, 128 -> dense",
    published: &[fid(54.0, TABLE), kid(0.04, TABLE)],
    notes: &[
        "\"8x8x128\", transposed convolutions, batch norm, leaky ReLU and the discriminator's two \
         blocks are the report's; the channels after the dense layer are chosen.",
    ],
    recipe: || Recipe { generator_channels: 32, ..recipe() },
    networks: |recipe, dimensions, g, d| {
        const G: StackGeneratorConfig = StackGeneratorConfig {
            layers: &[up(2, TRANSPOSED_NORM), up(1, TRANSPOSED_NORM)],
            ..GENERATOR
        };
        networks(recipe, dimensions, (g, d), G, DISCRIMINATOR)
    },
};

const UP_SAMPLING_NORM: UpBlockConfig = UpBlockConfig { norm: NormKind::KerasBatch, ..UP_SAMPLING };

/// Generator of Model 3.
const GENERATOR_3: StackGeneratorConfig = StackGeneratorConfig {
    layers: &[up(2, UP_SAMPLING_NORM), up(1, UP_SAMPLING_NORM)],
    ..GENERATOR
};

const ARCHITECTURE_3: &str = "G: latent -> dense 128 @ 8x8 -> 2 x (nearest up-sampling, 3x3 \
                              convolution, batch norm, leaky ReLU), 64, 32 -> 3x3 convolution, \
                              tanh; D: 2 x (3x3 convolution of stride 2, leaky ReLU), 64, 128 -> \
                              dense";

const MODEL_3_NOTE: &str = "\"Uses LeakyReLU instead of PReLU\", though no model before it has PReLU: it has leaky ReLU. \
     \"Less convolutional block layers\" and up-sampling: Model 2 with up-sampling in place of \
     transposed convolutions.";

/// Model 3: Model 2 with up-sampling.
pub(crate) static MODEL_3: Variant = Variant {
    name: "dcgan-m3",
    summary: "DCGAN with two up-sampling blocks, batch norm and leaky ReLU",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: ARCHITECTURE_3,
    published: &[fid(47.0, TABLE), kid(0.03, TABLE)],
    notes: &[MODEL_3_NOTE],
    recipe: || Recipe { generator_channels: 32, ..recipe() },
    networks: |recipe, dimensions, g, d| {
        networks(recipe, dimensions, (g, d), GENERATOR_3, DISCRIMINATOR)
    },
};

/// Model 3 with the improvements of section 4.5.
pub(crate) static MODEL_3_IMPROVED: Variant = Variant {
    name: "dcgan-m3-improved",
    summary: "dcgan-m3 with sharpened, oversampled and augmented data and cosine decay",
    source: "Toh 2024, sections 4.1 and 4.5",
    conditional: false,
    image_size: 32,
    architecture: ARCHITECTURE_3,
    published: &[fid(50.0, "table 3"), kid(0.02, "table 3")],
    notes: &[MODEL_3_NOTE],
    recipe: || Recipe { generator_channels: 32, schedule: Schedule::Cosine, ..improved() },
    networks: |recipe, dimensions, g, d| {
        networks(recipe, dimensions, (g, d), GENERATOR_3, DISCRIMINATOR)
    },
};

const PRELU: UpBlockConfig = UpBlockConfig { activation: Activation::PRelu, ..UP_SAMPLING_NORM };

const SPECTRAL_RELU: DownBlockConfig =
    DownBlockConfig { activation: Activation::Relu, spectral_norm: true, ..DOWN };

/// Model 4: PReLU in the generator, ReLU and spectral norm in the discriminator.
pub(crate) static MODEL_4: Variant = Variant {
    name: "dcgan-m4",
    summary: "DCGAN with PReLU in the generator, ReLU and spectral norm in the discriminator",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: "G: latent -> dense 256 @ 4x4 -> 3 x (nearest up-sampling, 3x3 convolution, \
                   batch norm, PReLU), 256, 128, 64 -> 3x3 convolution, tanh; D: 3 x (3x3 \
                   convolution of stride 2, ReLU), 64, 128, 256 -> dense; spectral norm",
    published: &[fid(62.0, TABLE), kid(0.47, TABLE)],
    notes: &[
        "\"ReLU instead of PReLU\" and \"PReLU employed\" in the generator contradict each other: \
         read as ReLU in the discriminator, whose spectral norm the next sentence names, and PReLU \
         in the generator.",
        "A KID of 0.47 beside a FID of 62 looks like a slip for 0.047.",
    ],
    recipe,
    networks: |recipe, dimensions, g, d| {
        const G: StackGeneratorConfig = StackGeneratorConfig {
            layers: &[up(4, PRELU), up(2, PRELU), up(1, PRELU)],
            ..GENERATOR
        };
        const D: StackDiscriminatorConfig = StackDiscriminatorConfig {
            layers: &[down(1, SPECTRAL_RELU), down(2, SPECTRAL_RELU), down(4, SPECTRAL_RELU)],
            spectral_norm: true,
            ..DISCRIMINATOR
        };
        networks(recipe, dimensions, (g, d), G, D)
    },
};

/// Model 5: up-sample blocks that each choose their norm and activation.
pub(crate) static MODEL_5: Variant = Variant {
    name: "dcgan-m5",
    summary: "DCGAN of up-sample blocks that each choose norm and activation",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: "G: latent -> dense 256 @ 4x4 -> up-sample blocks (nearest up-sampling, 3x3 \
                   convolution) of 128 and 64 with batch norm and leaky ReLU, of 64 with ReLU \
                   alone -> 3x3 convolution, tanh; D: 3 x (3x3 convolution of stride 2, leaky \
                   ReLU), 64, 128, 256 -> dense",
    published: &[],
    notes: &["The report says only that a separate up-sample block sets \"the use of batch \
         normalisation, activation depending on the situation\": batch norm and leaky ReLU in the \
         first two, ReLU without norm in the last; the discriminator is Model 1's. Its tables have \
         no row for it."],
    recipe,
    networks: |recipe, dimensions, g, d| {
        const LAST: UpBlockConfig = UpBlockConfig {
            norm: NormKind::None,
            activation: Activation::Relu,
            ..UP_SAMPLING_NORM
        };
        const G: StackGeneratorConfig = StackGeneratorConfig {
            layers: &[up(2, UP_SAMPLING_NORM), up(1, UP_SAMPLING_NORM), up(1, LAST)],
            ..GENERATOR
        };
        const D: StackDiscriminatorConfig =
            StackDiscriminatorConfig { layers: THREE_DOWN, ..DISCRIMINATOR };
        networks(recipe, dimensions, (g, d), G, D)
    },
};
