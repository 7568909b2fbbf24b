//! The transposed-convolution generator.

use tch::{Tensor, nn};

use super::{KERNEL, doublings};
use crate::networks::labels::{LabelInput, LabelJoin};
use crate::networks::layers::{
    AttentionConfig, ConvTranspose2d, ConvTransposeConfig, Norm, NormKind, SelfAttention,
};
use crate::networks::{Dimensions, Generator, Mode};

/// What a [`DcganGenerator`] is made of beyond its sizes.
#[derive(Clone, Copy, Debug)]
pub struct GeneratorOptions {
    /// How the label enters.
    pub labels: LabelInput,
    /// Whether every convolution's weight is spectrally normalised.
    pub spectral_norm: bool,
    /// Whether the map at a quarter of the image's side (at least 4x4) attends to itself.
    pub attention: bool,
    /// Whether the last layer has a bias.
    pub last_bias: bool,
}

/// The unconditional generator of Radford et al. 2016.
impl Default for GeneratorOptions {
    fn default() -> Self {
        Self { labels: LabelInput::None, spectral_norm: false, attention: false, last_bias: true }
    }
}

/// The generator: transposed convolutions, each followed by batch norm and ReLU, the last by tanh.
pub struct DcganGenerator {
    labels: LabelJoin,
    layers: Vec<(ConvTranspose2d, Norm)>,
    attention: Option<SelfAttention>,
}

impl DcganGenerator {
    /// A generator with its variables under `path`; `channels` is the width before the last
    /// layer. A conditional one is given the one-hot label.
    pub fn new(
        path: nn::Path,
        latent_dim: i64,
        channels: i64,
        dimensions: Dimensions,
        conditional: bool,
    ) -> Self {
        let labels = if conditional { LabelInput::OneHot } else { LabelInput::None };
        let options = GeneratorOptions { labels, ..Default::default() };
        Self::with_options(path, latent_dim, channels, dimensions, options)
    }

    /// A generator with its variables under `path`; `channels` is the width before the last layer.
    pub fn with_options(
        path: nn::Path,
        latent_dim: i64,
        channels: i64,
        dimensions: Dimensions,
        options: GeneratorOptions,
    ) -> Self {
        let GeneratorOptions { labels, spectral_norm, attention, last_bias } = options;
        let (labels, mut inputs) = LabelJoin::new(&path, labels, latent_dim, dimensions.classes);
        let doublings = doublings(dimensions.size);
        let width = |i: u32| channels << (doublings - 1 - i);
        let mut layers = Vec::new();
        for i in 0..=doublings {
            let last = i == doublings;
            let (outputs, norm) = if last {
                (dimensions.channels, NormKind::None)
            } else {
                (width(i), NormKind::Batch)
            };
            let config = ConvTransposeConfig {
                kernel: KERNEL,
                stride: if i == 0 { 1 } else { 2 },
                padding: if i == 0 { 0 } else { 1 },
                bias: last && last_bias,
                spectral_norm,
                ..Default::default()
            };
            let path = &path / format!("layer{i}");
            let conv = ConvTranspose2d::new(&path / "conv", inputs, outputs, config);
            layers.push((conv, Norm::new(&path / "norm", norm, outputs)));
            inputs = outputs;
        }
        let attention = attention.then(|| {
            let channels = width(attention_layer(doublings));
            let config = AttentionConfig::sagan(channels, spectral_norm);
            SelfAttention::new(&path / "attention", channels, config)
        });
        Self { labels, layers, attention }
    }
}

/// The layer whose map has a quarter of the image's side, or the first.
fn attention_layer(doublings: u32) -> u32 {
    doublings.saturating_sub(2)
}

impl Generator for DcganGenerator {
    fn forward(&self, latents: &Tensor, labels: &Tensor, mode: Mode) -> Tensor {
        let mut x = self.labels.forward(latents, labels, mode).unsqueeze(-1).unsqueeze(-1);
        let last = self.layers.len() - 1;
        for (i, (conv, norm)) in self.layers.iter().enumerate() {
            x = norm.forward(&conv.forward(&x, mode), mode);
            x = if i == last { mode.in_full(&x).tanh() } else { x.relu() };
            match &self.attention {
                Some(attention) if i == attention_layer(last as u32) as usize => {
                    x = attention.forward(&x, mode);
                }
                _ => {}
            }
        }
        x
    }
}
