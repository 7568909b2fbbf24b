//! ACGAN: the discriminator also predicts the class, the generator is given it.

use super::{Published, Variant};
use crate::Recipe;
use crate::networks::dcgan::{DcganDiscriminator, DcganGenerator};
use crate::networks::layers::NormKind;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "acgan",
    summary: "auxiliary classifier GAN: realness and class from one trunk",
    source: "Enishetty 2021 (CPSC 8430 homework 3), bonus part; Odena et al. 2017",
    conditional: true,
    image_size: 32,
    architecture: "as dcgan; G: one-hot label beside the latent; D: a class head beside the realness \
                   head, each a 4x4 convolution of the last maps",
    published: &[Published {
        dataset: "cifar10",
        metric: "fid",
        value: 12.7,
        source: "section 4.2",
        protocol: "50 000 samples after 100 epochs; reference images not stated",
    }],
    notes: &[
        "Optimiser and latent are not stated: Adam of Odena et al. 2017, appendix A (2e-4, 0.5, \
         0.999), and DCGAN's latent.",
    ],
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
                NormKind::Batch,
                true,
            )),
        )
    },
};

/// Batch and epochs of the log, classes weighed like realness; the rest of DCGAN.
fn recipe() -> Recipe {
    Recipe { steps: 78_100, batch_size: 64, class_weight: 1.0, ..Recipe::default() }
}
