//! Architecture: a stem, then one strided convolution and one residual block per stage, a global
//! average pool and a linear classifier.
//!
//! ```text
//! [n, 3, 32, 32] -> stem 32 -> 48 @ 16x16 -> 96 @ 8x8 -> 160 @ 4x4 -> pool [n, 160] -> [n, classes]
//! ```
//!
//! Every convolution is 3x3 without bias and followed by batch norm; the last activation before
//! the pool is a ReLU, so the features are non-negative.

use tch::{Tensor, nn, nn::ModuleT};

/// Channels of the stem.
pub const STEM: i64 = 32;
/// Channels of the stages; each halves the resolution.
pub const STAGES: [i64; 3] = [48, 96, 160];
/// Dimension of the pooled features.
pub const FEATURES: i64 = STAGES[STAGES.len() - 1];

/// A convolution and its batch norm.
#[derive(Debug)]
pub(super) struct NormalisedConv {
    pub(super) conv: nn::Conv2D,
    pub(super) norm: nn::BatchNorm,
    pub(super) stride: i64,
}

impl NormalisedConv {
    fn new(path: nn::Path, inputs: i64, outputs: i64, stride: i64) -> Self {
        let config = nn::ConvConfig { stride, padding: 1, bias: false, ..Default::default() };
        Self {
            conv: nn::conv2d(&path / "conv", inputs, outputs, 3, config),
            norm: nn::batch_norm2d(&path / "norm", outputs, Default::default()),
            stride,
        }
    }

    fn forward(&self, x: &Tensor, train: bool) -> Tensor {
        self.norm.forward_t(&x.apply(&self.conv), train)
    }
}

/// One stage: a strided convolution, then `relu(x + conv(relu(conv(x))))`.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) down: NormalisedConv,
    pub(super) first: NormalisedConv,
    pub(super) second: NormalisedConv,
}

/// The classifier.
#[derive(Debug)]
pub struct Classifier {
    pub(super) stem: NormalisedConv,
    pub(super) stages: Vec<Stage>,
    pub(super) head: nn::Linear,
}

impl Classifier {
    /// Builds the network for RGB images with its variables under `path`.
    pub fn new(path: nn::Path, classes: i64) -> Self {
        let stem = NormalisedConv::new(&path / "stem", 3, STEM, 1);
        let mut inputs = STEM;
        let mut stages = Vec::new();
        for (i, outputs) in STAGES.into_iter().enumerate() {
            let path = &path / format!("stage{i}");
            stages.push(Stage {
                down: NormalisedConv::new(&path / "down", inputs, outputs, 2),
                first: NormalisedConv::new(&path / "first", outputs, outputs, 1),
                second: NormalisedConv::new(&path / "second", outputs, outputs, 1),
            });
            inputs = outputs;
        }
        Self {
            stem,
            stages,
            head: nn::linear(&path / "head", FEATURES, classes, Default::default()),
        }
    }

    /// Logits `[n, classes]` of normalised images `[n, 3, h, w]`.
    pub fn forward(&self, images: &Tensor, train: bool) -> Tensor {
        let mut x = self.stem.forward(images, train).relu();
        for stage in &self.stages {
            x = stage.down.forward(&x, train).relu();
            let residual = stage.first.forward(&x, train).relu();
            x = (stage.second.forward(&residual, train) + x).relu();
        }
        x.mean_dim([2i64, 3].as_slice(), false, None::<tch::Kind>).apply(&self.head)
    }
}
