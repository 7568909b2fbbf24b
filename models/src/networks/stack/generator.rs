//! Dense layer, blocks that double the side, convolution to the image.

use tch::{Tensor, nn};

use crate::networks::labels::{LabelInput, LabelJoin};
use crate::networks::layers::{
    ActivationLayer, AttentionConfig, Conv2d, ConvConfig, Linear, LinearConfig, Norm,
    SelfAttention, UpBlock, UpBlockConfig, upsample_nearest,
};
use crate::networks::{Dimensions, Generator, Mode};

/// One block of a [`StackGenerator`].
#[derive(Clone, Copy, Debug)]
pub struct UpLayer {
    /// Its channels, as a multiple of the generator's.
    pub width: i64,
    /// What it is made of.
    pub block: UpBlockConfig,
}

/// What a [`StackGenerator`] is made of.
#[derive(Clone, Copy, Debug)]
pub struct StackGeneratorConfig {
    /// How the label enters.
    pub labels: LabelInput,
    /// Channels of the dense layer's maps, as a multiple of the generator's.
    pub stem_width: i64,
    /// The blocks. The dense layer is followed by the first one's norm and activation.
    pub layers: &'static [UpLayer],
    /// Whether the maps that enter the last block attend to themselves.
    pub attention: bool,
    /// Whether the first block's maps, up-sampled and projected by a 1x1 convolution, are added to
    /// the second one's.
    pub skip: bool,
    /// Whether the dense layer's and the last convolution's weights are spectrally normalised, as
    /// those of the blocks may be.
    pub spectral_norm: bool,
}

/// The generator.
pub struct StackGenerator {
    labels: LabelJoin,
    dense: Linear,
    norm: Norm,
    activation: ActivationLayer,
    /// Channels and side of the dense layer's maps.
    stem: (i64, i64),
    blocks: Vec<UpBlock>,
    attention: Option<SelfAttention>,
    skip: Option<Conv2d>,
    image: Conv2d,
}

impl StackGenerator {
    /// A generator with its variables under `path`; `channels` is the width that the layers' are
    /// multiples of. The image's side must be divisible by 2 for every block.
    pub fn new(
        path: nn::Path,
        latent_dim: i64,
        channels: i64,
        dimensions: Dimensions,
        config: StackGeneratorConfig,
    ) -> Self {
        let StackGeneratorConfig { layers, spectral_norm, .. } = config;
        let (labels, inputs) = LabelJoin::new(&path, config.labels, latent_dim, dimensions.classes);
        let side = dimensions.size >> layers.len();
        let stem_channels = config.stem_width * channels;
        let first = layers[0].block;
        let dense = LinearConfig { bias: first.bias, spectral_norm };
        let mut width = stem_channels;
        let mut blocks = Vec::new();
        let mut attention = None;
        for (i, layer) in layers.iter().enumerate() {
            if config.attention && i + 1 == layers.len() {
                let sizes = AttentionConfig::sagan(width, spectral_norm);
                attention = Some(SelfAttention::new(&path / "attention", width, sizes));
            }
            let outputs = layer.width * channels;
            blocks.push(UpBlock::new(&path / format!("block{i}"), width, outputs, layer.block));
            width = outputs;
        }
        let skip = config.skip.then(|| {
            let pointwise =
                ConvConfig { kernel: 1, padding: 0, spectral_norm, ..Default::default() };
            let (from, to) = (layers[0].width * channels, layers[1].width * channels);
            Conv2d::new(&path / "skip", from, to, pointwise)
        });
        let last = ConvConfig { spectral_norm, ..Default::default() };
        Self {
            dense: Linear::new(&path / "dense", inputs, stem_channels * side * side, dense),
            norm: Norm::new(&path / "norm", first.norm, stem_channels),
            activation: ActivationLayer::new(&path / "activation", first.activation, stem_channels),
            image: Conv2d::new(&path / "image", width, dimensions.channels, last),
            labels,
            stem: (stem_channels, side),
            blocks,
            attention,
            skip,
        }
    }
}

impl Generator for StackGenerator {
    fn forward(&self, latents: &Tensor, labels: &Tensor, mode: Mode) -> Tensor {
        let (channels, side) = self.stem;
        let input = self.labels.forward(latents, labels, mode);
        let maps = self.dense.forward(&input, mode).view([-1, channels, side, side]);
        let mut x = self.activation.forward(&self.norm.forward(&maps, mode));
        let mut skipped = None;
        for (i, block) in self.blocks.iter().enumerate() {
            if let Some(attention) = self.attention.as_ref().filter(|_| i + 1 == self.blocks.len())
            {
                x = attention.forward(&x, mode);
            }
            x = block.forward(&x, mode);
            match &self.skip {
                Some(skip) if i == 0 => skipped = Some(skip.forward(&upsample_nearest(&x), mode)),
                _ => {
                    if let Some(skipped) = skipped.take() {
                        x = &x + skipped;
                    }
                }
            }
        }
        mode.in_full(&self.image.forward(&x, mode)).tanh()
    }
}
