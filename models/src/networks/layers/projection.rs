//! The head of a projection discriminator.

use tch::{Kind, Tensor, nn};

use super::{Embedding, Linear, LinearConfig};
use crate::networks::Mode;

/// Realness logits of features and labels (Miyato and Koyama 2018, equation 3): a linear map of
/// the features plus their inner product with the label's row of a table.
pub struct ProjectionHead {
    realness: Linear,
    labels: Embedding,
}

impl ProjectionHead {
    /// A head with its variables below `path`; `linear` says whether the map has a bias and
    /// whether map and table are spectrally normalised.
    pub fn new(path: nn::Path, classes: i64, channels: i64, linear: LinearConfig) -> Self {
        Self {
            realness: Linear::new(&path / "realness", channels, 1, linear),
            labels: Embedding::new(&path / "labels", classes, channels, linear.spectral_norm),
        }
    }

    /// Logits `[n]` of features `[n, channels]` and labels `[n]`.
    pub fn forward(&self, features: &Tensor, labels: &Tensor, mode: Mode) -> Tensor {
        let projection = self.labels.forward(labels, mode) * features;
        mode.in_full(&self.realness.forward(features, mode)).squeeze_dim(1)
            + projection.sum_dim_intlist([1i64].as_slice(), false, None::<Kind>)
    }
}
