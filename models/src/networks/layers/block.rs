//! Blocks of a convolution, a normalisation and an activation.

use tch::{Tensor, nn};

use super::resample::upsample_nearest;
use super::{
    Activation, ActivationLayer, Conv2d, ConvConfig, ConvTranspose2d, ConvTransposeConfig, Norm,
    NormKind,
};
use crate::networks::Mode;

/// How an [`UpBlock`] doubles the side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsampling {
    /// A transposed convolution of stride 2.
    Transposed,
    /// Nearest neighbours, then a convolution (Odena et al. 2016).
    NearestThenConv,
}

/// What an [`UpBlock`] consists of.
#[derive(Clone, Copy, Debug)]
pub struct UpBlockConfig {
    /// How the side is doubled.
    pub upsampling: Upsampling,
    /// Side of the kernel: at least 2; odd after nearest neighbours.
    pub kernel: i64,
    /// Normalisation after the convolution.
    pub norm: NormKind,
    /// Activation after the normalisation.
    pub activation: Activation,
    /// Whether the convolution has a bias.
    pub bias: bool,
    /// Whether the convolution's weight is spectrally normalised.
    pub spectral_norm: bool,
}

/// A 4x4 transposed convolution without bias, batch norm, ReLU.
impl Default for UpBlockConfig {
    fn default() -> Self {
        Self {
            upsampling: Upsampling::Transposed,
            kernel: 4,
            norm: NormKind::Batch,
            activation: Activation::Relu,
            bias: false,
            spectral_norm: false,
        }
    }
}

enum UpConv {
    Transposed(ConvTranspose2d),
    NearestThenConv(Conv2d),
}

/// `[n, inputs, h, w] -> [n, outputs, 2h, 2w]`.
pub struct UpBlock {
    conv: UpConv,
    tail: Tail,
}

impl UpBlock {
    /// A block with its variables below `path`: `conv`, `norm` and `activation`.
    pub fn new(path: nn::Path, inputs: i64, outputs: i64, config: UpBlockConfig) -> Self {
        let UpBlockConfig { upsampling, kernel, norm, activation, bias, spectral_norm } = config;
        let conv = &path / "conv";
        let conv = match upsampling {
            // The side s becomes 2 (s - 1) - 2 padding + kernel + output padding = 2 s.
            Upsampling::Transposed => UpConv::Transposed(ConvTranspose2d::new(
                conv,
                inputs,
                outputs,
                ConvTransposeConfig {
                    kernel,
                    stride: 2,
                    padding: (kernel - 1) / 2,
                    output_padding: kernel % 2,
                    bias,
                    spectral_norm,
                },
            )),
            Upsampling::NearestThenConv => {
                let padding = (kernel - 1) / 2;
                let config = ConvConfig { kernel, stride: 1, padding, bias, spectral_norm };
                UpConv::NearestThenConv(Conv2d::new(conv, inputs, outputs, config))
            }
        };
        Self { conv, tail: Tail::new(&path, norm, activation, outputs) }
    }

    /// The block's output for `x`.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        let x = match &self.conv {
            UpConv::Transposed(conv) => conv.forward(x, mode),
            UpConv::NearestThenConv(conv) => conv.forward(&upsample_nearest(x), mode),
        };
        self.tail.forward(&x, mode)
    }
}

/// Where a [`DownBlock`] adds zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// `(kernel - 1) / 2` on every side, as PyTorch's networks have it.
    Symmetric,
    /// As many as make the output's side that of the input divided by the stride, rounded up; an
    /// odd one on the far sides: `padding="same"` of Keras.
    Same,
}

/// What a [`DownBlock`] consists of.
#[derive(Clone, Copy, Debug)]
pub struct DownBlockConfig {
    /// Side of the kernel.
    pub kernel: i64,
    /// Stride: 1 keeps the side (for an odd kernel), 2 halves it.
    pub stride: i64,
    /// Zeros around the input.
    pub padding: Padding,
    /// Normalisation after the convolution.
    pub norm: NormKind,
    /// Activation after the normalisation.
    pub activation: Activation,
    /// Whether the convolution has a bias.
    pub bias: bool,
    /// Whether the convolution's weight is spectrally normalised.
    pub spectral_norm: bool,
}

/// A 4x4 convolution of stride 2 without bias, batch norm, leaky ReLU of slope 0.2.
impl Default for DownBlockConfig {
    fn default() -> Self {
        Self {
            kernel: 4,
            stride: 2,
            padding: Padding::Symmetric,
            norm: NormKind::Batch,
            activation: Activation::LeakyRelu(0.2),
            bias: false,
            spectral_norm: false,
        }
    }
}

impl DownBlockConfig {
    /// Zeros added before and after an input of this side.
    fn zeros(&self, side: i64) -> (i64, i64) {
        match self.padding {
            Padding::Symmetric => ((self.kernel - 1) / 2, (self.kernel - 1) / 2),
            Padding::Same => {
                let covered = ((side + self.stride - 1) / self.stride - 1) * self.stride;
                let zeros = (covered + self.kernel - side).max(0);
                (zeros / 2, zeros - zeros / 2)
            }
        }
    }

    /// Side of the output for an input of this side.
    pub fn side(&self, side: i64) -> i64 {
        let (before, after) = self.zeros(side);
        (before + side + after - self.kernel) / self.stride + 1
    }
}

/// `[n, inputs, h, w] -> [n, outputs, h/stride, w/stride]`.
pub struct DownBlock {
    conv: Conv2d,
    config: DownBlockConfig,
    tail: Tail,
}

impl DownBlock {
    /// A block with its variables below `path`: `conv`, `norm` and `activation`.
    pub fn new(path: nn::Path, inputs: i64, outputs: i64, config: DownBlockConfig) -> Self {
        let DownBlockConfig { kernel, stride, padding, norm, activation, bias, spectral_norm } =
            config;
        // Zeros that depend on the input's side are added before the convolution.
        let padding = if padding == Padding::Symmetric { config.zeros(0).0 } else { 0 };
        let conv = ConvConfig { kernel, stride, padding, bias, spectral_norm };
        Self {
            conv: Conv2d::new(&path / "conv", inputs, outputs, conv),
            config,
            tail: Tail::new(&path, norm, activation, outputs),
        }
    }

    /// The block's output for `x`.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        let conv = match self.config.padding {
            Padding::Symmetric => self.conv.forward(x, mode),
            Padding::Same => {
                let size = x.size();
                let (top, bottom) = self.config.zeros(size[2]);
                let (left, right) = self.config.zeros(size[3]);
                self.conv.forward(&x.constant_pad_nd([left, right, top, bottom]), mode)
            }
        };
        self.tail.forward(&conv, mode)
    }
}

/// What follows the convolution.
struct Tail {
    norm: Norm,
    activation: ActivationLayer,
}

impl Tail {
    fn new(path: &nn::Path, norm: NormKind, activation: Activation, channels: i64) -> Self {
        Self {
            norm: Norm::new(path / "norm", norm, channels),
            activation: ActivationLayer::new(path / "activation", activation, channels),
        }
    }

    fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        self.activation.forward(&self.norm.forward(x, mode))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn blocks_double_and_halve_the_side_for_every_kernel() {
        let store = nn::VarStore::new(Device::Cpu);
        let x = Tensor::zeros([2, 3, 8, 8], (Kind::Float, Device::Cpu));
        for kernel in 2..=5 {
            for upsampling in [Upsampling::Transposed, Upsampling::NearestThenConv] {
                if upsampling == Upsampling::NearestThenConv && kernel % 2 == 0 {
                    continue;
                }
                let config = UpBlockConfig { upsampling, kernel, ..Default::default() };
                let block = UpBlock::new(store.root() / format!("up{kernel}"), 3, 5, config);
                assert_eq!(block.forward(&x, Mode::Eval).size(), [2, 5, 16, 16], "{config:?}");
            }
        }
        for (kernel, stride, side) in [(3, 2, 4), (4, 2, 4), (5, 2, 4), (3, 1, 8), (5, 1, 8)] {
            let config = DownBlockConfig { kernel, stride, ..Default::default() };
            let block = DownBlock::new(store.root() / format!("d{kernel}{stride}"), 3, 5, config);
            assert_eq!(config.side(8), side, "{config:?}");
            assert_eq!(block.forward(&x, Mode::Eval).size(), [2, 5, side, side], "{config:?}");
        }
    }
}
