//! Batch norm whose gain and offset depend on the label.

use tch::{Tensor, nn};

use super::norm::RunningStatistics;
use super::{Embedding, Linear, LinearConfig};
use crate::networks::Mode;

/// Conditional batch norm (de Vries et al. 2017): batch norm, then a gain `1 + g(y)` and an offset
/// `o(y)` per channel and label. All labels share the statistics.
pub struct ConditionalBatchNorm {
    running: RunningStatistics,
    conditioning: Conditioning,
}

enum Conditioning {
    Tables { gain: Embedding, offset: Embedding },
    Embedded { label: Embedding, gain: Linear, offset: Linear },
}

impl ConditionalBatchNorm {
    /// `g` and `o` are tables with a row a class.
    pub fn of_labels(path: nn::Path, classes: i64, channels: i64, spectral_norm: bool) -> Self {
        let table = |name| Embedding::new(&path / name, classes, channels, spectral_norm);
        Self {
            running: RunningStatistics::new(&path, channels),
            conditioning: Conditioning::Tables { gain: table("gain"), offset: table("offset") },
        }
    }

    /// `g` and `o` are linear maps of a learnt vector of the label that has `channels` components:
    /// the form of Brock et al. 2019 with an embedding in each layer, which is spectrally
    /// normalised if the maps are.
    pub fn of_embedding(path: nn::Path, classes: i64, channels: i64, maps: LinearConfig) -> Self {
        let linear = |name| Linear::new(&path / name, channels, channels, maps);
        Self {
            running: RunningStatistics::new(&path, channels),
            conditioning: Conditioning::Embedded {
                label: Embedding::new(&path / "label", classes, channels, maps.spectral_norm),
                gain: linear("gain"),
                offset: linear("offset"),
            },
        }
    }

    /// `x` `[n, channels, h, w]` normalised, then scaled and shifted as labels `[n]` say.
    pub fn forward(&self, x: &Tensor, labels: &Tensor, mode: Mode) -> Tensor {
        let (gain, offset) = match &self.conditioning {
            Conditioning::Tables { gain, offset } => {
                (gain.forward(labels, mode), offset.forward(labels, mode))
            }
            Conditioning::Embedded { label, gain, offset } => {
                let label = label.forward(labels, mode);
                (gain.forward(&label, mode), offset.forward(&label, mode))
            }
        };
        let per_channel = |t: Tensor| t.unsqueeze(-1).unsqueeze(-1);
        let normalised = self.running.normalise(x, (None, None), mode);
        normalised * (per_channel(gain) + 1.0) + per_channel(offset)
    }
}
