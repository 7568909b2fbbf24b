//! Self-attention over the pixels of a feature map.

use tch::{Kind, Tensor, nn};

use super::{Conv2d, ConvConfig};
use crate::networks::Mode;

/// Sizes of a self-attention layer.
#[derive(Clone, Copy, Debug)]
pub struct AttentionConfig {
    /// Channels of queries and keys; an eighth of the map's in Zhang et al. 2019.
    pub query_channels: i64,
    /// Channels of values.
    pub value_channels: i64,
    /// Whether keys and values are 2x2 max-pooled: a quarter of the work.
    pub pool: bool,
    /// Whether all four convolutions are spectrally normalised.
    pub spectral_norm: bool,
}

impl AttentionConfig {
    /// The sizes of the authors' code for maps of `channels` channels: queries of an eighth of
    /// them, values of half, pooled.
    pub fn sagan(channels: i64, spectral_norm: bool) -> Self {
        let (query_channels, value_channels) = ((channels / 8).max(1), (channels / 2).max(1));
        Self { query_channels, value_channels, pool: true, spectral_norm }
    }
}

/// The self-attention of SAGAN (Zhang et al. 2019, section 3): `x + gamma * attend(x)` with
/// 1x1 convolutions for queries, keys, values and output. `gamma` is learnt and starts at 0, so
/// that the layer starts as the identity.
pub struct SelfAttention {
    query: Conv2d,
    key: Conv2d,
    value: Conv2d,
    output: Conv2d,
    gamma: Tensor,
    pool: bool,
}

impl SelfAttention {
    /// A layer for maps of `channels` channels, its variables below `path`.
    pub fn new(path: nn::Path, channels: i64, config: AttentionConfig) -> Self {
        let AttentionConfig { query_channels, value_channels, pool, spectral_norm } = config;
        let pointwise = |name: &str, inputs, outputs| {
            let config = ConvConfig { kernel: 1, padding: 0, spectral_norm, ..Default::default() };
            Conv2d::new(&path / name, inputs, outputs, config)
        };
        Self {
            query: pointwise("query", channels, query_channels),
            key: pointwise("key", channels, query_channels),
            value: pointwise("value", channels, value_channels),
            output: pointwise("output", value_channels, channels),
            gamma: path.zeros("gamma", &[1]),
            pool,
        }
    }

    /// `x` `[n, channels, h, w]` with what each pixel attends to added; `h` and `w` are even if
    /// keys and values are pooled.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        let pooled = |map: Tensor| {
            let map =
                if self.pool { map.max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false) } else { map };
            map.flatten(2, 3)
        };
        let queries = self.query.forward(x, mode).flatten(2, 3);
        let keys = pooled(self.key.forward(x, mode));
        let values = pooled(self.value.forward(x, mode));
        // Row i holds the weights with which pixel i attends to the others.
        let likeness = mode.in_full(&queries.transpose(1, 2).bmm(&keys));
        let weights = likeness.softmax(-1, None::<Kind>);
        if let Mode::Observe(observed) = mode {
            observed.keep(&weights);
        }
        let weights = mode.for_product(&weights);
        let attended = values.bmm(&weights.transpose(1, 2));
        let (height, width) = (x.size()[2], x.size()[3]);
        let attended = attended.view([x.size()[0], -1, height, width]);
        x + self.output.forward(&attended, mode) * &self.gamma
    }
}
