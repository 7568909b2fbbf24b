//! Convolutions and transposed convolutions with square kernels.

use tch::{Tensor, nn};

use super::weight::Weight;
use crate::networks::Mode;

/// Geometry of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct ConvConfig {
    /// Side of the kernel, in pixels.
    pub kernel: i64,
    /// Step of the kernel, in pixels.
    pub stride: i64,
    /// Zeros added on each side, in pixels.
    pub padding: i64,
    /// Whether each output channel has a bias.
    pub bias: bool,
    /// Whether the weight is spectrally normalised.
    pub spectral_norm: bool,
}

/// A 3x3 convolution that keeps the side, with bias.
impl Default for ConvConfig {
    fn default() -> Self {
        Self { kernel: 3, stride: 1, padding: 1, bias: true, spectral_norm: false }
    }
}

/// A convolution `[n, inputs, h, w] -> [n, outputs, h', w']`.
pub struct Conv2d {
    weight: Weight,
    bias: Option<Tensor>,
    config: ConvConfig,
}

impl Conv2d {
    /// A convolution with its variables below `path`.
    pub fn new(path: nn::Path, inputs: i64, outputs: i64, config: ConvConfig) -> Self {
        let shape = [outputs, inputs, config.kernel, config.kernel];
        Self {
            weight: Weight::new(&path, "weight", &shape, 0, config.spectral_norm),
            bias: config.bias.then(|| path.zeros("bias", &[outputs])),
            config,
        }
    }

    /// The convolution of `x`.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        let ConvConfig { stride, padding, .. } = self.config;
        let weight = mode.for_product(&self.weight.get(mode));
        let bias = self.bias.as_ref().map(|bias| mode.for_product(bias));
        let x = mode.for_product(x);
        x.conv2d(&weight, bias, [stride, stride], [padding, padding], [1, 1], 1)
    }
}

/// Geometry of a transposed convolution.
#[derive(Clone, Copy, Debug)]
pub struct ConvTransposeConfig {
    /// Side of the kernel, in pixels.
    pub kernel: i64,
    /// Step of the kernel on the output, in pixels.
    pub stride: i64,
    /// Pixels cut from each side of the output.
    pub padding: i64,
    /// Pixels added to the far sides of the output.
    pub output_padding: i64,
    /// Whether each output channel has a bias.
    pub bias: bool,
    /// Whether the weight is spectrally normalised.
    pub spectral_norm: bool,
}

/// A 4x4 kernel that doubles the side, with bias.
impl Default for ConvTransposeConfig {
    fn default() -> Self {
        Self {
            kernel: 4,
            stride: 2,
            padding: 1,
            output_padding: 0,
            bias: true,
            spectral_norm: false,
        }
    }
}

/// A transposed convolution `[n, inputs, h, w] -> [n, outputs, h', w']`.
pub struct ConvTranspose2d {
    weight: Weight,
    bias: Option<Tensor>,
    config: ConvTransposeConfig,
}

impl ConvTranspose2d {
    /// A transposed convolution with its variables below `path`.
    pub fn new(path: nn::Path, inputs: i64, outputs: i64, config: ConvTransposeConfig) -> Self {
        let shape = [inputs, outputs, config.kernel, config.kernel];
        Self {
            weight: Weight::new(&path, "weight", &shape, 1, config.spectral_norm),
            bias: config.bias.then(|| path.zeros("bias", &[outputs])),
            config,
        }
    }

    /// The transposed convolution of `x`.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        let ConvTransposeConfig { stride, padding, output_padding, .. } = self.config;
        mode.for_product(x).conv_transpose2d(
            &mode.for_product(&self.weight.get(mode)),
            self.bias.as_ref().map(|bias| mode.for_product(bias)),
            [stride, stride],
            [padding, padding],
            [output_padding, output_padding],
            1,
            [1, 1],
        )
    }
}
