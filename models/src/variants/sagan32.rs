//! SAGAN at 32x32, as Zhang et al. 2019 describe it.

use super::Variant;
use crate::Recipe;
use crate::init::Init;
use crate::losses::Loss;
use crate::networks::resnet::{
    Conditioning, ResnetDiscriminator, ResnetGenerator, ResnetGeneratorOptions,
};
use crate::optimizers::OptimizerConfig;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "sagan32",
    summary: "self-attention GAN: residual networks with spectral norm and attention in both, \
              projection, hinge loss",
    source: "Zhang et al. 2019, sections 3 and 4; beyond the reports",
    conditional: true,
    image_size: 32,
    architecture: "The residual networks of `sngan-proj` with self-attention at 16x16 in both, \
                   spectral norm in every layer and conditional batch norm by tables of the label",
    published: &[],
    notes: &[
        "The paper trains at 128x128; here the residual networks are scaled to 32x32, and \
         self-attention is at half of the image's side.",
        "Values have half of the channels and keys and values are max-pooled, as in the paper's \
         published code; the paper's formulas have an eighth.",
        "The paper is silent on initial weights; its published code has Glorot's uniform ones.",
    ],
    recipe,
    networks: |recipe, dimensions, generator, discriminator| {
        let options = ResnetGeneratorOptions {
            conditioning: Conditioning::Label,
            spectral_norm_dense: true,
            attention: true,
        };
        (
            Box::new(ResnetGenerator::new(
                generator,
                recipe.latent_dim,
                recipe.generator_channels,
                dimensions,
                options,
            )),
            Box::new(ResnetDiscriminator::new(
                discriminator,
                recipe.discriminator_channels,
                dimensions,
                true,
            )),
        )
    },
};

/// Section 4: Adam(0, 0.9) with learning rates 1e-4 and 4e-4 and one discriminator step, hinge
/// loss. The length is that of Miyato et al. 2018 for CIFAR-10, the batch their 64, widths those
/// of their table 4.
fn recipe() -> Recipe {
    Recipe {
        steps: 100_000,
        batch_size: 64,
        latent_dim: 128,
        generator_channels: 256,
        discriminator_channels: 128,
        loss: Loss::Hinge,
        init: Init::GlorotUniform,
        generator_optimizer: OptimizerConfig::adam(1e-4, 0.0, 0.9),
        discriminator_optimizer: OptimizerConfig::adam(4e-4, 0.0, 0.9),
        ..Recipe::default()
    }
}
