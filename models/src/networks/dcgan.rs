//! The convolutional networks of Radford et al. 2016, scaled to the image's size.
//!
//! The generator takes the latent (with the one-hot label appended where it is conditional) to a
//! 4x4 map by a transposed convolution and doubles the resolution until the image's size, halving
//! the channels each time. The discriminator mirrors it. For 32x32 images and 64 channels:
//!
//! ```text
//! G: latent -> 256 @ 4x4 -> 128 @ 8x8 -> 64 @ 16x16 -> c @ 32x32     batch norm + ReLU, tanh last
//! D: c @ 32x32 -> 64 @ 16x16 -> 128 @ 8x8 -> 256 @ 4x4 -> heads       norm + leaky ReLU 0.2
//! ```

use tch::{Tensor, nn, nn::ModuleT};

use super::activations::leaky_relu;
use super::{Dimensions, Discriminator, Generator, Verdict};

/// Normalisation between the discriminator's layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Batch norm, except in the first layer (Radford et al. 2016).
    Batch,
    /// Layer norm over channels and pixels with a gain and offset per channel, except in the
    /// first layer: what a gradient penalty allows (Gulrajani et al. 2017, section 4).
    Layer,
}

enum NormLayer {
    None,
    Batch(nn::BatchNorm),
    Layer(nn::GroupNorm),
}

impl NormLayer {
    fn forward(&self, x: Tensor, train: bool) -> Tensor {
        match self {
            Self::None => x,
            Self::Batch(norm) => norm.forward_t(&x, train),
            Self::Layer(norm) => x.apply(norm),
        }
    }
}

/// Number of doublings from 4x4 to the image's size.
fn doublings(size: i64) -> u32 {
    (size / 4).ilog2()
}

/// The transposed-convolution generator.
pub struct DcganGenerator {
    layers: Vec<(nn::ConvTranspose2D, NormLayer)>,
    label_classes: Option<i64>,
}

impl DcganGenerator {
    /// A generator with its variables under `path`; `channels` is the width before the last layer.
    pub fn new(
        path: nn::Path,
        latent_dim: i64,
        channels: i64,
        dimensions: Dimensions,
        conditional: bool,
    ) -> Self {
        let label_classes = conditional.then_some(dimensions.classes);
        let steps = doublings(dimensions.size);
        let mut inputs = latent_dim + label_classes.unwrap_or(0);
        let mut layers = Vec::new();
        for i in 0..=steps {
            let last = i == steps;
            let outputs = if last { dimensions.channels } else { channels << (steps - 1 - i) };
            let config = nn::ConvTransposeConfig {
                stride: if i == 0 { 1 } else { 2 },
                padding: if i == 0 { 0 } else { 1 },
                bias: last,
                ..Default::default()
            };
            let path = &path / format!("layer{i}");
            let norm = if last {
                NormLayer::None
            } else {
                NormLayer::Batch(nn::batch_norm2d(&path / "norm", outputs, Default::default()))
            };
            let conv = nn::conv_transpose2d(&path / "conv", inputs, outputs, 4, config);
            layers.push((conv, norm));
            inputs = outputs;
        }
        Self { layers, label_classes }
    }
}

impl Generator for DcganGenerator {
    fn forward(&self, latents: &Tensor, labels: &Tensor, train: bool) -> Tensor {
        let mut x = match self.label_classes {
            Some(classes) => {
                let one_hot = labels.one_hot(classes).to_kind(latents.kind());
                Tensor::cat(&[latents, &one_hot], 1)
            }
            None => latents.shallow_clone(),
        }
        .unsqueeze(-1)
        .unsqueeze(-1);
        for (i, (conv, norm)) in self.layers.iter().enumerate() {
            x = norm.forward(x.apply(conv), train);
            x = if i + 1 == self.layers.len() { x.tanh() } else { x.relu() };
        }
        x
    }
}

/// The strided-convolution discriminator, with a class head beside the realness head on request.
pub struct DcganDiscriminator {
    layers: Vec<(nn::Conv2D, NormLayer)>,
    realness: nn::Conv2D,
    classes: Option<nn::Conv2D>,
}

impl DcganDiscriminator {
    /// A discriminator with its variables under `path`; `channels` is the first layer's width.
    pub fn new(
        path: nn::Path,
        channels: i64,
        dimensions: Dimensions,
        norm: Norm,
        class_head: bool,
    ) -> Self {
        let mut inputs = dimensions.channels;
        let mut layers = Vec::new();
        for i in 0..doublings(dimensions.size) {
            let outputs = channels << i;
            let path = &path / format!("layer{i}");
            let norm_layer = match norm {
                _ if i == 0 => NormLayer::None,
                Norm::Batch => {
                    NormLayer::Batch(nn::batch_norm2d(&path / "norm", outputs, Default::default()))
                }
                Norm::Layer => {
                    NormLayer::Layer(nn::group_norm(&path / "norm", 1, outputs, Default::default()))
                }
            };
            let config =
                nn::ConvConfig { stride: 2, padding: 1, bias: i == 0, ..Default::default() };
            layers.push((nn::conv2d(&path / "conv", inputs, outputs, 4, config), norm_layer));
            inputs = outputs;
        }
        let head = |name: &str, outputs: i64| {
            nn::conv2d(&path / name, inputs, outputs, 4, Default::default())
        };
        Self {
            realness: head("realness", 1),
            classes: class_head.then(|| head("classes", dimensions.classes)),
            layers,
        }
    }
}

impl Discriminator for DcganDiscriminator {
    fn forward(&self, images: &Tensor, _labels: &Tensor, train: bool) -> Verdict {
        let mut x = images.shallow_clone();
        for (conv, norm) in &self.layers {
            x = leaky_relu(&norm.forward(x.apply(conv), train), 0.2);
        }
        Verdict {
            realness: x.apply(&self.realness).view([-1]),
            classes: self.classes.as_ref().map(|head| x.apply(head).flatten(1, -1)),
        }
    }
}
