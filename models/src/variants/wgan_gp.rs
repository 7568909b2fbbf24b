//! WGAN-GP: a Wasserstein critic held near 1-Lipschitz by a gradient penalty.

use super::Variant;
use crate::Recipe;
use crate::init::Init;
use crate::losses::Loss;
use crate::networks::dcgan::{DcganDiscriminator, DcganGenerator};
use crate::networks::layers::NormKind;
use crate::optimizers::OptimizerConfig;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "wgan-gp",
    summary: "Wasserstein GAN with gradient penalty, layer norm in the critic",
    source: "Gulrajani et al. 2017, Algorithm 1; named as next step by Bhope et al. 2019, section 6",
    conditional: false,
    image_size: 32,
    architecture: "as dcgan, with layer norm in the critic",
    published: &[],
    notes: &["The report names it without settings: those of Gulrajani et al. 2017, with DCGAN's \
         networks in place of their residual ones."],
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
                NormKind::Layer,
                false,
            )),
        )
    },
};

/// Lambda, critic steps and Adam of Algorithm 1; batch and length as in the paper's CIFAR-10 runs.
fn recipe() -> Recipe {
    Recipe {
        steps: 100_000,
        batch_size: 64,
        discriminator_steps: 5,
        latent_dim: 128,
        generator_channels: 64,
        discriminator_channels: 64,
        loss: Loss::Wasserstein,
        gradient_penalty: 10.0,
        init: Init::PytorchDefault,
        generator_optimizer: OptimizerConfig::adam(1e-4, 0.0, 0.9),
        discriminator_optimizer: OptimizerConfig::adam(1e-4, 0.0, 0.9),
        ..Recipe::default()
    }
}
