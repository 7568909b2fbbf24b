//! ACGAN: the discriminator also predicts the class, the generator is given it.

use super::Variant;
use crate::Recipe;
use crate::init::Init;
use crate::losses::Loss;
use crate::networks::dcgan::{DcganDiscriminator, DcganGenerator, Norm};
use crate::optimizers::OptimizerConfig;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "acgan",
    summary: "auxiliary classifier GAN: realness and class from one trunk",
    source: "Enishetty 2021 (CPSC 8430 homework 3), bonus part; Odena et al. 2017",
    conditional: true,
    recipe,
    networks: |recipe, dimensions, generator, discriminator| {
        (
            Box::new(DcganGenerator::new(
                generator,
                recipe.latent_dim,
                recipe.generator_channels,
                dimensions,
                true,
            )),
            Box::new(DcganDiscriminator::new(
                discriminator,
                recipe.discriminator_channels,
                dimensions,
                Norm::Batch,
                true,
            )),
        )
    },
};

/// 100 epochs at batch 64 (the report's log counts 937 batches of 60 000 images); Adam of Odena
/// et al. 2017, appendix A. The report is silent on latent and widths: those of DCGAN are kept.
fn recipe() -> Recipe {
    Recipe {
        steps: 78_100,
        batch_size: 64,
        discriminator_steps: 1,
        latent_dim: 100,
        generator_channels: 64,
        discriminator_channels: 64,
        loss: Loss::Bce,
        class_weight: 1.0,
        gradient_penalty: 0.0,
        init: Init::DcganNormal,
        generator_optimizer: OptimizerConfig::adam(2e-4, 0.5, 0.999),
        discriminator_optimizer: OptimizerConfig::adam(2e-4, 0.5, 0.999),
    }
}
