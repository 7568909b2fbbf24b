//! DCGAN: the deep convolutional GAN of Radford et al. 2016.

use tch::nn;

use super::{Networks, Variant};
use crate::Recipe;
use crate::networks::Dimensions;
use crate::networks::dcgan::{DcganDiscriminator, DcganGenerator};
use crate::networks::layers::NormKind;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "dcgan",
    summary: "deep convolutional GAN, batch norm in both networks, non-saturating cross-entropy",
    source: "Bhope et al. 2019 (COMP 551 project), sections 4.1 and 5.3; Radford et al. 2016",
    conditional: false,
    image_size: 32,
    architecture: "G: latent, 4x4 transposed convolutions -> 256 @ 4x4 -> 128 -> 64 @ 16x16 -> c @ \
                   32x32, batch norm + ReLU, tanh; D: 4x4 convolutions of stride 2, 64 @ 16x16 -> \
                   128 -> 256 @ 4x4 -> 1, batch norm (not in the first) + leaky ReLU 0.2",
    published: &[],
    notes: &[],
    recipe,
    networks,
};

/// Both networks, here and in the variants that change the loss alone.
pub(super) fn networks(
    recipe: &Recipe,
    dimensions: Dimensions,
    generator: nn::Path,
    discriminator: nn::Path,
) -> Networks {
    let Recipe { latent_dim, generator_channels, discriminator_channels, .. } = *recipe;
    (
        Box::new(DcganGenerator::new(generator, latent_dim, generator_channels, dimensions, false)),
        Box::new(DcganDiscriminator::new(
            discriminator,
            discriminator_channels,
            dimensions,
            NormKind::Batch,
            false,
        )),
    )
}

/// Radford et al. 2016, section 4: batch, Adam, initial weights, latent of 100 components (from
/// N(0, 1), as in PyTorch's versions). 100 epochs are the report's.
fn recipe() -> Recipe {
    Recipe {
        steps: 39_100,
        batch_size: 128,
        latent_dim: 100,
        generator_channels: 64,
        discriminator_channels: 64,
        ..Recipe::default()
    }
}
