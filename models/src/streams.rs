//! Named counter-based random streams.
//!
//! Every random draw of a run comes from `Streams::at(purpose, step)`. The key of the ChaCha8
//! generator is derived from (seed, purpose) and its 64-bit stream number is the step, so the
//! draws of one step depend on nothing that happened before it: a run stopped at any step and
//! resumed sees the same numbers as one that never stopped.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// What a stream of random numbers is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The order in which the training images are visited; the step is the epoch.
    DataOrder,
    /// Which of the training images are mirrored.
    Flip,
    /// Changes of the training images' saturation.
    Saturation,
    /// Which batches of training images are mixed with themselves, and how.
    CutMix,
    /// Shifts and flips of the embedded classifier's training images.
    Augmentation,
    /// Latents of a discriminator update.
    DiscriminatorLatents,
    /// Latents of a generator update.
    GeneratorLatents,
    /// Labels of the images generated for a discriminator update.
    DiscriminatorLabels,
    /// Labels of the images generated for a generator update.
    GeneratorLabels,
    /// Dropout masks of a discriminator update, of both networks.
    DiscriminatorDropout,
    /// Dropout masks of a generator update, of both networks.
    GeneratorDropout,
    /// Differentiable augmentations of a discriminator update, of real and generated images.
    DiscriminatorAugmentation,
    /// Differentiable augmentations of a generator update.
    GeneratorAugmentation,
    /// Interpolation weights of the gradient penalty.
    GradientPenalty,
    /// Dropout masks of the gradient penalty's own pass.
    GradientPenaltyDropout,
    /// Perturbations of the real images in DRAGAN's penalty.
    DraganPerturbation,
    /// Factors of the perturbations, one an image.
    DraganWeights,
    /// Dropout masks of DRAGAN's own pass.
    DraganDropout,
    /// Latents of the images that are scored; the step is the index of the sampling batch.
    SampleLatents,
    /// Labels of the images that are scored; the step is the image's number.
    SampleLabels,
    /// Latents of the sample grids.
    GridLatents,
    /// Latents of pictures that show one image beside others; the step is the class, or the row.
    PictureLatents,
    /// The two ends of an interpolation; the step is its row.
    InterpolationLatents,
    /// Initial parameters; the step is the parameter's rank in name order.
    Initialisation,
}

impl Purpose {
    /// What the stream is called where it is told.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::DataOrder => "data order",
            Purpose::Flip => "flip",
            Purpose::Saturation => "saturation",
            Purpose::CutMix => "cutmix",
            Purpose::Augmentation => "augmentation",
            Purpose::DiscriminatorLatents => "discriminator latents",
            Purpose::GeneratorLatents => "generator latents",
            Purpose::DiscriminatorLabels => "discriminator labels",
            Purpose::GeneratorLabels => "generator labels",
            Purpose::DiscriminatorDropout => "discriminator dropout",
            Purpose::GeneratorDropout => "generator dropout",
            Purpose::DiscriminatorAugmentation => "discriminator augmentation",
            Purpose::GeneratorAugmentation => "generator augmentation",
            Purpose::GradientPenalty => "gradient penalty",
            Purpose::GradientPenaltyDropout => "gradient penalty dropout",
            Purpose::DraganPerturbation => "dragan perturbation",
            Purpose::DraganWeights => "dragan weights",
            Purpose::DraganDropout => "dragan dropout",
            Purpose::SampleLatents => "sample latents",
            Purpose::SampleLabels => "sample labels",
            Purpose::GridLatents => "grid latents",
            Purpose::PictureLatents => "picture latents",
            Purpose::InterpolationLatents => "interpolation latents",
            Purpose::Initialisation => "initialisation",
        }
    }
}

/// The random streams of one seed.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams that belong to `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The generator for one purpose at one step.
    pub fn at(&self, purpose: Purpose, step: u64) -> ChaCha8Rng {
        let mut hash = Sha256::new();
        hash.update(b"bench random stream 1\0");
        hash.update(self.seed.to_le_bytes());
        hash.update(purpose.name());
        let mut rng = ChaCha8Rng::from_seed(hash.finalize().into());
        rng.set_stream(step);
        rng
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    fn first(seed: u64, purpose: Purpose, step: u64) -> u64 {
        Streams::new(seed).at(purpose, step).random()
    }

    #[test]
    fn seed_purpose_and_step_each_select_another_stream() {
        let base = first(1, Purpose::DataOrder, 0);
        assert_eq!(base, first(1, Purpose::DataOrder, 0));
        assert_ne!(base, first(2, Purpose::DataOrder, 0));
        assert_ne!(base, first(1, Purpose::Augmentation, 0));
        assert_ne!(base, first(1, Purpose::DataOrder, 1));
    }
}
