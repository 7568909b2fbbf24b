//! The strided-convolution discriminator.

use tch::{Tensor, nn};

use super::{KERNEL, doublings};
use crate::networks::labels::{LabelPlane, LabelPlaneLayer};
use crate::networks::layers::{
    AttentionConfig, Conv2d, ConvConfig, DownBlock, DownBlockConfig, NormKind, SelfAttention,
    dropout2d,
};
use crate::networks::{Dimensions, Discriminator, Dropout, Mode, Verdict};

/// What a [`DcganDiscriminator`] is made of beyond its sizes.
#[derive(Clone, Copy, Debug)]
pub struct DiscriminatorOptions {
    /// Normalisation after each convolution but the first.
    pub norm: NormKind,
    /// How the label enters.
    pub labels: LabelPlane,
    /// Whether a head beside the realness head gives class logits.
    pub class_head: bool,
    /// Whether every convolution's weight is spectrally normalised.
    pub spectral_norm: bool,
    /// Whether the map at a quarter of the image's side (at least 4x4) attends to itself.
    pub attention: bool,
    /// Probability with which whole channels are dropped before the heads, in `[0, 1)`.
    pub dropout: f64,
    /// Whether the first convolution and the heads have biases; a norm serves the others.
    pub bias: bool,
}

/// The discriminator of Radford et al. 2016.
impl Default for DiscriminatorOptions {
    fn default() -> Self {
        Self {
            norm: NormKind::Batch,
            labels: LabelPlane::None,
            class_head: false,
            spectral_norm: false,
            attention: false,
            dropout: 0.0,
            bias: true,
        }
    }
}

/// The layer after which the map has a quarter of the image's side.
const ATTENTION_LAYER: usize = 1;

/// The discriminator: convolutions of stride 2, each followed by a norm and leaky ReLU, then a
/// convolution over the last map as head.
pub struct DcganDiscriminator {
    labels: LabelPlaneLayer,
    layers: Vec<DownBlock>,
    attention: Option<SelfAttention>,
    dropout: f64,
    /// Channels of the last map.
    features: i64,
    realness: Conv2d,
    classes: Option<Conv2d>,
}

impl DcganDiscriminator {
    /// A discriminator with its variables under `path`; `channels` is the first layer's width.
    ///
    /// [`NormKind::Layer`] is what a gradient penalty allows (Gulrajani et al. 2017, section 4).
    pub fn new(
        path: nn::Path,
        channels: i64,
        dimensions: Dimensions,
        norm: NormKind,
        class_head: bool,
    ) -> Self {
        let options = DiscriminatorOptions { norm, class_head, ..Default::default() };
        Self::with_options(path, channels, dimensions, options)
    }

    /// A discriminator with its variables under `path`; `channels` is the first layer's width.
    pub fn with_options(
        path: nn::Path,
        channels: i64,
        dimensions: Dimensions,
        options: DiscriminatorOptions,
    ) -> Self {
        let DiscriminatorOptions { spectral_norm, bias, .. } = options;
        let labels =
            LabelPlaneLayer::new(&path, options.labels, dimensions.classes, dimensions.size);
        let mut inputs = dimensions.channels + labels.channels();
        let mut layers = Vec::new();
        for i in 0..doublings(dimensions.size) {
            let outputs = channels << i;
            let config = DownBlockConfig {
                norm: if i == 0 { NormKind::None } else { options.norm },
                bias: i == 0 && bias,
                spectral_norm,
                ..Default::default()
            };
            layers.push(DownBlock::new(&path / format!("layer{i}"), inputs, outputs, config));
            inputs = outputs;
        }
        let attention = options.attention.then(|| {
            let channels = channels << ATTENTION_LAYER.min(layers.len() - 1);
            let config = AttentionConfig::sagan(channels, spectral_norm);
            SelfAttention::new(&path / "attention", channels, config)
        });
        let head = |name: &str, outputs: i64| {
            let config = ConvConfig { kernel: KERNEL, stride: 1, padding: 0, bias, spectral_norm };
            Conv2d::new(&path / name, inputs, outputs, config)
        };
        Self {
            labels,
            attention,
            dropout: options.dropout,
            features: inputs,
            realness: head("realness", 1),
            classes: options.class_head.then(|| head("classes", dimensions.classes)),
            layers,
        }
    }
}

impl Discriminator for DcganDiscriminator {
    fn forward(&self, images: &Tensor, labels: &Tensor, mode: Mode) -> Verdict {
        let mut x = self.labels.forward(images, labels, mode);
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x, mode);
            match &self.attention {
                Some(attention) if i == ATTENTION_LAYER.min(self.layers.len() - 1) => {
                    x = attention.forward(&x, mode);
                }
                _ => {}
            }
        }
        let x = dropout2d(&x, self.dropout, mode);
        let judged = |head: &Conv2d| mode.in_full(&head.forward(&x, mode)).flatten(1, -1);
        Verdict {
            realness: judged(&self.realness).view([-1]),
            classes: self.classes.as_ref().map(judged),
        }
    }

    fn classifies(&self) -> bool {
        self.classes.is_some()
    }

    fn dropouts(&self) -> Vec<Dropout> {
        Dropout::if_any(self.features, self.dropout).into_iter().collect()
    }
}
