//! DCGAN: the deep convolutional GAN of Radford et al. 2016.

use super::Variant;
use crate::Recipe;
use crate::init::Init;
use crate::losses::Loss;
use crate::networks::dcgan::{DcganDiscriminator, DcganGenerator, Norm};
use crate::optimizers::OptimizerConfig;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "dcgan",
    summary: "deep convolutional GAN, batch norm in both networks, non-saturating cross-entropy",
    source: "Bhope et al. 2019 (COMP 551 project), sections 4.1 and 5.3; Radford et al. 2016",
    conditional: false,
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
                Norm::Batch,
                false,
            )),
        )
    },
};

/// Radford et al. 2016, section 4, but for the step count, which the report gives as epochs of
/// its own; 39 100 steps are 100 epochs of CIFAR-10.
fn recipe() -> Recipe {
    Recipe {
        steps: 39_100,
        batch_size: 128,
        discriminator_steps: 1,
        latent_dim: 100,
        generator_channels: 64,
        discriminator_channels: 64,
        loss: Loss::Bce,
        class_weight: 0.0,
        gradient_penalty: 0.0,
        init: Init::DcganNormal,
        generator_optimizer: OptimizerConfig::adam(2e-4, 0.5, 0.999),
        discriminator_optimizer: OptimizerConfig::adam(2e-4, 0.5, 0.999),
    }
}
