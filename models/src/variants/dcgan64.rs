//! DCGAN at 64x64, as the report of Kumar prints it.

use super::{Published, Variant};
use crate::Recipe;
use crate::networks::dcgan::{DcganDiscriminator, DcganGenerator};
use crate::networks::layers::NormKind;
use crate::optimizers::OptimizerConfig;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "dcgan64",
    summary: "deep convolutional GAN at 64x64, twice as wide in the generator",
    source: "Kumar (E0-270 project report), sections 3.1, 4.1 and 5.1, figures 8 and 9; \
             Radford et al. 2016",
    conditional: false,
    image_size: 64,
    architecture: "G: 4x4 transposed convolutions 100 -> 1024 @ 4x4 -> 512 -> 256 -> 128 @ 32x32 -> \
                   3 @ 64x64, batch norm + ReLU, tanh; D: 4x4 convolutions of stride 2, 64 @ 32x32 \
                   -> 128 -> 256 -> 512 @ 4x4 -> 1, batch norm (not in the first) + leaky ReLU 0.2",
    published: &[Published {
        dataset: "cifar10",
        metric: "fid",
        value: 238.4646,
        source: "section 5.1",
        protocol: "best of one every 500 iterations, pytorch-fid 0.2.1 at 64x64; numbers of images \
                   not stated",
    }],
    notes: &[],
    recipe,
    networks: |recipe, dimensions, generator, discriminator| {
        (
            Box::new(DcganGenerator::new(
                generator,
                recipe.latent_dim,
                recipe.generator_channels,
                dimensions,
                false,
            )),
            Box::new(DcganDiscriminator::new(
                discriminator,
                recipe.discriminator_channels,
                dimensions,
                NormKind::Batch,
                false,
            )),
        )
    },
};

/// Section 4.1 (batch, initial weights N(0, 0.02), slope, Adam, latent, loss), section 5.1
/// (iterations), figures 8 and 9 (widths).
fn recipe() -> Recipe {
    Recipe {
        steps: 87_500,
        batch_size: 128,
        latent_dim: 100,
        generator_channels: 128,
        discriminator_channels: 64,
        generator_optimizer: OptimizerConfig::adam(1e-4, 0.5, 0.999),
        discriminator_optimizer: OptimizerConfig::adam(4e-4, 0.5, 0.999),
        ..Recipe::default()
    }
}
