//! The residual networks of Miyato et al. 2018 (appendix B.4) with the projection discriminator of
//! Miyato and Koyama 2018, scaled to the image's size.
//!
//! ```text
//! G: latent -> dense 4x4 -> up-sampling blocks until the image's size -> BN, ReLU, 3x3, tanh
//! D: first block (halves) -> blocks that halve, down to 4x4 -> one more block -> ReLU, mean over
//!    the pixels h -> w'h + e(label)'h
//! ```
//!
//! All blocks have the same width. The generator's blocks use conditional batch norm.

mod blocks;
mod discriminator;
mod generator;

pub use discriminator::ResnetDiscriminator;
pub use generator::{Conditioning, ResnetGenerator, ResnetGeneratorOptions};

/// Side of the generator's first map and of the discriminator's last one, in pixels.
const SMALLEST_SIDE: i64 = 4;

/// Number of doublings from 4x4 to the image's size.
fn doublings(size: i64) -> u32 {
    (size / SMALLEST_SIDE).ilog2()
}
