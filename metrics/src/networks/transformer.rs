//! Vision transformers as ONNX graphs: the part that DINOv2 and CLIP share.

use bench_onnx::{Activation, Conv, Dim, GraphBuilder, LayerNorm, Map, Tensor, Weights};

use super::FEATURES;
use crate::error::MetricsError;

/// Width of an attention head, in all networks of both families.
const HEAD: usize = 64;

/// What a transformer is made of but its blocks.
pub(super) struct Transformer {
    /// Side of the square input in pixels.
    pub(super) side: usize,
    /// Side of a patch in pixels.
    pub(super) patch: usize,
    /// Features of a token.
    pub(super) width: usize,
    /// `[width, 3, patch, patch]`.
    pub(super) embedding: Vec<f32>,
    /// `[width]`.
    pub(super) embedding_bias: Option<Vec<f32>>,
    /// What is added to the tokens, `[before + patches, width]`: those before the patches, such as the class token, are
    /// nought themselves.
    pub(super) positions: Vec<f32>,
    /// Normalisation before the first block.
    pub(super) first_norm: Option<Norm>,
    /// Normalisation of the class token behind the last.
    pub(super) last_norm: Norm,
    /// `[width, features]`.
    pub(super) projection: Option<Vec<f32>>,
    /// What normalisations add to the variance.
    pub(super) epsilon: f32,
}

/// Factors and summands of a normalisation, `[width]` each.
pub(super) struct Norm {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// A linear map as weights have it: `[out, in]` and `[out]`.
pub(super) struct Linear {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// One block: attention and what follows it, each added to its input.
pub(super) struct Block {
    pub(super) attention_norm: Norm,
    pub(super) query: Linear,
    pub(super) key: Linear,
    pub(super) value: Linear,
    /// With the layer scale, if there is one.
    pub(super) output: Linear,
    pub(super) feed_norm: Norm,
    pub(super) feed: FeedForward,
}

/// The layers behind attention.
pub(super) enum FeedForward {
    /// Two maps with an activation between them.
    Plain { into: Linear, out: Linear, activation: Activation },
    /// Two maps, one of which gates the other by `x / (1 + exp(-x))`, and a third.
    Gated { gate: Linear, into: Linear, out: Linear },
}

impl Norm {
    fn layer(self, epsilon: f32) -> Result<LayerNorm, MetricsError> {
        let width = [self.weight.len()];
        Ok(LayerNorm {
            weight: Weights::new(&width, &self.weight)?,
            bias: Weights::new(&width, &self.bias)?,
            epsilon,
        })
    }
}

impl Linear {
    /// Multiplies the outputs by `factors`, `[out]`.
    pub(super) fn scaled(mut self, factors: &[f32]) -> Self {
        let inputs = self.weight.len() / factors.len().max(1);
        for (row, factor) in self.weight.chunks_mut(inputs.max(1)).zip(factors) {
            row.iter_mut().for_each(|value| *value *= factor);
        }
        self.bias.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor);
        self
    }

    /// The map of the `part`-th of `parts` equal shares of the outputs.
    pub(super) fn part(&self, part: usize, parts: usize) -> Self {
        let share = |values: &[f32]| {
            let length = values.len() / parts;
            values[part * length..(part + 1) * length].to_vec()
        };
        Self { weight: share(&self.weight), bias: share(&self.bias) }
    }

    fn map(self) -> Result<Map, MetricsError> {
        let outputs = self.bias.len();
        let inputs = self.weight.len() / outputs.max(1);
        let weight = Weights::new(&[inputs, outputs], &transposed(&self.weight, inputs))?;
        Ok(Map { weight, bias: Some(Weights::new(&[outputs], &self.bias)?) })
    }
}

/// A row-major matrix of so many columns, turned over.
fn transposed(values: &[f32], columns: usize) -> Vec<f32> {
    let rows = values.len() / columns.max(1);
    let mut turned = Vec::with_capacity(values.len());
    for column in 0..columns {
        turned.extend((0..rows).map(|row| values[row * columns + column]));
    }
    turned
}

impl Transformer {
    /// The graph called `name`, with the blocks that `block` gives one after the other; features are an output `features`.
    ///
    /// # Errors
    /// If a block cannot be had, or the parts do not fit together.
    pub(super) fn graph(
        self,
        name: &str,
        blocks: usize,
        mut block: impl FnMut(usize) -> Result<Block, MetricsError>,
    ) -> Result<GraphBuilder, MetricsError> {
        let Self { side, patch, width, epsilon, .. } = self;
        let mut graph = GraphBuilder::new(name);
        let (batch, pixels) = (Dim::Symbolic("n"), Dim::Fixed(side));
        let images = graph.input("images", &[batch, Dim::Fixed(3), pixels, pixels]);
        let bias = self.embedding_bias.map(|bias| Weights::new(&[width], &bias)).transpose()?;
        let embedding = Conv {
            weight: Weights::new(&[width, 3, patch, patch], &self.embedding)?,
            bias,
            stride: [patch, patch],
            padding: [0, 0],
            groups: 1,
        };
        let patches = graph.conv(&images, embedding);
        let (length, tokens) = ((side / patch).pow(2), self.positions.len() / width.max(1));
        let mut x = graph.tokens(&patches, width, length, tokens.saturating_sub(length));
        x = graph.add_constant(&x, Weights::new(&[1, tokens, width], &self.positions)?);
        if let Some(norm) = self.first_norm {
            x = graph.layer_norm(&x, norm.layer(epsilon)?);
        }
        for index in 0..blocks {
            x = add_block(&mut graph, &x, block(index)?, width / HEAD, epsilon)?;
        }
        let class = graph.token(&x, 0);
        let mut features = graph.layer_norm(&class, self.last_norm.layer(epsilon)?);
        let mut dim = width;
        if let Some(projection) = self.projection {
            dim = projection.len() / width.max(1);
            let weight = Weights::new(&[width, dim], &projection)?;
            features = graph.map(&features, Map { weight, bias: None });
        }
        graph.output(&features, FEATURES, &[batch, Dim::Fixed(dim)]);
        Ok(graph)
    }
}

fn add_block(
    graph: &mut GraphBuilder,
    x: &Tensor,
    block: Block,
    heads: usize,
    epsilon: f32,
) -> Result<Tensor, MetricsError> {
    let normal = graph.layer_norm(x, block.attention_norm.layer(epsilon)?);
    let query = graph.map(&normal, block.query.map()?);
    let key = graph.map(&normal, block.key.map()?);
    let value = graph.map(&normal, block.value.map()?);
    let attended = graph.attention(&query, &key, &value, heads.max(1));
    let attended = graph.map(&attended, block.output.map()?);
    let x = graph.add(x, &attended);
    let normal = graph.layer_norm(&x, block.feed_norm.layer(epsilon)?);
    let fed = match block.feed {
        FeedForward::Plain { into, out, activation } => {
            let inner = graph.map(&normal, into.map()?);
            let inner = graph.activation(&inner, activation);
            graph.map(&inner, out.map()?)
        }
        FeedForward::Gated { gate, into, out } => {
            let gate = graph.map(&normal, gate.map()?);
            let gate = graph.activation(&gate, Activation::Silu);
            let inner = graph.map(&normal, into.map()?);
            let inner = graph.multiply(&gate, &inner);
            graph.map(&inner, out.map()?)
        }
    };
    Ok(graph.add(&x, &fed))
}
