//! The network as an ONNX graph.

use std::collections::HashMap;

use bench_onnx::{Conv, Dim, GraphBuilder, Linear, Pool, Tensor, Weights};

use super::architecture::{self, CLASSES, Convolution, LAST_CHANNELS};
use super::folding;
use super::{FeatureLayer, INPUT_SIZE, LOGITS, NAME, SPATIAL};
use crate::error::MetricsError;
use crate::weights::WeightsFile;

/// Channels that spatial features are of, and their number: of 17 x 17 places.
const SPATIAL_CHANNELS: usize = 7;
const SPATIAL_DIM: usize = SPATIAL_CHANNELS * 17 * 17;

const BATCH: Dim<'static> = Dim::Symbolic("n");

/// Halves height and width, without padding.
const HALVING: Pool = Pool { kernel: [3, 3], stride: [2, 2], padding: [0, 0] };
/// Keeps height and width.
const KEEPING: Pool = Pool { kernel: [3, 3], stride: [1, 1], padding: [1, 1] };

/// The graph up to `last`, with the features of every layer up to there, and the logits behind the last of all; of
/// weights that were checked, and without metadata.
///
/// # Errors
/// [`MetricsError::Weights`] if a value is unusable.
pub(super) fn build(
    weights: &WeightsFile,
    last: FeatureLayer,
    has_spatial: bool,
) -> Result<GraphBuilder, MetricsError> {
    let convolutions = architecture::convolutions();
    let mut network = Network {
        weights,
        convolutions: convolutions.into_iter().map(|conv| (conv.name.clone(), conv)).collect(),
        graph: GraphBuilder::new(NAME),
        has_spatial,
    };
    let side = Dim::Fixed(INPUT_SIZE);
    let images = network.graph.input("images", &[BATCH, Dim::Fixed(3), side, side]);
    network.layers(&images, last)?;
    Ok(network.graph)
}

/// How the last blocks pool.
#[derive(Clone, Copy)]
enum Pooling {
    Average,
    Max,
}

struct Network<'w> {
    weights: &'w WeightsFile,
    /// All convolutions by name.
    convolutions: HashMap<String, Convolution>,
    graph: GraphBuilder,
    /// Whether spatial features are an output, too.
    has_spatial: bool,
}

impl Network<'_> {
    /// All layers up to the one whose features are the `last` output.
    fn layers(&mut self, images: &Tensor, last: FeatureLayer) -> Result<(), MetricsError> {
        let mut x = self.stem(images)?;
        self.features(&x, FeatureLayer::Pool1);
        if last == FeatureLayer::Pool1 {
            return Ok(());
        }
        x = self.chain("", &["Conv2d_3b_1x1", "Conv2d_4a_3x3"], &x)?;
        x = self.graph.max_pool(&x, HALVING);
        self.features(&x, FeatureLayer::Pool2);
        if last == FeatureLayer::Pool2 {
            return Ok(());
        }
        for block in ["5b", "5c", "5d"] {
            x = self.block_a(block, &x)?;
        }
        x = self.block_b(&x)?;
        for block in ["6b", "6c", "6d", "6e"] {
            if block == "6d" && self.has_spatial {
                self.spatial(&x)?;
            }
            x = self.block_c(block, &x)?;
        }
        self.features(&x, FeatureLayer::Mixed6e);
        if last == FeatureLayer::Mixed6e {
            return Ok(());
        }
        x = self.block_d(&x)?;
        x = self.block_e("7b", &x, Pooling::Average)?;
        x = self.block_e("7c", &x, Pooling::Max)?;
        let pool3 = self.features(&x, FeatureLayer::Pool3);
        self.classifier(&pool3)
    }

    fn stem(&mut self, images: &Tensor) -> Result<Tensor, MetricsError> {
        let x = self.chain("", &["Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"], images)?;
        Ok(self.graph.max_pool(&x, HALVING))
    }

    fn block_a(&mut self, block: &str, x: &Tensor) -> Result<Tensor, MetricsError> {
        let direct = self.chain(block, &["branch1x1"], x)?;
        let wide = self.chain(block, &["branch5x5_1", "branch5x5_2"], x)?;
        let double =
            self.chain(block, &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"], x)?;
        let pooled = self.pool_branch(block, x, Pooling::Average)?;
        Ok(self.graph.concat(&[direct, wide, double, pooled]))
    }

    fn block_b(&mut self, x: &Tensor) -> Result<Tensor, MetricsError> {
        let single = self.chain("6a", &["branch3x3"], x)?;
        let double =
            self.chain("6a", &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"], x)?;
        let pooled = self.graph.max_pool(x, HALVING);
        Ok(self.graph.concat(&[single, double, pooled]))
    }

    fn block_c(&mut self, block: &str, x: &Tensor) -> Result<Tensor, MetricsError> {
        let direct = self.chain(block, &["branch1x1"], x)?;
        let single = self.chain(block, &["branch7x7_1", "branch7x7_2", "branch7x7_3"], x)?;
        let double = [1, 2, 3, 4, 5].map(|step| format!("branch7x7dbl_{step}"));
        let double = self.chain(block, &double.each_ref().map(String::as_str), x)?;
        let pooled = self.pool_branch(block, x, Pooling::Average)?;
        Ok(self.graph.concat(&[direct, single, double, pooled]))
    }

    fn block_d(&mut self, x: &Tensor) -> Result<Tensor, MetricsError> {
        let short = self.chain("7a", &["branch3x3_1", "branch3x3_2"], x)?;
        let long = [1, 2, 3, 4].map(|step| format!("branch7x7x3_{step}"));
        let long = self.chain("7a", &long.each_ref().map(String::as_str), x)?;
        let pooled = self.graph.max_pool(x, HALVING);
        Ok(self.graph.concat(&[short, long, pooled]))
    }

    fn block_e(
        &mut self,
        block: &str,
        x: &Tensor,
        pooling: Pooling,
    ) -> Result<Tensor, MetricsError> {
        let direct = self.chain(block, &["branch1x1"], x)?;
        let single = self.chain(block, &["branch3x3_1"], x)?;
        let double = self.chain(block, &["branch3x3dbl_1", "branch3x3dbl_2"], x)?;
        let parts = [
            direct,
            self.chain(block, &["branch3x3_2a"], &single)?,
            self.chain(block, &["branch3x3_2b"], &single)?,
            self.chain(block, &["branch3x3dbl_3a"], &double)?,
            self.chain(block, &["branch3x3dbl_3b"], &double)?,
            self.pool_branch(block, x, pooling)?,
        ];
        Ok(self.graph.concat(&parts))
    }

    fn pool_branch(
        &mut self,
        block: &str,
        x: &Tensor,
        pooling: Pooling,
    ) -> Result<Tensor, MetricsError> {
        let pooled = match pooling {
            Pooling::Average => self.graph.average_pool(x, KEEPING),
            Pooling::Max => self.graph.max_pool(x, KEEPING),
        };
        self.chain(block, &["branch_pool"], &pooled)
    }

    /// Declares the mean of `x` over the image as the output of `layer`, and gives it as `[n, d]`.
    fn features(&mut self, x: &Tensor, layer: FeatureLayer) -> Tensor {
        let pooled = self.graph.global_average_pool(x);
        let flat = self.graph.flatten(&pooled);
        self.graph.output(&flat, &layer.output(), &[BATCH, Dim::Fixed(layer.dims())]);
        flat
    }

    /// Declares the first channels of the first branch of `Mixed_6d`, TensorFlow's `mixed_6/conv`, at every place.
    fn spatial(&mut self, x: &Tensor) -> Result<(), MetricsError> {
        let conv = &self.convolutions["Mixed_6d.branch1x1"];
        let folded = folding::fold(self.weights, conv)?;
        let weight = &folded.weight[..SPATIAL_CHANNELS * conv.input];
        let conv = Conv {
            weight: Weights::new(&[SPATIAL_CHANNELS, conv.input, 1, 1], weight)?,
            bias: Some(Weights::new(&[SPATIAL_CHANNELS], &folded.bias[..SPATIAL_CHANNELS])?),
            stride: [1, 1],
            padding: [0, 0],
            groups: 1,
        };
        let spatial = self.graph.conv(x, conv);
        let spatial = self.graph.relu(&spatial);
        let spatial = self.graph.flatten(&spatial);
        self.graph.output(&spatial, SPATIAL, &[BATCH, Dim::Fixed(SPATIAL_DIM)]);
        Ok(())
    }

    fn classifier(&mut self, pool3: &Tensor) -> Result<(), MetricsError> {
        let weight = Weights::new(&[CLASSES, LAST_CHANNELS], &self.weights.values("fc.weight")?)?;
        let logits = self.graph.linear(pool3, Linear { weight, bias: None });
        self.graph.output(&logits, LOGITS, &[BATCH, Dim::Fixed(CLASSES)]);
        Ok(())
    }

    /// Convolutions of a block (of none: `""`) one after another, each with batch normalisation and ReLU.
    fn chain(
        &mut self,
        block: &str,
        names: &[&str],
        input: &Tensor,
    ) -> Result<Tensor, MetricsError> {
        names.iter().try_fold(input.clone(), |x, name| {
            let name = match block {
                "" => (*name).to_owned(),
                block => format!("Mixed_{block}.{name}"),
            };
            let conv = &self.convolutions[&name];
            let folded = folding::fold(self.weights, conv)?;
            let conv = Conv {
                weight: Weights::new(&conv.shape(), &folded.weight)?,
                bias: Some(Weights::new(&[conv.output], &folded.bias)?),
                stride: [conv.stride; 2],
                padding: conv.padding,
                groups: 1,
            };
            let x = self.graph.conv(&x, conv);
            Ok(self.graph.relu(&x))
        })
    }
}
