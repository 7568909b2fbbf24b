//! WGAN Models 1 and 2 (section 4.3).

use super::{DOWN, TRANSPOSED, TWO_DOWN, UP_SAMPLING, down, fid, kid, networks, recipe, up};
use crate::Recipe;
use crate::losses::Loss;
use crate::networks::layers::DownBlockConfig;
use crate::networks::stack::{StackDiscriminatorConfig, StackGeneratorConfig};
use crate::networks::{LabelInput, LabelPlane};
use crate::optimizers::OptimizerConfig;
use crate::variants::Variant;

const SOURCE: &str = "Toh 2024, section 4.3; Arjovsky et al. 2017";
const TABLE: &str = "table 1";

/// Arjovsky et al. 2017, Algorithm 1, without its clipping.
fn wasserstein() -> Recipe {
    Recipe {
        steps: recipe().steps / 5,
        discriminator_steps: 5,
        loss: Loss::Wasserstein,
        generator_optimizer: OptimizerConfig::rms_prop(5e-5),
        discriminator_optimizer: OptimizerConfig::rms_prop(5e-5),
        ..recipe()
    }
}

/// Model 1: three up-samplings against two convolutions.
pub(crate) static MODEL_1: Variant = Variant {
    name: "wgan-m1",
    summary: "Wasserstein GAN with up-sampling, clipped critic of two convolutions",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: "G: latent -> dense 256 @ 4x4 -> 3 x (nearest up-sampling, 3x3 convolution to \
                   128, leaky ReLU) -> 3x3 convolution, tanh; critic: 2 x (3x3 convolution of \
                   stride 2, leaky ReLU), 64, 128 -> dense",
    published: &[fid(129.0, TABLE), kid(0.08, TABLE)],
    notes: &[
        "\"The generator consist of 2 convulational 2d block\" contradicts the three pairs of the \
         sentence before: read as the critic, which has its own sentence in Model 2.",
    ],
    recipe: || Recipe { generator_channels: 128, weight_clip: 0.01, ..wasserstein() },
    networks: |recipe, dimensions, g, d| {
        const G: StackGeneratorConfig = StackGeneratorConfig {
            labels: LabelInput::None,
            stem_width: 2,
            layers: &[up(1, UP_SAMPLING), up(1, UP_SAMPLING), up(1, UP_SAMPLING)],
            attention: false,
            skip: false,
            spectral_norm: false,
        };
        const D: StackDiscriminatorConfig = StackDiscriminatorConfig {
            labels: LabelPlane::None,
            layers: TWO_DOWN,
            attention: false,
            spectral_norm: false,
        };
        networks(recipe, dimensions, (g, d), G, D)
    },
};

/// Model 2: two transposed convolutions against four, spectrally normalised.
pub(crate) static MODEL_2: Variant = Variant {
    name: "wgan-m2",
    summary: "Wasserstein GAN with transposed convolutions, spectrally normalised critic",
    source: SOURCE,
    conditional: false,
    image_size: 32,
    architecture: "G: latent -> dense 128 @ 8x8 -> 2 x (4x4 transposed convolution, leaky ReLU), \
                   64, 32 -> 3x3 convolution, tanh; critic: 4 x (3x3 convolution of stride 2, leaky \
                   ReLU), 64, 128, 256, 512 -> dense; spectral norm",
    published: &[fid(182.0, TABLE), kid(0.19, TABLE)],
    notes: &[],
    recipe: || Recipe { generator_channels: 32, ..wasserstein() },
    networks: |recipe, dimensions, g, d| {
        const SPECTRAL: DownBlockConfig = DownBlockConfig { spectral_norm: true, ..DOWN };
        const G: StackGeneratorConfig = StackGeneratorConfig {
            labels: LabelInput::None,
            stem_width: 4,
            layers: &[up(2, TRANSPOSED), up(1, TRANSPOSED)],
            attention: false,
            skip: false,
            spectral_norm: false,
        };
        const D: StackDiscriminatorConfig = StackDiscriminatorConfig {
            labels: LabelPlane::None,
            layers: &[down(1, SPECTRAL), down(2, SPECTRAL), down(4, SPECTRAL), down(8, SPECTRAL)],
            attention: false,
            spectral_norm: true,
        };
        networks(recipe, dimensions, (g, d), G, D)
    },
};
