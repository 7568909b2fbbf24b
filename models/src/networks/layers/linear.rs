//! Fully connected layers.

use tch::{Tensor, nn};

use super::weight::Weight;
use crate::networks::Mode;

/// Options of a fully connected layer.
#[derive(Clone, Copy, Debug)]
pub struct LinearConfig {
    /// Whether each output has a bias.
    pub bias: bool,
    /// Whether the weight is spectrally normalised.
    pub spectral_norm: bool,
}

/// With bias, without spectral normalisation.
impl Default for LinearConfig {
    fn default() -> Self {
        Self { bias: true, spectral_norm: false }
    }
}

/// A fully connected layer `[n, inputs] -> [n, outputs]`.
pub struct Linear {
    weight: Weight,
    bias: Option<Tensor>,
}

impl Linear {
    /// A layer with its variables below `path`.
    pub fn new(path: nn::Path, inputs: i64, outputs: i64, config: LinearConfig) -> Self {
        Self {
            weight: Weight::new(&path, "weight", &[outputs, inputs], 0, config.spectral_norm),
            bias: config.bias.then(|| path.zeros("bias", &[outputs])),
        }
    }

    /// `x W' + b`.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        let bias = self.bias.as_ref().map(|bias| mode.for_product(bias));
        mode.for_product(x).linear(&mode.for_product(&self.weight.get(mode)), bias)
    }
}
