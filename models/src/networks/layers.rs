//! The layers that networks are composed of.
//!
//! They differ from those of libtorch's binding in that every weight may be spectrally
//! normalised, that dropout draws from the run's own streams, and that all take a
//! [`Mode`](super::Mode). Variables bear PyTorch's names (`weight`, `bias`, `running_mean`, …);
//! embedding tables are called `table`, slopes of leaky activations `slope` and the gain of
//! self-attention `gamma`, by which [`crate::init`] knows them.

mod activation;
mod attention;
mod block;
mod conditional_batch_norm;
mod convolution;
mod dropout;
mod embedding;
mod linear;
mod norm;
mod projection;
mod resample;
mod weight;

pub use activation::{Activation, ActivationLayer};
pub use attention::{AttentionConfig, SelfAttention};
pub use block::{DownBlock, DownBlockConfig, Padding, UpBlock, UpBlockConfig, Upsampling};
pub use conditional_batch_norm::ConditionalBatchNorm;
pub use convolution::{Conv2d, ConvConfig, ConvTranspose2d, ConvTransposeConfig};
pub use dropout::{dropout, dropout2d};
pub use embedding::Embedding;
pub use linear::{Linear, LinearConfig};
pub use norm::{Norm, NormKind};
pub use projection::ProjectionHead;
pub use resample::{average_pool, upsample_nearest};
