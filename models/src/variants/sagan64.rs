//! SAGAN at 64x64, as the report of Kumar prints it: conditional, with a gradient penalty.

use super::{Published, Variant};
use crate::Recipe;
use crate::losses::Loss;
use crate::networks::dcgan::{
    DcganDiscriminator, DcganGenerator, DiscriminatorOptions, GeneratorOptions,
};
use crate::networks::layers::NormKind;
use crate::networks::{LabelInput, LabelPlane};
use crate::optimizers::OptimizerConfig;
use crate::recipe::GeneratorLabels;

/// Dimension of the generator's label embedding (section 4.2, figure 10).
const EMBEDDING: i64 = 100;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "sagan64",
    summary: "conditional self-attention GAN at 64x64 with spectral norm, Wasserstein loss and \
              gradient penalty",
    source: "Kumar (E0-270 project report), sections 3.2, 4.2 and 5.2, figures 10 and 11; \
             Zhang et al. 2019; Gulrajani et al. 2017",
    conditional: true,
    image_size: 64,
    architecture: "G: latent and label embedding (100 + 100), 4x4 transposed convolutions -> 256 @ \
                   4x4 -> 128 -> 64 @ 16x16, self-attention, -> 32 @ 32x32 -> 3 @ 64x64, batch \
                   norm + ReLU, tanh; D: image and label plane (3 + 1), 4x4 convolutions of stride \
                   2, 16 @ 32x32 -> 32 @ 16x16, self-attention, -> 64 -> 128 @ 4x4 -> 1, instance \
                   norm (not in the first) + leaky ReLU 0.2; spectral norm on every convolution",
    published: &[Published {
        dataset: "cifar10",
        metric: "fid",
        value: 229.8714,
        source: "section 5.2",
        protocol: "best of one every 500 iterations, pytorch-fid 0.2.1 at 64x64; numbers of images \
                   not stated",
    }],
    notes: &[],
    recipe,
    networks: |recipe, dimensions, generator, discriminator| {
        (
            Box::new(DcganGenerator::with_options(
                generator,
                recipe.latent_dim,
                recipe.generator_channels,
                dimensions,
                GeneratorOptions {
                    labels: LabelInput::Embedding(EMBEDDING),
                    spectral_norm: true,
                    attention: true,
                    last_bias: true,
                },
            )),
            Box::new(DcganDiscriminator::with_options(
                discriminator,
                recipe.discriminator_channels,
                dimensions,
                DiscriminatorOptions {
                    norm: NormKind::Instance,
                    labels: LabelPlane::Learnt,
                    spectral_norm: true,
                    attention: true,
                    ..Default::default()
                },
            )),
        )
    },
};

/// Section 4.2 (Adam, initial weights N(0, 0.02), batch, learning rates, lambda, critic steps,
/// latent, random labels), section 5.2 (iterations), figures 10 and 11 (widths).
fn recipe() -> Recipe {
    Recipe {
        steps: 114_000,
        batch_size: 64,
        discriminator_steps: 5,
        latent_dim: 100,
        generator_labels: GeneratorLabels::Drawn,
        generator_channels: 32,
        discriminator_channels: 16,
        loss: Loss::Wasserstein,
        gradient_penalty: 10.0,
        generator_optimizer: OptimizerConfig::adam(1e-4, 0.0, 0.9),
        discriminator_optimizer: OptimizerConfig::adam(4e-4, 0.0, 0.9),
        ..Recipe::default()
    }
}
