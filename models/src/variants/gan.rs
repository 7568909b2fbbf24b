//! GAN: the fully connected original (Goodfellow et al. 2014).

use super::Variant;
use crate::Recipe;
use crate::init::Init;
use crate::networks::perceptron::{PerceptronDiscriminator, PerceptronGenerator};

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "gan",
    summary: "the original GAN: fully connected networks, non-saturating cross-entropy",
    source: "Bhope et al. 2019 (COMP 551 project), sections 4 and 5.1 to 5.3; Goodfellow et al. \
             2014",
    conditional: false,
    image_size: 32,
    architecture: "G: latent -> dense 256, 512, 1024, leaky ReLU -> dense pixels, tanh; D: pixels \
                   -> dense 1024, 512, 256, leaky ReLU, dropout 0.3 -> dense",
    published: &[],
    notes: &[],
    recipe,
    networks: |recipe, dimensions, generator, discriminator| {
        let Recipe { latent_dim, generator_channels, discriminator_channels, dropout, .. } =
            *recipe;
        (
            Box::new(PerceptronGenerator::new(
                generator,
                latent_dim,
                generator_channels,
                dimensions,
            )),
            Box::new(PerceptronDiscriminator::new(
                discriminator,
                discriminator_channels,
                dropout,
                dimensions,
            )),
        )
    },
};

/// 200 epochs of 60 000 images (section 5.3); channels are the units of the narrowest layers.
fn recipe() -> Recipe {
    Recipe {
        steps: 120_000,
        batch_size: 100,
        latent_dim: 100,
        generator_channels: 256,
        discriminator_channels: 256,
        dropout: 0.3,
        init: Init::PytorchDefault,
        ..Recipe::default()
    }
}
