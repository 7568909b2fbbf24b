//! Blocks of convolutions, then a dense layer.

use tch::{Tensor, nn};

use crate::networks::labels::{LabelPlane, LabelPlaneLayer};
use crate::networks::layers::{
    AttentionConfig, DownBlock, DownBlockConfig, Linear, LinearConfig, SelfAttention, dropout,
};
use crate::networks::{Dimensions, Discriminator, Dropout, Mode, Verdict};

/// One block of a [`StackDiscriminator`].
#[derive(Clone, Copy, Debug)]
pub struct DownLayer {
    /// Its channels, as a multiple of the discriminator's.
    pub width: i64,
    /// What it is made of.
    pub block: DownBlockConfig,
}

/// What a [`StackDiscriminator`] is made of.
#[derive(Clone, Copy, Debug)]
pub struct StackDiscriminatorConfig {
    /// How the label enters.
    pub labels: LabelPlane,
    /// The blocks; kernels of 3 take an image of any side.
    pub layers: &'static [DownLayer],
    /// Whether the first block's maps attend to themselves.
    pub attention: bool,
    /// Whether the dense layer's weight is spectrally normalised, as those of the blocks may be.
    pub spectral_norm: bool,
}

/// The discriminator.
pub struct StackDiscriminator {
    labels: LabelPlaneLayer,
    blocks: Vec<DownBlock>,
    attention: Option<SelfAttention>,
    dropout: f64,
    /// Numbers of the last map.
    features: i64,
    realness: Linear,
}

impl StackDiscriminator {
    /// A discriminator with its variables under `path`; `channels` is the width that the layers'
    /// are multiples of, `dropout` the probability of dropout before the dense layer.
    pub fn new(
        path: nn::Path,
        channels: i64,
        dropout: f64,
        dimensions: Dimensions,
        config: StackDiscriminatorConfig,
    ) -> Self {
        let StackDiscriminatorConfig { layers, spectral_norm, .. } = config;
        let Dimensions { size, classes, .. } = dimensions;
        let labels = LabelPlaneLayer::new(&path, config.labels, classes, size);
        let mut width = dimensions.channels + labels.channels();
        let mut side = size;
        let mut blocks = Vec::new();
        for (i, layer) in layers.iter().enumerate() {
            let outputs = layer.width * channels;
            blocks.push(DownBlock::new(&path / format!("block{i}"), width, outputs, layer.block));
            width = outputs;
            side = layer.block.side(side);
        }
        let attention = config.attention.then(|| {
            let first = layers[0].width * channels;
            let sizes = AttentionConfig::sagan(first, spectral_norm);
            SelfAttention::new(&path / "attention", first, sizes)
        });
        let dense = LinearConfig { spectral_norm, ..Default::default() };
        Self {
            realness: Linear::new(&path / "realness", width * side * side, 1, dense),
            labels,
            blocks,
            attention,
            dropout,
            features: width * side * side,
        }
    }
}

impl Discriminator for StackDiscriminator {
    fn forward(&self, images: &Tensor, labels: &Tensor, mode: Mode) -> Verdict {
        let mut x = self.labels.forward(images, labels, mode);
        for (i, block) in self.blocks.iter().enumerate() {
            x = block.forward(&x, mode);
            if let Some(attention) = self.attention.as_ref().filter(|_| i == 0) {
                x = attention.forward(&x, mode);
            }
        }
        let flat = dropout(&x.flatten(1, -1), self.dropout, mode);
        let realness = mode.in_full(&self.realness.forward(&flat, mode));
        Verdict { realness: realness.view([-1]), classes: None }
    }

    fn dropouts(&self) -> Vec<Dropout> {
        Dropout::if_any(self.features, self.dropout).into_iter().collect()
    }
}
