//! Generators and discriminators.

pub mod activations;
pub mod dcgan;
mod labels;
pub mod layers;
mod mode;
pub mod perceptron;
pub mod resnet;
mod settle;
pub mod stack;

use tch::{Tensor, nn};

pub use labels::{LabelInput, LabelPlane};
pub use mode::{Draws, Dropout, Mode, Observed};
pub use settle::{settle_discriminator, settle_generator};

/// Maps latents to images.
pub trait Generator {
    /// Images `[n, c, h, w]` in `[-1, 1]` from latents `[n, latent_dim]` and labels `[n]`, which
    /// unconditional generators ignore.
    fn forward(&self, latents: &Tensor, labels: &Tensor, mode: Mode) -> Tensor;
}

/// What a discriminator says of a batch.
pub struct Verdict {
    /// Realness logits or critic scores `[n]`.
    pub realness: Tensor,
    /// Class logits `[n, classes]` of an auxiliary classifier.
    pub classes: Option<Tensor>,
}

/// Tells real images from generated ones.
pub trait Discriminator {
    /// Judges images `[n, c, h, w]` in `[-1, 1]`; conditional discriminators use labels `[n]`.
    fn forward(&self, images: &Tensor, labels: &Tensor, mode: Mode) -> Verdict;

    /// Whether its verdicts have class logits.
    fn classifies(&self) -> bool {
        false
    }

    /// The dropouts that a forward pass in training goes through, in order; generators have none.
    fn dropouts(&self) -> Vec<Dropout> {
        Vec::new()
    }
}

/// What a network must fit.
#[derive(Clone, Copy, Debug)]
pub struct Dimensions {
    /// Side of the square images; a power of two of at least 8.
    pub size: i64,
    /// Image channels.
    pub channels: i64,
    /// Classes of the data set.
    pub classes: i64,
}

/// Number of trainable parameters of the network whose variables are in `store`.
pub fn trainable_parameters(store: &nn::VarStore) -> u64 {
    store.trainable_variables().iter().map(|variable| variable.numel() as u64).sum()
}
