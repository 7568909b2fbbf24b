//! Generative adversarial networks as the reports describe them, on libtorch.
//!
//! A [`variant`](variants) composes parts along independent axes: network, loss, regulariser,
//! augmentation, conditioning and optimiser. The [`Trainer`] takes a variant's [`Recipe`] through
//! training steps, draws samples and saves its whole state. The [`classifier`] is the network behind the
//! embedded feature extractor.
//!
//! Images cross this crate's boundary as `u8`, N x H x W x C; no tensor type does.

mod allocator;
pub mod augmentations;
pub mod checkpoint;
pub mod classes;
pub mod classifier;
pub mod computation;
pub mod device;
pub mod ema;
mod error;
mod faults;
pub mod images;
pub mod init;
pub mod latents;
pub mod losses;
pub mod networks;
pub mod optimizers;
pub mod precision;
pub mod recipe;
pub mod refusals;
pub mod regularizers;
pub mod sampler;
pub mod schedules;
pub mod sources;
pub mod streams;
pub mod trained_generator;
pub mod trainer;
pub mod transfers;
pub mod variants;

pub use error::ModelError;
pub use images::ImageShape;
pub use recipe::Recipe;
pub use sampler::Sampler;
pub use trained_generator::TrainedGenerator;
pub use trainer::Trainer;
