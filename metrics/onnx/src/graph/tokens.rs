//! Operations on tokens, `[n, length, width]`, that transformers are made of.

use super::{GraphBuilder, Tensor, Weights, attribute, int, ints};
use crate::proto;

/// Domain of ONNX Runtime's own operators, of which attention and activations are taken: it computes them in one go.
const RUNTIME_DOMAIN: &str = "com.microsoft";

/// Parameters of a layer normalisation over the width.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    /// `[width]`.
    pub weight: Weights,
    /// `[width]`.
    pub bias: Weights,
    /// What is added to the variance.
    pub epsilon: f32,
}

/// Parameters of a linear map of the last axis: `y = x weight + bias`.
#[derive(Clone, Debug)]
pub struct Map {
    /// `[in, out]`.
    pub weight: Weights,
    /// `[out]`.
    pub bias: Option<Weights>,
}

/// A smooth activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x Φ(x)`, with the normal distribution function.
    Gelu,
    /// `x / (1 + exp(-1.702 x))`.
    QuickGelu,
    /// `x / (1 + exp(-x))`.
    Silu,
}

impl GraphBuilder {
    /// `[n, width, h, w]` to tokens: `[n, length, width]`, row by row, behind `before` tokens of nought; `length` is `h w`.
    pub fn tokens(&mut self, input: &Tensor, width: usize, length: usize, before: usize) -> Tensor {
        let shape = self.integers(&[0, width as i64, length as i64]);
        let columns = self.node("Reshape", &[input.clone(), shape], Vec::new());
        let tokens = self.node("Transpose", &[columns], vec![ints("perm", &[0, 2, 1])]);
        if before == 0 {
            return tokens;
        }
        let pads = self.integers(&[0, before as i64, 0, 0, 0, 0]);
        self.node("Pad", &[tokens, pads], Vec::new())
    }

    /// The token at `index`: `[n, length, width]` to `[n, width]`.
    pub fn token(&mut self, input: &Tensor, index: usize) -> Tensor {
        let index = self.scalar_integer(index as i64);
        self.node("Gather", &[input.clone(), index], vec![int("axis", 1)])
    }

    /// Adds constants, which stand for every image and token whose axis they lack or have at length 1.
    pub fn add_constant(&mut self, input: &Tensor, constant: Weights) -> Tensor {
        let constant = self.weights("constant", constant);
        self.node("Add", &[input.clone(), constant], Vec::new())
    }

    /// Layer normalisation over the last axis.
    pub fn layer_norm(&mut self, input: &Tensor, norm: LayerNorm) -> Tensor {
        let inputs =
            [input.clone(), self.weights("weight", norm.weight), self.weights("bias", norm.bias)];
        let attributes = vec![int("axis", -1), float("epsilon", norm.epsilon)];
        self.node("LayerNormalization", &inputs, attributes)
    }

    /// A linear map of the last axis.
    pub fn map(&mut self, input: &Tensor, map: Map) -> Tensor {
        let weight = self.weights("weight", map.weight);
        let product = self.node("MatMul", &[input.clone(), weight], Vec::new());
        match map.bias {
            Some(bias) => self.add_constant(&product, bias),
            None => product,
        }
    }

    /// Scaled dot-product attention in `heads` heads, between queries, keys and values of equal width.
    pub fn attention(
        &mut self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        heads: usize,
    ) -> Tensor {
        let inputs = [query.clone(), key.clone(), value.clone()];
        self.runtime_node("MultiHeadAttention", &inputs, vec![int("num_heads", heads as i64)])
    }

    /// An activation, element by element.
    pub fn activation(&mut self, input: &Tensor, activation: Activation) -> Tensor {
        let input = std::slice::from_ref(input);
        match activation {
            Activation::Gelu => self.runtime_node("Gelu", input, Vec::new()),
            Activation::QuickGelu => {
                self.runtime_node("QuickGelu", input, vec![float("alpha", 1.702)])
            }
            Activation::Silu => self.runtime_node("QuickGelu", input, vec![float("alpha", 1.0)]),
        }
    }

    /// Product of two tensors of equal shape, element by element.
    pub fn multiply(&mut self, left: &Tensor, right: &Tensor) -> Tensor {
        self.node("Mul", &[left.clone(), right.clone()], Vec::new())
    }

    /// A node of ONNX Runtime's own.
    fn runtime_node(
        &mut self,
        op_type: &str,
        inputs: &[Tensor],
        attributes: Vec<proto::Attribute>,
    ) -> Tensor {
        let output = self.node(op_type, inputs, attributes);
        if let Some(node) = self.graph.node.last_mut() {
            node.domain = RUNTIME_DOMAIN.to_owned();
        }
        self.runtime_domain = Some(RUNTIME_DOMAIN);
        output
    }

    fn integers(&mut self, values: &[i64]) -> Tensor {
        self.integer_constant(vec![values.len() as i64], values)
    }

    fn scalar_integer(&mut self, value: i64) -> Tensor {
        self.integer_constant(Vec::new(), &[value])
    }

    fn integer_constant(&mut self, dims: Vec<i64>, values: &[i64]) -> Tensor {
        let name = format!("integers_{}", self.graph.initializer.len());
        self.graph.initializer.push(proto::Tensor {
            dims,
            data_type: proto::INT64,
            name: name.clone(),
            raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            ..Default::default()
        });
        Tensor(name)
    }
}

fn float(name: &str, value: f32) -> proto::Attribute {
    proto::Attribute {
        f: Some(value),
        r#type: proto::AttributeType::Float.into(),
        ..attribute(name, None, Vec::new())
    }
}
