//! Generators and discriminators.

pub mod activations;
pub mod dcgan;

use tch::Tensor;

/// Maps latents to images.
pub trait Generator {
    /// Images `[n, c, h, w]` in `[-1, 1]` from latents `[n, latent_dim]` and labels `[n]`, which
    /// unconditional generators ignore. `train` selects batch statistics.
    fn forward(&self, latents: &Tensor, labels: &Tensor, train: bool) -> Tensor;
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
    fn forward(&self, images: &Tensor, labels: &Tensor, train: bool) -> Verdict;
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
