//! WGAN: a linear critic whose weights are clipped (Arjovsky et al. 2017).

use super::{Published, Variant, dcgan_hw};
use crate::Recipe;
use crate::losses::Loss;
use crate::optimizers::OptimizerConfig;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "wgan",
    summary: "Wasserstein GAN: linear critic, clipped weights, RMSProp",
    source: "Enishetty 2021 (CPSC 8430 homework 3), section C; Bhope et al. 2019 (COMP 551 \
             project), sections 4.2 and 5.5; Arjovsky et al. 2017",
    conditional: false,
    image_size: 32,
    architecture: dcgan_hw::ARCHITECTURE,
    published: &[Published {
        dataset: "cifar10",
        metric: "fid",
        value: 15.9,
        source: "section 4.2",
        protocol: "50 000 samples after 100 epochs; reference images not stated",
    }],
    notes: &[],
    recipe,
    networks: dcgan_hw::networks,
};

/// Section C: loss, clipping, 5 critic steps, RMSProp 5e-5 without momentum.
fn recipe() -> Recipe {
    Recipe {
        steps: 7_820,
        batch_size: 128,
        discriminator_steps: 5,
        generator_channels: 128,
        loss: Loss::Wasserstein,
        weight_clip: 0.01,
        generator_optimizer: OptimizerConfig::rms_prop(5e-5),
        discriminator_optimizer: OptimizerConfig::rms_prop(5e-5),
        ..Recipe::default()
    }
}
