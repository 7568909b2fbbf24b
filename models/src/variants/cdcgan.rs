//! The conditional DCGANs of the report of Oh: the baseline and its three regularised forms.

use tch::nn;

use super::{Networks, Published, Variant};
use crate::Recipe;
use crate::init::Init;
use crate::losses::Loss;
use crate::networks::dcgan::{
    DcganDiscriminator, DcganGenerator, DiscriminatorOptions, GeneratorOptions,
};
use crate::networks::{Dimensions, LabelInput, LabelPlane};
use crate::optimizers::OptimizerConfig;
use crate::recipe::GeneratorLabels;

/// Dimension of the generator's label embedding, `embed_dim` of the printed training module.
const EMBEDDING: i64 = 128;

const ARCHITECTURE: &str = "G: latent and unit label embedding (128 + 128) -> dense 128 -> 4x4 \
     transposed convolutions -> 256 @ 4x4 -> 128 -> 64 @ 16x16 -> 3 @ 32x32, batch norm + ReLU, \
     tanh, no biases; D: image and label plane (3 + 1), 4x4 convolutions of stride 2, 64 @ 16x16 \
     -> 128 -> 256 @ 4x4, batch norm (not in the first) + leaky ReLU 0.2, channel dropout 0.2, -> \
     1, no biases";

const SPECTRAL_ARCHITECTURE: &str = "G: as cdcgan; D: as cdcgan with every convolution spectrally \
     normalised and the label plane divided by its norm";

/// The printed generator and discriminator under cross-entropy.
pub(super) static BASELINE: Variant = Variant {
    name: "cdcgan",
    summary: "conditional DCGAN: label embedding beside the latent, label plane beside the image",
    source: "Oh (Building a Conditional GAN for CIFAR-10), \"Building a Basic Conditional DCGAN\"",
    conditional: true,
    image_size: 32,
    architecture: ARCHITECTURE,
    published: &[Published {
        dataset: "cifar10",
        metric: "fid",
        value: 36.0,
        source: "\"Training\": \"a baseline FID of around 36\"",
        protocol: "torch-fidelity, 10 000 generated images against the test split",
    }],
    notes: &[],
    recipe,
    networks: |recipe, dimensions, generator, discriminator| {
        networks(recipe, dimensions, generator, discriminator, false)
    },
};

/// The baseline with one-sided label smoothing and R1.
pub(super) static R1: Variant = Variant {
    name: "cdcgan-r1",
    summary: "conditional DCGAN with one-sided label smoothing and R1",
    source: "Oh (Building a Conditional GAN for CIFAR-10), \"One Sided Label Smoothing\" and \
             \"Adding R1 Regularization\"; Mescheder et al. 2018",
    published: &[],
    notes: &[],
    recipe: regularised,
    ..BASELINE
};

/// The discriminator spectrally normalised as well.
pub(super) static SPECTRAL: Variant = Variant {
    name: "cdcgan-sn",
    summary: "conditional DCGAN with a spectrally normalised discriminator",
    source: "Oh (Building a Conditional GAN for CIFAR-10), \"Spectral Normalization\"; \
             Miyato et al. 2018",
    architecture: SPECTRAL_ARCHITECTURE,
    published: &[],
    notes: &[
        "The report goes on from the run with label smoothing and R1 (\"to further stabilize the \
         training\"): both stay.",
    ],
    recipe: regularised,
    networks: spectral_networks,
    ..BASELINE
};

/// The hinge loss in place of cross-entropy.
pub(super) static HINGE: Variant = Variant {
    name: "cdcgan-hinge",
    summary: "conditional DCGAN with a spectrally normalised discriminator and the hinge loss",
    source: "Oh (Building a Conditional GAN for CIFAR-10), \"Changing the Loss Function\"; \
             Lim and Ye 2017",
    architecture: SPECTRAL_ARCHITECTURE,
    published: &[],
    notes: &[
        "The report introduces the loss between `cdcgan-sn` and the residual networks and shows \
         no run of its own; the rest is that of `cdcgan-sn` but for label smoothing, which the \
         hinge loss has no labels for.",
    ],
    recipe: || Recipe { loss: Loss::Hinge, label_smoothing: 0.0, ..regularised() },
    networks: spectral_networks,
    ..BASELINE
};

/// The printed modules: "Basic Hyperparameters" (batch), "Data Augmentation" (flip), `Generator`
/// and `Discriminator` (latent, widths, dropout), `ConditionalDCGAN` (initial weights, Adam, one
/// discriminator step, uniform labels).
fn recipe() -> Recipe {
    Recipe {
        steps: 19_600,
        batch_size: 256,
        latent_dim: 128,
        generator_labels: GeneratorLabels::Drawn,
        generator_channels: 64,
        discriminator_channels: 64,
        dropout: 0.2,
        init: Init::DcganConvolutions,
        flip: 0.3,
        generator_optimizer: OptimizerConfig::adam(2e-4, 0.0, 0.999),
        discriminator_optimizer: OptimizerConfig::adam(2e-4, 0.0, 0.999),
        ..Recipe::default()
    }
}

/// [`recipe`] with the label smoothing of "One Sided Label Smoothing" and R1.
fn regularised() -> Recipe {
    Recipe { label_smoothing: 0.1, r1: 0.2, ..recipe() }
}

fn spectral_networks(
    recipe: &Recipe,
    dimensions: Dimensions,
    generator: nn::Path,
    discriminator: nn::Path,
) -> Networks {
    networks(recipe, dimensions, generator, discriminator, true)
}

fn networks(
    recipe: &Recipe,
    dimensions: Dimensions,
    generator: nn::Path,
    discriminator: nn::Path,
    spectral_norm: bool,
) -> Networks {
    (
        Box::new(DcganGenerator::with_options(
            generator,
            recipe.latent_dim,
            recipe.generator_channels,
            dimensions,
            GeneratorOptions {
                labels: LabelInput::ProjectedEmbedding(EMBEDDING),
                last_bias: false,
                ..Default::default()
            },
        )),
        Box::new(DcganDiscriminator::with_options(
            discriminator,
            recipe.discriminator_channels,
            dimensions,
            DiscriminatorOptions {
                labels: if spectral_norm { LabelPlane::UnitNorm } else { LabelPlane::Learnt },
                spectral_norm,
                dropout: recipe.dropout,
                bias: false,
                ..Default::default()
            },
        )),
    )
}
