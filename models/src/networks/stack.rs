//! Networks between a dense layer and a stack of blocks, as Keras tutorials build them.
//!
//! The generator's dense layer makes a stack of small maps, each block doubles their side, and a
//! last 3x3 convolution makes the image. The discriminator halves the side block by block and
//! judges the flattened maps by a dense layer. What the blocks are made of is a variant's choice:
//!
//! ```text
//! G: latent -> dense -> maps @ s/2^k -> [up-block, …] -> conv 3x3, tanh -> c @ s
//! D: c @ s -> [down-block, …] -> flatten -> dropout -> dense -> heads
//! ```

mod discriminator;
mod generator;

pub use discriminator::{DownLayer, StackDiscriminator, StackDiscriminatorConfig};
pub use generator::{StackGenerator, StackGeneratorConfig, UpLayer};
