//! The image towers of CLIP.
//!
//! Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021; the authors'
//! `clip/model.py`. Features are the projected class token, not scaled to length 1.

use bench_onnx::{Activation, GraphBuilder};

use super::Shape;
use super::named::Named;
use super::transformer::{Block, FeedForward, Linear, Norm, Transformer};
use crate::error::MetricsError;
use crate::weights::WeightsFile;

const EPSILON: f32 = 1e-5;

/// Whose names the tensors have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    Original,
    HuggingFace,
}

/// Names of the tensors behind the prefix.
struct Names {
    class: &'static str,
    positions: &'static str,
    patch: &'static str,
    first_norm: &'static str,
    last_norm: &'static str,
    block: &'static str,
    norms: [&'static str; 2],
    output: &'static str,
    feed: [&'static str; 2],
}

impl Naming {
    fn prefix(self) -> &'static str {
        match self {
            Self::Original => "visual.",
            Self::HuggingFace => "vision_model.",
        }
    }

    fn names(self) -> Names {
        match self {
            Self::Original => Names {
                class: "class_embedding",
                positions: "positional_embedding",
                patch: "conv1.weight",
                first_norm: "ln_pre",
                last_norm: "ln_post",
                block: "transformer.resblocks.{}",
                norms: ["ln_1", "ln_2"],
                output: "attn.out_proj",
                feed: ["mlp.c_fc", "mlp.c_proj"],
            },
            Self::HuggingFace => Names {
                class: "embeddings.class_embedding",
                positions: "embeddings.position_embedding.weight",
                patch: "embeddings.patch_embedding.weight",
                // The name's spelling is theirs.
                first_norm: "pre_layrnorm",
                last_norm: "post_layernorm",
                block: "encoder.layers.{}",
                norms: ["layer_norm1", "layer_norm2"],
                output: "self_attn.out_proj",
                feed: ["mlp.fc1", "mlp.fc2"],
            },
        }
    }
}

fn naming(weights: &WeightsFile) -> Option<Naming> {
    [Naming::Original, Naming::HuggingFace].into_iter().find(|naming| {
        let names = naming.names();
        let tensors = Named { weights, prefix: naming.prefix() };
        tensors.has(names.class) && tensors.has(names.patch)
    })
}

/// The network that a file holds the weights of, if it is of this family.
pub(super) fn shape(weights: &WeightsFile) -> Option<Shape> {
    let naming = naming(weights)?;
    let (names, tensors) = (naming.names(), Named { weights, prefix: naming.prefix() });
    let &[width, 3, patch, _] = tensors.shape(names.patch).ok()? else { return None };
    let tokens = *tensors.shape(names.positions).ok()?.first()?;
    let blocks = tensors.count(&format!("{}.{}.weight", names.block, names.norms[0]));
    Some(Shape { width, blocks, patch, side: tokens.checked_sub(1)?.isqrt() * patch, registers: 0 })
}

/// The graph for images of its own size, called `name`.
///
/// # Errors
/// [`MetricsError::Weights`] if a tensor is missing, of another shape, or unusable.
pub(super) fn graph(weights: &WeightsFile, name: &str) -> Result<GraphBuilder, MetricsError> {
    let found = naming(weights).zip(shape(weights));
    let (naming, Shape { width, blocks, patch, side, .. }) =
        found.ok_or_else(|| super::foreign(weights, "CLIP"))?;
    let (names, tensors) = (naming.names(), Named { weights, prefix: naming.prefix() });
    let tokens = (side / patch).pow(2) + 1;
    let mut positions = tensors.values(names.positions, &[tokens, width])?;
    let class = tensors.values(names.class, &[width])?;
    positions.iter_mut().zip(&class).for_each(|(position, class)| *position += class);
    let transformer = Transformer {
        side,
        patch,
        width,
        embedding: tensors.values(names.patch, &[width, 3, patch, patch])?,
        embedding_bias: None,
        positions,
        first_norm: Some(tensors.norm(names.first_norm, width)?),
        last_norm: tensors.norm(names.last_norm, width)?,
        projection: Some(projection(weights, naming, width)?),
        epsilon: EPSILON,
    };
    transformer.graph(name, blocks, |index| block(&tensors, naming, index, width))
}

/// The last map, `[width, features]`.
fn projection(
    weights: &WeightsFile,
    naming: Naming,
    width: usize,
) -> Result<Vec<f32>, MetricsError> {
    let tensors = Named { weights, prefix: "" };
    let length = |shape: &[usize], axis: usize| shape.get(axis).copied().unwrap_or_default();
    match naming {
        Naming::Original => {
            let name = "visual.proj";
            let features = length(tensors.shape(name)?, 1);
            tensors.values(name, &[width, features])
        }
        Naming::HuggingFace => {
            let name = "visual_projection.weight";
            let features = length(tensors.shape(name)?, 0);
            let values = tensors.values(name, &[features, width])?;
            let column = |input: usize| (0..features).map(move |output| output * width + input);
            Ok((0..width).flat_map(column).map(|place| values[place]).collect())
        }
    }
}

fn block(
    tensors: &Named<'_>,
    naming: Naming,
    index: usize,
    width: usize,
) -> Result<Block, MetricsError> {
    let names = naming.names();
    let block = names.block.replace("{}", &index.to_string());
    let full = |name: &str| format!("{block}.{name}");
    let norm = |name: &str| -> Result<Norm, MetricsError> { tensors.norm(&full(name), width) };
    let [query, key, value] = match naming {
        Naming::Original => {
            let weight = tensors.values(&full("attn.in_proj_weight"), &[3 * width, width])?;
            let bias = tensors.values(&full("attn.in_proj_bias"), &[3 * width])?;
            let all = Linear { weight, bias };
            [0, 1, 2].map(|part| all.part(part, 3))
        }
        Naming::HuggingFace => {
            let one =
                |name: &str| tensors.linear(&full(&format!("self_attn.{name}_proj")), width, width);
            [one("q")?, one("k")?, one("v")?]
        }
    };
    let [into, out] = names.feed.map(full);
    let inner = tensors.shape(&format!("{into}.weight"))?.first().copied().unwrap_or_default();
    Ok(Block {
        attention_norm: norm(names.norms[0])?,
        query,
        key,
        value,
        output: tensors.linear(&full(names.output), width, width)?,
        feed_norm: norm(names.norms[1])?,
        feed: FeedForward::Plain {
            into: tensors.linear(&into, inner, width)?,
            out: tensors.linear(&out, width, inner)?,
            activation: Activation::QuickGelu,
        },
    })
}
