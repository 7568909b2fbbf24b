//! The residual projection discriminator.

use tch::{Kind, Tensor, nn};

use super::blocks::DownSamplingBlock;
use super::doublings;
use crate::networks::layers::{AttentionConfig, LinearConfig, ProjectionHead, SelfAttention};
use crate::networks::{Dimensions, Discriminator, Mode, Verdict};

/// The discriminator, spectrally normalised throughout.
pub struct ResnetDiscriminator {
    first: DownSamplingBlock,
    attention: Option<SelfAttention>,
    blocks: Vec<DownSamplingBlock>,
    head: ProjectionHead,
}

impl ResnetDiscriminator {
    /// A discriminator with its variables under `path` and blocks of `channels` channels; with
    /// `attention`, the map at half of the image's side attends to itself.
    pub fn new(path: nn::Path, channels: i64, dimensions: Dimensions, attention: bool) -> Self {
        let halving = doublings(dimensions.size);
        let block = |i| {
            let path = &path / format!("block{i}");
            DownSamplingBlock::new(path, channels, channels, i < halving)
        };
        let linear = LinearConfig { bias: false, spectral_norm: true };
        Self {
            first: DownSamplingBlock::first(&path / "block0", dimensions.channels, channels),
            attention: attention.then(|| {
                let config = AttentionConfig::sagan(channels, true);
                SelfAttention::new(&path / "attention", channels, config)
            }),
            blocks: (1..=halving).map(block).collect(),
            head: ProjectionHead::new(&path / "head", dimensions.classes, channels, linear),
        }
    }
}

impl Discriminator for ResnetDiscriminator {
    fn forward(&self, images: &Tensor, labels: &Tensor, mode: Mode) -> Verdict {
        let mut x = self.first.forward(images, mode);
        if let Some(attention) = &self.attention {
            x = attention.forward(&x, mode);
        }
        for block in &self.blocks {
            x = block.forward(&x, mode);
        }
        let features = mode.in_full(&x.relu()).mean_dim([2i64, 3].as_slice(), false, None::<Kind>);
        let realness = self.head.forward(&features, labels, mode);
        Verdict { realness, classes: None }
    }
}
