//! DINOv2's vision transformers, with and without registers.
//!
//! Source: Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", 2023; Darcet et al., "Vision
//! Transformers Need Registers", 2024; the authors' `vision_transformer.py`, whose features are the normalised class
//! token.

mod positions;

use bench_onnx::{Activation, GraphBuilder};

use super::Shape;
use super::named::Named;
use super::transformer::{Block, FeedForward, Linear, Transformer};
use crate::error::MetricsError;
use crate::weights::WeightsFile;
use positions::resized;

const EPSILON: f32 = 1e-6;

/// Names of the tensors, as the authors and as Hugging Face's `transformers` have them.
struct Names {
    prefix: &'static str,
    class: &'static str,
    registers: &'static str,
    positions: &'static str,
    patch: &'static str,
    block: &'static str,
    /// Query, key and value; one name if they are one tensor.
    attention: &'static [&'static str],
    output: &'static str,
    scales: [&'static str; 2],
    /// Of a gated network the first map and the last.
    gated: [&'static str; 2],
    last_norm: &'static str,
}

const ORIGINAL: Names = Names {
    prefix: "",
    class: "cls_token",
    registers: "register_tokens",
    positions: "pos_embed",
    patch: "patch_embed.proj",
    block: "blocks.{}",
    attention: &["attn.qkv"],
    output: "attn.proj",
    scales: ["ls1.gamma", "ls2.gamma"],
    gated: ["mlp.w12", "mlp.w3"],
    last_norm: "norm",
};

const HUGGING_FACE: Names = Names {
    prefix: "",
    class: "embeddings.cls_token",
    registers: "embeddings.register_tokens",
    positions: "embeddings.position_embeddings",
    patch: "embeddings.patch_embeddings.projection",
    block: "encoder.layer.{}",
    attention: &[
        "attention.attention.query",
        "attention.attention.key",
        "attention.attention.value",
    ],
    output: "attention.output.dense",
    scales: ["layer_scale1.lambda1", "layer_scale2.lambda1"],
    gated: ["mlp.weights_in", "mlp.weights_out"],
    last_norm: "layernorm",
};

const NAMES: &[Names] = &[
    ORIGINAL,
    HUGGING_FACE,
    Names { prefix: "dinov2.", ..HUGGING_FACE },
    Names { prefix: "dinov2_with_registers.", ..HUGGING_FACE },
];

/// The network that a file holds the weights of, if it is of this family.
pub(super) fn shape(weights: &WeightsFile) -> Option<Shape> {
    let (names, tensors) = names(weights)?;
    let &[width, 3, patch, _] = tensors.shape(&format!("{}.weight", names.patch)).ok()? else {
        return None;
    };
    let registers = tensors.shape(names.registers).ok().and_then(|shape| shape.get(1).copied());
    let blocks = tensors.count(&format!("{}.norm1.weight", names.block));
    Some(Shape { width, blocks, patch, side: 224, registers: registers.unwrap_or(0) })
}

fn names(weights: &WeightsFile) -> Option<(&'static Names, Named<'_>)> {
    let named = |names: &'static Names| (names, Named { weights, prefix: names.prefix });
    NAMES
        .iter()
        .map(named)
        .find(|(names, tensors)| tensors.has(names.class) && tensors.has(names.positions))
}

/// The graph for images of `side` pixels, called `name`.
///
/// # Errors
/// [`MetricsError::Weights`] if a tensor is missing, of another shape, or unusable.
pub(super) fn graph(
    weights: &WeightsFile,
    name: &str,
    side: usize,
) -> Result<GraphBuilder, MetricsError> {
    let found = names(weights).zip(shape(weights));
    let ((names, tensors), Shape { width, blocks, patch, registers, .. }) =
        found.ok_or_else(|| super::foreign(weights, "DINOv2"))?;
    let tokens = tensors.shape(names.positions)?.get(1).copied().unwrap_or_default();
    let stored = tensors.values(names.positions, &[1, tokens, width])?;
    let (of_class, of_patches) = stored.split_at(width.min(stored.len()));
    let grid = side / patch.max(1);
    let of_patches = resized(of_patches, width, grid, registers > 0)
        .ok_or_else(|| super::foreign(weights, "DINOv2"))?;
    let class = tensors.values(names.class, &[1, 1, width])?;
    let mut positions: Vec<f32> = class.iter().zip(of_class).map(|(x, y)| x + y).collect();
    if registers > 0 {
        positions.extend(tensors.values(names.registers, &[1, registers, width])?);
    }
    positions.extend(of_patches);
    let patch_tensor = |part| format!("{}.{part}", names.patch);
    let transformer = Transformer {
        side,
        patch,
        width,
        embedding: tensors.values(&patch_tensor("weight"), &[width, 3, patch, patch])?,
        embedding_bias: Some(tensors.values(&patch_tensor("bias"), &[width])?),
        positions,
        first_norm: None,
        last_norm: tensors.norm(names.last_norm, width)?,
        projection: None,
        epsilon: EPSILON,
    };
    transformer.graph(name, blocks, |index| block(&tensors, names, index, width))
}

fn block(
    tensors: &Named<'_>,
    names: &Names,
    index: usize,
    width: usize,
) -> Result<Block, MetricsError> {
    let block = names.block.replace("{}", &index.to_string());
    let full = |name: &str| format!("{block}.{name}");
    let linear = |name: &str, outputs, inputs| tensors.linear(&full(name), outputs, inputs);
    let [query, key, value] = match names.attention {
        [all] => {
            let all = linear(all, 3 * width, width)?;
            [0, 1, 2].map(|part| all.part(part, 3))
        }
        names => {
            let one = |index: usize| linear(names[index], width, width);
            [one(0)?, one(1)?, one(2)?]
        }
    };
    let scale = |index: usize| tensors.values(&full(names.scales[index]), &[width]);
    let feed = feed_forward(tensors, names, &block, width, &scale(1)?)?;
    Ok(Block {
        attention_norm: tensors.norm(&full("norm1"), width)?,
        query,
        key,
        value,
        output: linear(names.output, width, width)?.scaled(&scale(0)?),
        feed_norm: tensors.norm(&full("norm2"), width)?,
        feed,
    })
}

fn feed_forward(
    tensors: &Named<'_>,
    names: &Names,
    block: &str,
    width: usize,
    scale: &[f32],
) -> Result<FeedForward, MetricsError> {
    let [gated_in, gated_out] = names.gated.map(|name| format!("{block}.{name}"));
    let linear = |name: &str, outputs, inputs| -> Result<Linear, MetricsError> {
        tensors.linear(name, outputs, inputs)
    };
    if tensors.has(&format!("{gated_in}.weight")) {
        let inner =
            tensors.shape(&format!("{gated_in}.weight"))?.first().copied().unwrap_or_default();
        let both = linear(&gated_in, inner, width)?;
        let out = linear(&gated_out, width, inner / 2)?.scaled(scale);
        return Ok(FeedForward::Gated { gate: both.part(0, 2), into: both.part(1, 2), out });
    }
    let (into, out) = (format!("{block}.mlp.fc1"), format!("{block}.mlp.fc2"));
    let inner = tensors.shape(&format!("{into}.weight"))?.first().copied().unwrap_or_default();
    Ok(FeedForward::Plain {
        into: linear(&into, inner, width)?,
        out: linear(&out, width, inner)?.scaled(scale),
        activation: Activation::Gelu,
    })
}
