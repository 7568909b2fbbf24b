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
    notes: &[
        "The report uses \"the default hyperparameter values, as specified in the original paper\" \
         but names PyTorch and Keras; Goodfellow et al. 2014 state neither widths nor rates, and \
         their code has maxout and momentum SGD. Layers, dropout and Adam(2e-4, 0.5, 0.999) are \
         those of common PyTorch versions, batch 100 is Goodfellow's.",
        "200 epochs are stated for Fashion-MNIST (section 5.3) and taken for MNIST, 100 for \
         CIFAR-10 (figure 5).",
        "Images of 28x28 are resized to 32x32.",
    ],
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
