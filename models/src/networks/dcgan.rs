//! The convolutional networks of Radford et al. 2016, scaled to the image's size.
//!
//! The generator takes the latent to a 4x4 map by a transposed convolution and doubles the
//! resolution until the image's size, halving the channels each time. The discriminator mirrors
//! it. For 32x32 images and 64 channels:
//!
//! ```text
//! G: latent -> 256 @ 4x4 -> 128 @ 8x8 -> 64 @ 16x16 -> c @ 32x32     batch norm + ReLU, tanh last
//! D: c @ 32x32 -> 64 @ 16x16 -> 128 @ 8x8 -> 256 @ 4x4 -> heads       norm + leaky ReLU 0.2
//! ```
//!
//! Options add what later networks changed: labels, spectral normalisation, self-attention at a
//! quarter of the image's side, other normalisations, dropout.

mod discriminator;
mod generator;

pub use discriminator::{DcganDiscriminator, DiscriminatorOptions};
pub use generator::{DcganGenerator, GeneratorOptions};

/// Side of every kernel, and so of the generator's first map and of the discriminator's last one,
/// in pixels.
const KERNEL: i64 = 4;

/// Number of doublings from 4x4 to the image's size.
fn doublings(size: i64) -> u32 {
    (size / KERNEL).ilog2()
}
