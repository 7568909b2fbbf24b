//! Models that take bytes: resizing and scaling become part of the graph, before everything else.
//!
//! A device that computes the network then resizes and scales, too, and a fourth of the bytes travel to it.

use prost::Message;

use crate::error::OnnxError;
use crate::proto;
use crate::wire::{self, Field};

/// Input of the images: `u8`, N x H x W x C with C 1 or 3 and free lengths.
pub const PIXELS: &str = "bench.pixels";
/// Input of the matrix that rows are resized by: `f32`, S x H.
pub const ROWS: &str = "bench.rows";
/// Input of the matrix that columns are resized by: `f32`, W x S.
pub const COLUMNS: &str = "bench.columns";

/// Fields of `ModelProto` and `GraphProto`.
const GRAPH: u32 = 7;
const INITIALIZER: u32 = 5;
const INPUT: u32 = 11;

/// Element type `UINT8`.
const UINT8: i32 = 2;

/// What is read of an initializer.
#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, tag = "8")]
    name: String,
}

/// The model `bytes` with the inputs [`PIXELS`], [`ROWS`] and [`COLUMNS`] in the place of its own, N x 3 x S x S. Of an image x
/// it sees `(rows x columns - mean) / std`, grey as three equal channels; `mean` and `std` are of red, green and blue. Everything
/// else stays as it is, also what this crate does not know.
///
/// # Errors
/// [`OnnxError::NotOnnx`] if these bytes are no model, or one of another number of inputs.
pub fn fed_by_pixels(bytes: &[u8], mean: [f32; 3], std: [f32; 3]) -> Result<Vec<u8>, OnnxError> {
    let fields = fields(bytes)?;
    let mut model = Vec::with_capacity(bytes.len() + 4096);
    let mut graphs = 0;
    for field in fields {
        match field.payload {
            Some(graph) if field.number == GRAPH => {
                graphs += 1;
                wire::write_message(&mut model, GRAPH, &fed_graph(graph, mean, std)?);
            }
            _ => model.extend_from_slice(field.whole),
        }
    }
    match graphs {
        1 => Ok(model),
        n => Err(not_onnx(format!("it has {n} graphs instead of one"))),
    }
}

fn fed_graph(bytes: &[u8], mean: [f32; 3], std: [f32; 3]) -> Result<Vec<u8>, OnnxError> {
    let fields = fields(bytes)?;
    let input = only_input(&fields)?;
    // Nodes stand in the order in which they are computed.
    let mut graph = prefix(&input, mean, std).encode_to_vec();
    graph.reserve(bytes.len());
    let kept = |field: &&Field<'_>| field.number != INPUT || !is_called(field, &input);
    fields.iter().filter(kept).for_each(|field| graph.extend_from_slice(field.whole));
    Ok(graph)
}

/// The name of the input that is no initializer.
fn only_input(fields: &[Field<'_>]) -> Result<String, OnnxError> {
    let of = |number| fields.iter().filter(move |field| field.number == number);
    let decoded = |error: prost::DecodeError| not_onnx(error.to_string());
    let mut inputs = Vec::new();
    for payload in of(INPUT).filter_map(|field| field.payload) {
        inputs.push(proto::ValueInfo::decode(payload).map_err(decoded)?.name);
    }
    for payload in of(INITIALIZER).filter_map(|field| field.payload) {
        let constant = Named::decode(payload).map_err(decoded)?.name;
        inputs.retain(|input| *input != constant);
    }
    match <[String; 1]>::try_from(inputs) {
        Ok([input]) => Ok(input),
        Err(inputs) => Err(not_onnx(format!("it has {} inputs instead of one", inputs.len()))),
    }
}

fn is_called(field: &Field<'_>, name: &str) -> bool {
    let info = field.payload.and_then(|payload| proto::ValueInfo::decode(payload).ok());
    info.is_some_and(|info| info.name == name)
}

/// The nodes that make the value `result` of the new inputs, with these.
fn prefix(result: &str, mean: [f32; 3], std: [f32; 3]) -> proto::Graph {
    let value = |name: &str| format!("bench.{name}");
    let channels = |name: &str, values: [f32; 3]| proto::Tensor {
        dims: vec![1, 3, 1, 1],
        data_type: proto::FLOAT,
        name: value(name),
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        ..Default::default()
    };
    let node = |op_type: &str, inputs: [&str; 2], output: &str| proto::Node {
        input: inputs.iter().filter(|input| !input.is_empty()).map(|&own| own.to_owned()).collect(),
        output: vec![output.to_owned()],
        name: format!("bench.{}.{output}", op_type.to_ascii_lowercase()),
        op_type: op_type.to_owned(),
        ..Default::default()
    };
    let [planes, numbers, wide, square, centred] =
        ["planes", "numbers", "wide", "square", "centred"].map(value);
    let channels_first = proto::Attribute {
        name: "perm".to_owned(),
        ints: vec![0, 3, 1, 2],
        r#type: proto::AttributeType::Ints.into(),
        ..Default::default()
    };
    let to_float = proto::Attribute {
        name: "to".to_owned(),
        i: Some(proto::FLOAT.into()),
        r#type: proto::AttributeType::Int.into(),
        ..Default::default()
    };
    proto::Graph {
        node: vec![
            proto::Node {
                attribute: vec![channels_first],
                ..node("Transpose", [PIXELS, ""], &planes)
            },
            proto::Node { attribute: vec![to_float], ..node("Cast", [&planes, ""], &numbers) },
            node("MatMul", [&numbers, COLUMNS], &wide),
            node("MatMul", [ROWS, &wide], &square),
            // One channel becomes three by being subtracted from.
            node("Sub", [&square, &value("mean")], &centred),
            node("Div", [&centred, &value("std")], result),
        ],
        initializer: vec![channels("mean", mean), channels("std", std)],
        input: vec![
            input(PIXELS, UINT8, &["n", "height", "width", "channels"]),
            input(ROWS, proto::FLOAT, &["side", "height"]),
            input(COLUMNS, proto::FLOAT, &["width", "side"]),
        ],
        ..Default::default()
    }
}

/// An input of free lengths.
fn input(name: &str, elem_type: i32, lengths: &[&str]) -> proto::ValueInfo {
    let dim = lengths.iter().map(|length| proto::Dimension {
        value: Some(proto::DimensionValue::Symbolic(format!("bench.{length}"))),
    });
    let shape = Some(proto::Shape { dim: dim.collect() });
    let tensor_type = Some(proto::TensorType { elem_type, shape });
    proto::ValueInfo { name: name.to_owned(), r#type: Some(proto::Type { tensor_type }) }
}

fn fields(bytes: &[u8]) -> Result<Vec<Field<'_>>, OnnxError> {
    wire::fields(bytes).ok_or_else(|| not_onnx("its fields are cut or malformed".to_owned()))
}

fn not_onnx(reason: String) -> OnnxError {
    OnnxError::NotOnnx { reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dim, GraphBuilder, metadata};

    fn model() -> Vec<u8> {
        let mut graph = GraphBuilder::new("small");
        let dims = [Dim::Symbolic("n"), Dim::Fixed(3), Dim::Fixed(4), Dim::Fixed(4)];
        let image = graph.input("image", &dims);
        let hot = graph.relu(&image);
        graph.output(&hot, "hot", &dims);
        graph.metadata("key", "value");
        graph.finish()
    }

    #[test]
    fn the_graph_begins_with_the_pixels_and_goes_on_as_it_was() {
        let fed = fed_by_pixels(&model(), [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]).expect("a model");
        let (old, new) = (proto::Model::decode(&*model()), proto::Model::decode(&*fed));
        let (old, new) = (old.expect("a model"), new.expect("a model"));
        let (old, new) = (old.graph.expect("a graph"), new.graph.expect("a graph"));
        let inputs: Vec<&str> = new.input.iter().map(|input| input.name.as_str()).collect();
        assert_eq!(inputs, [PIXELS, ROWS, COLUMNS]);
        let (prefix, rest) = new.node.split_at(6);
        assert_eq!(rest, old.node);
        assert_eq!(prefix[5].output, ["image"]);
        assert_eq!(new.output, old.output);
        assert_eq!(metadata(&fed).expect("a model").len(), 1);
    }

    #[test]
    fn fields_that_this_crate_does_not_know_stay() {
        // `doc_string` of the model, field 6, and of the graph, field 10.
        let mut graph = Vec::new();
        wire::write_message(&mut graph, 10, b"what the graph is");
        wire::write_message(&mut graph, INPUT, &input("x", proto::FLOAT, &["n"]).encode_to_vec());
        let mut model = Vec::new();
        wire::write_message(&mut model, 6, b"what the model is");
        wire::write_message(&mut model, GRAPH, &graph);
        let fed = fed_by_pixels(&model, [0.0; 3], [1.0; 3]).expect("a model");
        let holds = |text: &[u8]| fed.windows(text.len()).any(|window| window == text);
        assert!(holds(b"what the graph is") && holds(b"what the model is"));
    }

    #[test]
    fn other_inputs_are_refused() {
        let mut graph = GraphBuilder::new("two");
        let dims = [Dim::Symbolic("n"), Dim::Fixed(3)];
        let [a, b] = ["a", "b"].map(|name| graph.input(name, &dims));
        let sum = graph.add(&a, &b);
        graph.output(&sum, "sum", &dims);
        let error = fed_by_pixels(&graph.finish(), [0.0; 3], [1.0; 3]).expect_err("two inputs");
        assert!(error.to_string().contains("2 inputs"), "{error}");
        assert!(fed_by_pixels(b"", [0.0; 3], [1.0; 3]).is_err());
    }

    #[test]
    fn cut_models_are_errors() {
        let whole = model();
        let graph = wire::fields(&whole).expect("a model");
        let end = graph.iter().find(|field| field.number == GRAPH).expect("a graph").whole.len();
        for length in 1..end {
            assert!(fed_by_pixels(&whole[..length], [0.0; 3], [1.0; 3]).is_err(), "{length}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..512)) {
            let _ = fed_by_pixels(&bytes, [0.0; 3], [1.0; 3]);
        }
    }
}
