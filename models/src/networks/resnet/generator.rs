//! The residual generator.

use tch::{Tensor, nn};

use super::blocks::{UpSamplingBlock, conv3x3};
use super::{SMALLEST_SIDE, doublings};
use crate::networks::layers::{
    AttentionConfig, ConditionalBatchNorm, Conv2d, Linear, LinearConfig, Norm, NormKind,
    SelfAttention,
};
use crate::networks::{Dimensions, Generator, Mode};

/// What gain and offset of conditional batch norm depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditioning {
    /// On the label, by two tables.
    Label,
    /// On a learnt vector of the label, by two linear layers, all spectrally normalised.
    LabelEmbedding,
}

impl Conditioning {
    /// The layer below `path`.
    pub(super) fn norm(self, path: nn::Path, classes: i64, channels: i64) -> ConditionalBatchNorm {
        match self {
            Self::Label => ConditionalBatchNorm::of_labels(path, classes, channels, false),
            Self::LabelEmbedding => {
                let linear = LinearConfig { spectral_norm: true, ..Default::default() };
                ConditionalBatchNorm::of_embedding(path, classes, channels, linear)
            }
        }
    }
}

/// What a [`ResnetGenerator`] is made of beyond its sizes.
#[derive(Clone, Copy, Debug)]
pub struct ResnetGeneratorOptions {
    /// How the label enters.
    pub conditioning: Conditioning,
    /// Whether the first, dense layer is spectrally normalised; all others are.
    pub spectral_norm_dense: bool,
    /// Whether the map at half of the image's side attends to itself.
    pub attention: bool,
}

/// The generator.
pub struct ResnetGenerator {
    dense: Linear,
    blocks: Vec<UpSamplingBlock>,
    attention: Option<SelfAttention>,
    norm: Norm,
    image: Conv2d,
    channels: i64,
}

impl ResnetGenerator {
    /// A generator with its variables under `path` and blocks of `channels` channels.
    pub fn new(
        path: nn::Path,
        latent_dim: i64,
        channels: i64,
        dimensions: Dimensions,
        options: ResnetGeneratorOptions,
    ) -> Self {
        let ResnetGeneratorOptions { conditioning, spectral_norm_dense, attention } = options;
        let dense = LinearConfig { spectral_norm: spectral_norm_dense, ..Default::default() };
        let first_map = channels * SMALLEST_SIDE * SMALLEST_SIDE;
        let classes = dimensions.classes;
        let block = |i| {
            let path = &path / format!("block{i}");
            UpSamplingBlock::new(path, channels, classes, conditioning)
        };
        Self {
            dense: Linear::new(&path / "dense", latent_dim, first_map, dense),
            blocks: (0..doublings(dimensions.size)).map(block).collect(),
            attention: attention.then(|| {
                let config = AttentionConfig::sagan(channels, true);
                SelfAttention::new(&path / "attention", channels, config)
            }),
            norm: Norm::new(&path / "norm", NormKind::Batch, channels),
            image: conv3x3(&path / "image", channels, dimensions.channels),
            channels,
        }
    }
}

impl Generator for ResnetGenerator {
    fn forward(&self, latents: &Tensor, labels: &Tensor, mode: Mode) -> Tensor {
        let shape = [-1, self.channels, SMALLEST_SIDE, SMALLEST_SIDE];
        let mut x = self.dense.forward(latents, mode).view(shape);
        for (i, block) in self.blocks.iter().enumerate() {
            // Before the last block the map has half of the image's side.
            if i + 1 == self.blocks.len()
                && let Some(attention) = &self.attention
            {
                x = attention.forward(&x, mode);
            }
            x = block.forward(&x, labels, mode);
        }
        let image = self.image.forward(&self.norm.forward(&x, mode).relu(), mode);
        mode.in_full(&image).tanh()
    }
}
