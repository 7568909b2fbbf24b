//! Penalties on the discriminator, each written once.

pub mod gradient_penalty;
