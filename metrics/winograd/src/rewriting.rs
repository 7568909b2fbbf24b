//! Models in ONNX Runtime's blocked layout.
//!
//! ONNX Runtime rewrites models so itself before it computes, but then it is too late to put in operators that take
//! part in the layout. Its blocked operators are those of the domain `com.microsoft.nchwc`; a concatenation of
//! channels and whatever goes value by value is the same in either layout.

use std::collections::{HashMap, HashSet};

use bench_onnx::{Bytes, proto};
use prost::Message;

use crate::error::WinogradError;
use crate::operator;
use crate::register;
use crate::shape::Shape;

/// Domain of ONNX Runtime's operators in the blocked layout.
const BLOCKED: &str = "com.microsoft.nchwc";

/// Most input channels of a convolution that is worth transforming: where there are more, images are small, and there
/// are too few tiles for the time that it takes to read the transformed kernels.
const MOST_INPUTS: usize = 192;

/// The model of these bytes in the blocked layout with convolutions of this crate.
///
/// # Errors
/// [`WinogradError::Model`] if there is none to put in, or it has anything that this function does not know;
/// [`WinogradError::Processor`].
pub(super) fn rewritten(bytes: &Bytes) -> Result<proto::Model, WinogradError> {
    let lanes = register::lanes().ok_or(WinogradError::Processor)?;
    let mut model =
        proto::Model::decode(bytes.clone()).map_err(|error| refused(&error.to_string()))?;
    let graph = model.graph.as_ref().ok_or_else(|| refused("it has no graph"))?;
    // Side by side: where weights are large either takes as long.
    let (is_whole, changes) = rayon::join(|| is_whole(&model, bytes), || changes(graph, lanes));
    if !is_whole {
        return Err(refused("it has fields that `bench` does not write"));
    }
    let Changes { nodes, mut weights } = changes?;
    if let Some(graph) = model.graph.as_mut() {
        graph.node = nodes;
        for tensor in &mut graph.initializer {
            if let Some(reordered) = weights.remove(&tensor.name) {
                tensor.raw_data = reordered;
            }
        }
    }
    for domain in [operator::DOMAIN, BLOCKED] {
        model.opset_import.push(proto::OperatorSet { domain: domain.to_owned(), version: 1 });
    }
    Ok(model)
}

/// Whether a model has all that is in the `bytes` that it was read from: a field that is not known is left out.
fn is_whole(model: &proto::Model, bytes: &[u8]) -> bool {
    model.encoded_len() == bytes.len() && model.encode_to_vec() == bytes
}

/// What becomes of a graph.
struct Changes {
    nodes: Vec<proto::Node>,
    /// New data of weights, by name.
    weights: HashMap<String, Bytes>,
}

/// What becomes of a graph for registers of so many lanes.
fn changes(graph: &proto::Graph, lanes: usize) -> Result<Changes, WinogradError> {
    let nodes = &graph.node;
    let mut rewriting = Rewriting::new(graph, lanes);
    let mut fused = HashSet::new();
    for (index, node) in nodes.iter().enumerate() {
        if fused.contains(&index) {
            continue;
        }
        if !is_known(node) {
            return Err(refused_node(node, "is none that `bench` writes"));
        }
        match node.op_type.as_str() {
            "Conv" => {
                if rewriting.plain_convolution(node).is_some() {
                    continue;
                }
                let relu = rewriting
                    .only_reader(node)
                    .filter(|&reader| nodes[reader].op_type == "Relu" && is_known(&nodes[reader]));
                fused.extend(relu);
                rewriting
                    .convolution(node, relu.map(|relu| &nodes[relu]))
                    .ok_or_else(|| refused_node(node, "has no shape of the blocked layout"))?;
            }
            "MaxPool" | "AveragePool" => rewriting.pooling(node, true),
            "GlobalAveragePool" => rewriting.pooling(node, false),
            "Relu" | "Concat" => rewriting
                .same_in_both_layouts(node)
                .ok_or_else(|| refused_node(node, "joins both layouts"))?,
            _ => rewriting
                .plain(node)
                .ok_or_else(|| refused_node(node, "reads a value in the blocked layout"))?,
        }
    }
    let Rewriting { written, reordered, own, blocked, outputs, .. } = rewriting;
    if !blocked.is_disjoint(&outputs) {
        return Err(refused("an output is in the blocked layout"));
    }
    if own == 0 {
        return Err(refused("it has no convolution that would gain"));
    }
    Ok(Changes { nodes: written, weights: reordered })
}

fn refused(reason: &str) -> WinogradError {
    WinogradError::Model(reason.to_owned())
}

fn refused_node(node: &proto::Node, reason: &str) -> WinogradError {
    let output = node.output.first().map_or("nothing", String::as_str);
    refused(&format!("the {} that makes {output} {reason}", node.op_type))
}

/// Whether it is clear what a node does.
fn is_known(node: &proto::Node) -> bool {
    let attributes: &[&str] = match node.op_type.as_str() {
        "Conv" => &["kernel_shape", "strides", "pads", "dilations", "group"],
        "MaxPool" => &["kernel_shape", "strides", "pads"],
        "AveragePool" => &["kernel_shape", "strides", "pads", "count_include_pad"],
        "Concat" | "Flatten" => &["axis"],
        "Relu" | "GlobalAveragePool" | "Identity" | "Add" => &[],
        "Gemm" => &["transA", "transB"],
        _ => return false,
    };
    node.domain.is_empty()
        && node.output.len() == 1
        && node.attribute.iter().all(|attribute| attributes.contains(&attribute.name.as_str()))
}

/// The state between two nodes.
struct Rewriting<'g> {
    /// Channels in a block of the layout.
    lanes: usize,
    weights: HashMap<&'g str, &'g proto::Tensor>,
    /// New data of weights, by name.
    reordered: HashMap<String, Bytes>,
    /// Nodes that read each value.
    readers: HashMap<String, Vec<usize>>,
    /// Values that are outputs of the graph.
    outputs: HashSet<String>,
    /// Values in the blocked layout.
    blocked: HashSet<String>,
    written: Vec<proto::Node>,
    /// Convolutions of this crate.
    own: usize,
}

impl<'g> Rewriting<'g> {
    fn new(graph: &'g proto::Graph, lanes: usize) -> Self {
        let mut readers: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, node) in graph.node.iter().enumerate() {
            for input in &node.input {
                readers.entry(input.clone()).or_default().push(index);
            }
        }
        Self {
            lanes,
            outputs: graph.output.iter().map(|output| output.name.clone()).collect(),
            weights: graph
                .initializer
                .iter()
                .map(|tensor| (tensor.name.as_str(), tensor))
                .collect(),
            reordered: HashMap::new(),
            readers,
            blocked: HashSet::new(),
            written: Vec::new(),
            own: 0,
        }
    }

    /// The node that reads what `node` computes, if nothing else does.
    fn only_reader(&self, node: &proto::Node) -> Option<usize> {
        let [name] = &node.output[..] else { return None };
        match self.readers.get(name).map(Vec::as_slice) {
            Some(&[reader]) if !self.outputs.contains(name) => Some(reader),
            _ => None,
        }
    }

    /// Writes a convolution with what follows it, a ReLU or nothing.
    fn convolution(&mut self, node: &proto::Node, relu: Option<&proto::Node>) -> Option<()> {
        let shape = self.shape_of(node)?;
        let own = self.is_blocked(node)
            && shape.inputs <= MOST_INPUTS
            && is_one(node, "strides")
            && shape.is_supported();
        let mut written = node.clone();
        if own {
            self.own += 1;
            written.name = format!("{}_{}", operator::NAME, self.own);
            written.op_type = operator::NAME.to_owned();
            written.domain = operator::DOMAIN.to_owned();
            written.attribute.retain(|attribute| attribute.name == operator::PADS);
            written.attribute.push(proto::Attribute {
                name: operator::RELU.to_owned(),
                i: Some(i64::from(relu.is_some())),
                r#type: proto::AttributeType::Int.into(),
                ..Default::default()
            });
        } else {
            let weight = self.weights.get(node.input[1].as_str())?;
            self.reordered.insert(weight.name.clone(), reorder(&weight.raw_data, shape).into());
            written.domain = BLOCKED.to_owned();
            written.attribute.extend(relu.map(|_| proto::Attribute {
                name: "activation".to_owned(),
                s: Some(b"Relu".to_vec()),
                r#type: proto::AttributeType::String.into(),
                ..Default::default()
            }));
        }
        if let Some(relu) = relu {
            written.output.clone_from(&relu.output);
        }
        self.blocked.extend(written.output.iter().cloned());
        self.written.push(written);
        Some(())
    }

    /// Writes a convolution whose outputs fill no block, such as that of spatial features, as it is, and before it what
    /// takes its input out of the blocked layout.
    fn plain_convolution(&mut self, node: &proto::Node) -> Option<()> {
        let [input, weight, _] = &node.input[..] else { return None };
        let &[outputs, channels, ..] = self.weights.get(weight.as_str())?.dims.as_slice() else {
            return None;
        };
        let lanes = i64::try_from(self.lanes).ok()?;
        let one_group = int(node, "group").is_none_or(|groups| groups == 1);
        let fills_no_block = outputs % lanes != 0 && channels > 0 && channels % lanes == 0;
        if !self.blocked.contains(input) || !one_group || !fills_no_block {
            return None;
        }
        let plain = format!("{}_input", node.output.first()?);
        self.written.push(proto::Node {
            input: vec![input.clone()],
            output: vec![plain.clone()],
            name: plain.clone(),
            op_type: "ReorderOutput".to_owned(),
            domain: BLOCKED.to_owned(),
            attribute: vec![proto::Attribute {
                name: "channels".to_owned(),
                i: Some(channels),
                r#type: proto::AttributeType::Int.into(),
                ..Default::default()
            }],
        });
        let mut written = node.clone();
        written.input[0] = plain;
        self.written.push(written);
        Some(())
    }

    /// The shape of a convolution that can be written in the blocked layout.
    fn shape_of(&self, node: &proto::Node) -> Option<Shape> {
        let [input, weight, bias] = &node.input[..] else { return None };
        let read_once = self.readers[weight].len() == 1 && !self.outputs.contains(weight);
        if !read_once || !self.weights.contains_key(bias.as_str()) {
            return None;
        }
        let weight =
            self.weights.get(weight.as_str()).filter(|weight| weight.data_type == proto::FLOAT)?;
        let dims: Option<Vec<usize>> =
            weight.dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
        let &[outputs, inputs, down, across] = &dims?[..] else { return None };
        let bytes = [outputs, inputs, down, across]
            .into_iter()
            .try_fold(size_of::<f32>(), |product, dim| product.checked_mul(dim))?;
        let &[top, left, bottom, right] = ints(node, "pads")? else { return None };
        let padding = [usize::try_from(top).ok()?, usize::try_from(left).ok()?];
        let one_group = int(node, "group").is_none_or(|groups| groups == 1);
        let blocked = self.blocked.contains(input);
        let lanes = self.lanes;
        let fits = outputs.is_multiple_of(lanes)
            && (if blocked { inputs.is_multiple_of(lanes) } else { inputs < lanes })
            && weight.raw_data.len() == bytes
            && [top, left] == [bottom, right]
            && one_group
            && is_one(node, "dilations");
        fits.then_some(Shape { lanes, inputs, outputs, taps: [down, across], padding })
    }

    /// Writes a pooling, which leaves the layout as it is, unless a single value is left of every channel.
    fn pooling(&mut self, node: &proto::Node, has_size: bool) {
        let mut written = node.clone();
        if self.is_blocked(node) {
            written.domain = BLOCKED.to_owned();
            if has_size {
                self.blocked.extend(node.output.iter().cloned());
            }
        }
        self.written.push(written);
    }

    /// Writes a node that does the same in both layouts, if its inputs are in one of them.
    fn same_in_both_layouts(&mut self, node: &proto::Node) -> Option<()> {
        if self.is_blocked(node) {
            let channels = node.op_type == "Relu" || int(node, "axis") == Some(1);
            let all = node.input.iter().all(|input| self.blocked.contains(input));
            if !all || !channels {
                return None;
            }
            self.blocked.extend(node.output.iter().cloned());
        }
        self.written.push(node.clone());
        Some(())
    }

    /// Writes a node that only takes the plain layout.
    fn plain(&mut self, node: &proto::Node) -> Option<()> {
        let plain = !self.is_blocked(node);
        self.written.push(node.clone());
        plain.then_some(())
    }

    /// Whether any input is in the blocked layout.
    fn is_blocked(&self, node: &proto::Node) -> bool {
        node.input.iter().any(|input| self.blocked.contains(input))
    }
}

/// Kernels `[outputs, inputs, down, across]` as blocked convolutions want them: by blocks of outputs and inputs, and
/// in a block `[down, across, inputs, outputs]`. Inputs in the plain layout are blocks of their own.
fn reorder(raw: &[u8], shape: Shape) -> Vec<u8> {
    const BYTES: usize = size_of::<f32>();
    let Shape { lanes, inputs, outputs, taps: [down, across], .. } = shape;
    let block = if inputs < lanes { 1 } else { lanes };
    let mut reordered = Vec::with_capacity(raw.len());
    for output_block in (0..outputs).step_by(lanes) {
        for input_block in (0..inputs).step_by(block) {
            for tap in 0..down * across {
                for input in input_block..input_block + block {
                    for output in output_block..output_block + lanes {
                        let index = (output * inputs + input) * down * across + tap;
                        reordered.extend_from_slice(&raw[index * BYTES..][..BYTES]);
                    }
                }
            }
        }
    }
    reordered
}

fn ints<'n>(node: &'n proto::Node, name: &str) -> Option<&'n [i64]> {
    let attribute = node.attribute.iter().find(|attribute| attribute.name == name)?;
    Some(&attribute.ints)
}

/// Whether all values of an attribute are 1, as they are where it is left out.
fn is_one(node: &proto::Node, name: &str) -> bool {
    ints(node, name).is_none_or(|values| values.iter().all(|&value| value == 1))
}

fn int(node: &proto::Node, name: &str) -> Option<i64> {
    node.attribute.iter().find(|attribute| attribute.name == name)?.i
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::has_registers;
    use bench_onnx::{Conv, Dim, GraphBuilder, Tensor, Weights};

    fn conv(inputs: usize, outputs: usize, groups: usize) -> Conv {
        let dims = [outputs, inputs / groups, 3, 3];
        let weight = vec![0.5; dims.iter().product()];
        Conv {
            weight: Weights::new(&dims, &weight).expect("values that fill the shape"),
            bias: Some(Weights::new(&[outputs], &vec![0.0; outputs]).expect("as many values")),
            stride: [1, 1],
            padding: [1, 1],
            groups,
        }
    }

    /// A first convolution to 16 channels, what `middle` makes of it, and the mean of that.
    fn model(middle: impl FnOnce(&mut GraphBuilder, &Tensor) -> Tensor) -> Bytes {
        let mut graph = GraphBuilder::new("rewriting");
        let side = Dim::Fixed(8);
        let images = graph.input("images", &[Dim::Symbolic("n"), Dim::Fixed(3), side, side]);
        let first = graph.conv(&images, conv(3, 16, 1));
        let last = middle(&mut graph, &first);
        let mean = graph.global_average_pool(&last);
        graph.output(&mean, "mean", &[Dim::Symbolic("n"), Dim::Symbolic("c")]);
        graph.finish().into()
    }

    #[test]
    fn a_relu_is_fused_only_where_nothing_else_reads() {
        if !has_registers() {
            return;
        }
        let operators = |model: &Bytes| -> Vec<String> {
            let model = rewritten(model).expect("a model of known nodes");
            model.graph.expect("a graph").node.into_iter().map(|node| node.op_type).collect()
        };
        let fused = model(|graph, x| {
            let x = graph.conv(x, conv(16, 16, 1));
            graph.relu(&x)
        });
        assert_eq!(operators(&fused), ["Conv", operator::NAME, "GlobalAveragePool", "Identity"]);
        let read_twice = model(|graph, x| {
            let x = graph.conv(x, conv(16, 16, 1));
            let hot = graph.relu(&x);
            graph.concat(&[x, hot])
        });
        let expected = ["Conv", operator::NAME, "Relu", "Concat", "GlobalAveragePool", "Identity"];
        assert_eq!(operators(&read_twice), expected);
        let few_outputs = model(|graph, x| {
            let x = graph.conv(x, conv(16, 16, 1));
            let few = graph.conv(&x, conv(16, 7, 1));
            graph.relu(&few)
        });
        let mean = ["Relu", "GlobalAveragePool", "Identity"];
        let expected = [&["Conv", operator::NAME, "ReorderOutput", "Conv"], &mean[..]].concat();
        assert_eq!(operators(&few_outputs), expected);
    }

    #[test]
    fn other_models_stay_as_they_are() {
        assert!(rewritten(&Bytes::new()).is_err());
        assert!(rewritten(&Bytes::from_static(b"no model")).is_err());
        let sound = model(|graph, x| graph.conv(x, conv(16, 16, 1)));
        assert_eq!(rewritten(&sound).is_ok(), has_registers());
        // A field that is not known: the documentation of the model.
        let documented = [&sound[..], &[0x32, 2, b'h', b'i']].concat().into();
        let error = rewritten(&documented).expect_err("an unknown field").to_string();
        assert!(error.contains("fields"), "{error}");
        for (what, reason, model) in [
            ("no convolution to put in", "would gain", model(|_, x| x.clone())),
            ("groups", "the Conv", model(|graph, x| graph.conv(x, conv(16, 16, 16)))),
            (
                "channels that fill no register, and nothing else",
                "would gain",
                model(|graph, x| graph.conv(x, conv(16, 20, 1))),
            ),
            (
                "a sum, which may repeat a value",
                "the Add",
                model(|graph, x| {
                    let x = graph.conv(x, conv(16, 16, 1));
                    graph.add(&x, &x)
                }),
            ),
            (
                "a blocked value where none can be",
                "the Flatten",
                model(|graph, x| {
                    let x = graph.conv(x, conv(16, 16, 1));
                    let flat = graph.flatten(&x);
                    graph.output(&flat, "flat", &[Dim::Symbolic("n"), Dim::Symbolic("d")]);
                    x
                }),
            ),
        ] {
            let error = rewritten(&model).expect_err(what).to_string();
            assert!(error.contains(reason), "{what}: {error}");
        }
    }
    proptest::proptest! {
        /// Damaged models panic nowhere, and what is rewritten of them is a model.
        #[test]
        fn no_bytes_panic(damages in proptest::collection::vec((0_usize..1 << 16, proptest::num::u8::ANY), 1..4)) {
            let mut bytes: Vec<u8> = model(|graph, x| {
                let x = graph.conv(x, conv(16, 16, 1));
                let x = graph.relu(&x);
                let x = graph.concat(&[x.clone(), x]);
                graph.conv(&x, conv(32, 7, 1))
            }).into();
            // Where the weights are there is nothing to damage: it is the rest that matters.
            let places: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].iter().take(8).any(|&byte| byte != 0 && byte != 0x3f)).collect();
            for (place, byte) in damages {
                bytes[places[place % places.len()]] = byte;
            }
            if let Ok(rewritten) = rewritten(&bytes.into()) {
                proptest::prop_assert!(rewritten.graph.is_some());
            }
        }
    }
}
