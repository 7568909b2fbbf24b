//! Augmentations: of the training images, and differentiable ones of what the discriminator sees.

pub mod adaptive;
pub mod cutmix;
pub mod differentiable;
pub mod flip;
pub mod saturation;
pub mod sharpen;
