//! Residual blocks, every convolution spectrally normalised.

use tch::{Tensor, nn};

use super::generator::Conditioning;
use crate::networks::Mode;
use crate::networks::layers::{
    ConditionalBatchNorm, Conv2d, ConvConfig, average_pool, upsample_nearest,
};

/// A spectrally normalised 3x3 convolution that keeps the side.
pub(super) fn conv3x3(path: nn::Path, inputs: i64, outputs: i64) -> Conv2d {
    Conv2d::new(path, inputs, outputs, ConvConfig { spectral_norm: true, ..Default::default() })
}

/// The spectrally normalised 1x1 convolution beside a block.
fn shortcut(path: nn::Path, inputs: i64, outputs: i64) -> Conv2d {
    let config = ConvConfig { kernel: 1, padding: 0, spectral_norm: true, ..Default::default() };
    Conv2d::new(path, inputs, outputs, config)
}

/// A generator's block: `[n, c, h, w] -> [n, c, 2h, 2w]`. Up-samples, then convolves.
pub(super) struct UpSamplingBlock {
    norms: [ConditionalBatchNorm; 2],
    convolutions: [Conv2d; 2],
    shortcut: Conv2d,
}

impl UpSamplingBlock {
    pub(super) fn new(
        path: nn::Path,
        channels: i64,
        classes: i64,
        conditioning: Conditioning,
    ) -> Self {
        let norm = |name| conditioning.norm(&path / name, classes, channels);
        let conv = |name| conv3x3(&path / name, channels, channels);
        Self {
            norms: [norm("norm0"), norm("norm1")],
            convolutions: [conv("conv0"), conv("conv1")],
            shortcut: shortcut(&path / "shortcut", channels, channels),
        }
    }

    pub(super) fn forward(&self, x: &Tensor, labels: &Tensor, mode: Mode) -> Tensor {
        let [norm0, norm1] = &self.norms;
        let [conv0, conv1] = &self.convolutions;
        let h = norm0.forward(x, labels, mode).relu();
        let h = conv0.forward(&upsample_nearest(&h), mode);
        let h = norm1.forward(&h, labels, mode).relu();
        // A 1x1 convolution and nearest neighbours commute; this order does a quarter of the work.
        conv1.forward(&h, mode) + upsample_nearest(&self.shortcut.forward(x, mode))
    }
}

/// A discriminator's block: `[n, inputs, h, w] -> [n, outputs, h', w']`.
pub(super) struct DownSamplingBlock {
    convolutions: [Conv2d; 2],
    shortcut: Conv2d,
    first: bool,
    halve: bool,
}

impl DownSamplingBlock {
    /// The first block, which takes images: no activation before its first convolution.
    pub(super) fn first(path: nn::Path, inputs: i64, outputs: i64) -> Self {
        Self { first: true, ..Self::new(path, inputs, outputs, true) }
    }

    /// A block that halves the side or keeps it.
    pub(super) fn new(path: nn::Path, inputs: i64, outputs: i64, halve: bool) -> Self {
        Self {
            convolutions: [
                conv3x3(&path / "conv0", inputs, outputs),
                conv3x3(&path / "conv1", outputs, outputs),
            ],
            shortcut: shortcut(&path / "shortcut", inputs, outputs),
            first: false,
            halve,
        }
    }

    pub(super) fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        let [conv0, conv1] = &self.convolutions;
        let h = if self.first { x.shallow_clone() } else { x.relu() };
        let h = conv1.forward(&conv0.forward(&h, mode).relu(), mode);
        if self.halve {
            // Pooling and a 1x1 convolution commute.
            average_pool(&h) + self.shortcut.forward(&average_pool(x), mode)
        } else {
            h + self.shortcut.forward(x, mode)
        }
    }
}
