//! A builder of ONNX graphs for feed-forward image networks.

mod tokens;

use prost::Message;

use crate::error::OnnxError;
use crate::model::Model;
use crate::proto;

/// Version of ONNX's own operator set that the graphs are written for.
const OPERATOR_SET: i64 = 17;
/// Name of the producer in model files; their bytes are those of earlier versions, which wrote this name.
const PRODUCER: &str = "bench-metrics";
/// Version of the ONNX file format (ONNX 1.10 to 1.12).
const IR_VERSION: i64 = 8;

/// A length in the shape of a graph input or output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dim<'a> {
    /// A length known in advance.
    Fixed(usize),
    /// A length known when the model runs, by its name; the batch dimension is customarily `n`.
    Symbolic(&'a str),
}

/// A value inside the graph under construction, named as it is named in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor(String);

/// Constant `f32` values with a shape, row-major: the parameters of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    dims: Vec<i64>,
    little_endian: Vec<u8>,
}

impl Weights {
    /// Takes `values` as a tensor of shape `dims`, row-major.
    ///
    /// # Errors
    /// [`OnnxError::WeightShape`] if the product of `dims` is not the number of values.
    pub fn new(dims: &[usize], values: &[f32]) -> Result<Self, OnnxError> {
        let mismatch = || OnnxError::WeightShape { dims: dims.to_vec(), values: values.len() };
        let product = dims.iter().try_fold(1_usize, |product, &dim| product.checked_mul(dim));
        if product != Some(values.len()) {
            return Err(mismatch());
        }
        Ok(Self {
            dims: lengths(dims),
            little_endian: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        })
    }
}

/// Parameters of a two-dimensional convolution without dilation.
#[derive(Clone, Debug)]
pub struct Conv {
    /// `[out, in / groups, kernel height, kernel width]`.
    pub weight: Weights,
    /// `[out]`.
    pub bias: Option<Weights>,
    /// Step of the window down and across.
    pub stride: [usize; 2],
    /// Zeros added above and below, and left and right.
    pub padding: [usize; 2],
    /// Number of groups that the channels are divided into; 1 for an ordinary convolution.
    pub groups: usize,
}

/// Parameters of a two-dimensional pooling window; padding never counts towards an average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Height and width of the window.
    pub kernel: [usize; 2],
    /// Step of the window down and across.
    pub stride: [usize; 2],
    /// Padding above and below, and left and right.
    pub padding: [usize; 2],
}

/// Parameters of a fully connected layer: `y = x weightᵀ + bias`.
#[derive(Clone, Debug)]
pub struct Linear {
    /// `[out, in]`.
    pub weight: Weights,
    /// `[out]`.
    pub bias: Option<Weights>,
}

/// Collects the operations of a network in order and writes them as an ONNX file.
///
/// Shapes are not inferred: ONNX Runtime checks them when the model is loaded.
#[derive(Clone, Debug)]
pub struct GraphBuilder {
    graph: proto::Graph,
    metadata: Vec<proto::StringPair>,
    /// Domain of the operators beside ONNX's own, if there are any.
    runtime_domain: Option<&'static str>,
}

pub use tokens::{Activation, LayerNorm, Map};

impl GraphBuilder {
    /// Starts an empty graph called `name`.
    pub fn new(name: &str) -> Self {
        let graph = proto::Graph { name: name.to_owned(), ..Default::default() };
        Self { graph, metadata: Vec::new(), runtime_domain: None }
    }

    /// Declares an `f32` input `name` of shape `dims`.
    pub fn input(&mut self, name: &str, dims: &[Dim<'_>]) -> Tensor {
        self.graph.input.push(value_info(name, dims));
        Tensor(name.to_owned())
    }

    /// Declares `tensor` as the `f32` output `name` of shape `dims`.
    ///
    /// One tensor may serve as several outputs.
    pub fn output(&mut self, tensor: &Tensor, name: &str, dims: &[Dim<'_>]) -> &mut Self {
        self.graph.node.push(proto::Node {
            input: vec![tensor.0.clone()],
            output: vec![name.to_owned()],
            name: format!("output_{name}"),
            op_type: "Identity".to_owned(),
            attribute: Vec::new(),
            ..Default::default()
        });
        self.graph.output.push(value_info(name, dims));
        self
    }

    /// Adds a metadata entry to the model; a key is to be given once.
    pub fn metadata(&mut self, key: &str, value: &str) -> &mut Self {
        self.metadata.push(proto::StringPair { key: key.to_owned(), value: value.to_owned() });
        self
    }

    /// Convolution of `[n, in, h, w]` to `[n, out, h', w']`.
    pub fn conv(&mut self, input: &Tensor, conv: Conv) -> Tensor {
        let [top, left] = conv.padding;
        let mut attributes = vec![
            ints("strides", &conv.stride),
            ints("pads", &[top, left, top, left]),
            int("group", conv.groups as i64),
        ];
        if let [_, _, height, width] = conv.weight.dims[..] {
            attributes.push(attribute("kernel_shape", None, vec![height, width]));
        }
        let mut inputs = vec![input.clone(), self.weights("weight", conv.weight)];
        inputs.extend(conv.bias.map(|bias| self.weights("bias", bias)));
        self.node("Conv", &inputs, attributes)
    }

    /// `max(x, 0)`, element by element.
    pub fn relu(&mut self, input: &Tensor) -> Tensor {
        self.node("Relu", std::slice::from_ref(input), Vec::new())
    }

    /// Sum of two tensors of equal shape.
    pub fn add(&mut self, left: &Tensor, right: &Tensor) -> Tensor {
        self.node("Add", &[left.clone(), right.clone()], Vec::new())
    }

    /// Largest value in each window of `[n, c, h, w]`.
    pub fn max_pool(&mut self, input: &Tensor, pool: Pool) -> Tensor {
        self.node("MaxPool", std::slice::from_ref(input), window(pool))
    }

    /// Mean of each window of `[n, c, h, w]`; padded positions are left out of sum and count.
    pub fn average_pool(&mut self, input: &Tensor, pool: Pool) -> Tensor {
        let mut attributes = window(pool);
        attributes.push(int("count_include_pad", 0));
        self.node("AveragePool", std::slice::from_ref(input), attributes)
    }

    /// Mean over height and width: `[n, c, h, w]` to `[n, c, 1, 1]`.
    pub fn global_average_pool(&mut self, input: &Tensor) -> Tensor {
        self.node("GlobalAveragePool", std::slice::from_ref(input), Vec::new())
    }

    /// Joins tensors along the channels (axis 1).
    pub fn concat(&mut self, inputs: &[Tensor]) -> Tensor {
        self.node("Concat", inputs, vec![int("axis", 1)])
    }

    /// `[n, …]` to `[n, product of the rest]`.
    pub fn flatten(&mut self, input: &Tensor) -> Tensor {
        self.node("Flatten", std::slice::from_ref(input), vec![int("axis", 1)])
    }

    /// Fully connected layer: `[n, in]` to `[n, out]`.
    pub fn linear(&mut self, input: &Tensor, linear: Linear) -> Tensor {
        let mut inputs = vec![input.clone(), self.weights("weight", linear.weight)];
        inputs.extend(linear.bias.map(|bias| self.weights("bias", bias)));
        self.node("Gemm", &inputs, vec![int("transB", 1)])
    }

    /// The bytes of the finished model file: the same for the same network, whatever the version of this crate.
    pub fn finish(self) -> Vec<u8> {
        self.whole().encode_to_vec()
    }

    /// The finished model, whose large tensors lie outside of its file if all of them take more than `most` bytes, at most
    /// [`MAX_FILE_BYTES`](crate::MAX_FILE_BYTES). The same network gives the same bytes.
    pub fn finish_within(self, most: usize) -> Model {
        Model::new(self.whole(), most)
    }

    fn whole(self) -> proto::Model {
        let own = proto::OperatorSet { domain: String::new(), version: OPERATOR_SET };
        let runtime = self.runtime_domain.map(str::to_owned);
        let runtime = runtime.map(|domain| proto::OperatorSet { domain, version: 1 });
        proto::Model {
            ir_version: IR_VERSION,
            producer_name: PRODUCER.to_owned(),
            graph: Some(self.graph),
            opset_import: std::iter::once(own).chain(runtime).collect(),
            metadata_props: self.metadata,
        }
    }

    fn weights(&mut self, role: &str, weights: Weights) -> Tensor {
        let name = format!("{role}_{}", self.graph.initializer.len());
        self.graph.initializer.push(proto::Tensor {
            dims: weights.dims,
            data_type: proto::FLOAT,
            name: name.clone(),
            raw_data: weights.little_endian.into(),
            ..Default::default()
        });
        Tensor(name)
    }

    fn node(
        &mut self,
        op_type: &str,
        inputs: &[Tensor],
        attribute: Vec<proto::Attribute>,
    ) -> Tensor {
        let name = format!("{}_{}", op_type.to_ascii_lowercase(), self.graph.node.len());
        self.graph.node.push(proto::Node {
            input: inputs.iter().map(|tensor| tensor.0.clone()).collect(),
            output: vec![name.clone()],
            name: name.clone(),
            op_type: op_type.to_owned(),
            attribute,
            ..Default::default()
        });
        Tensor(name)
    }
}

fn value_info(name: &str, dims: &[Dim<'_>]) -> proto::ValueInfo {
    let dim = dims
        .iter()
        .map(|dim| match *dim {
            Dim::Fixed(length) => proto::DimensionValue::Fixed(length as i64),
            Dim::Symbolic(name) => proto::DimensionValue::Symbolic(name.to_owned()),
        })
        .map(|value| proto::Dimension { value: Some(value) })
        .collect();
    let tensor_type =
        proto::TensorType { elem_type: proto::FLOAT, shape: Some(proto::Shape { dim }) };
    proto::ValueInfo {
        name: name.to_owned(),
        r#type: Some(proto::Type { tensor_type: Some(tensor_type) }),
    }
}

fn window(pool: Pool) -> Vec<proto::Attribute> {
    let [top, left] = pool.padding;
    vec![
        ints("kernel_shape", &pool.kernel),
        ints("strides", &pool.stride),
        ints("pads", &[top, left, top, left]),
    ]
}

fn int(name: &str, value: i64) -> proto::Attribute {
    attribute(name, Some(value), Vec::new())
}

fn ints(name: &str, values: &[usize]) -> proto::Attribute {
    attribute(name, None, lengths(values))
}

fn attribute(name: &str, i: Option<i64>, ints: Vec<i64>) -> proto::Attribute {
    let kind = if i.is_some() { proto::AttributeType::Int } else { proto::AttributeType::Ints };
    proto::Attribute { name: name.to_owned(), i, ints, r#type: kind.into(), ..Default::default() }
}

fn lengths(values: &[usize]) -> Vec<i64> {
    values.iter().map(|&value| value as i64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_must_fill_their_shape() {
        assert!(Weights::new(&[2, 3], &[0.0; 6]).is_ok());
        assert!(matches!(Weights::new(&[2, 3], &[0.0; 5]), Err(OnnxError::WeightShape { .. })));
        assert!(matches!(
            Weights::new(&[usize::MAX, 3], &[0.0; 5]),
            Err(OnnxError::WeightShape { .. })
        ));
    }
}
