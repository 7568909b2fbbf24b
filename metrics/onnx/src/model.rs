//! Models whose large tensors lie outside of their file.

use prost::Message;
use prost::bytes::Bytes;

use crate::proto;

/// Most bytes of a model with its tensors inside: protocol buffers end at 2 GiB, and what is not tensors takes some.
pub const MAX_FILE_BYTES: usize = 2_000_000_000;

/// Smaller tensors of a model that is too long stay inside: they are many and little together.
const LEAST_OUTSIDE: usize = 4 << 20;
/// The same of a model whose tensors are shared: what is as small as a shape may be looked into when a model is loaded.
const LEAST_SHARED: usize = 1 << 10;

/// Where the file says that a tensor outside lies: in no file, but where whoever loads the model keeps it.
const LOCATION: &str = "memory";

/// A model file, and the tensors of the model that are not in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The file.
    pub bytes: Vec<u8>,
    /// The tensors, each of which the file names; none of a model that fits into a file.
    pub outside: Vec<ExternalTensor>,
}

/// A tensor of `f32` that a model names and does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalTensor {
    /// Its name in the model.
    pub name: String,
    /// Its shape.
    pub dims: Vec<usize>,
    /// Its values, row-major and little-endian.
    pub little_endian: Bytes,
}

impl Model {
    /// The model `whole`, with its large tensors outside if all of them together take more than `most` bytes.
    pub(crate) fn new(whole: proto::Model, most: usize) -> Self {
        let tensors = whole.graph.iter().flat_map(|graph| &graph.initializer);
        let total: usize = tensors.map(|tensor| tensor.raw_data.len()).sum();
        match total > most {
            true => Self::split(whole, LEAST_OUTSIDE.min(most)),
            false => Self::from(whole.encode_to_vec()),
        }
    }

    /// The model `whole` with all but its smallest tensors outside, where whoever loads it more than once can share them.
    pub fn with_tensors_outside(whole: proto::Model) -> Self {
        Self::split(whole, LEAST_SHARED)
    }

    /// The model `whole` with its tensors of more than `least` bytes outside.
    fn split(mut whole: proto::Model, least: usize) -> Self {
        let is_large = |tensor: &&mut proto::Tensor| {
            tensor.data_type == proto::FLOAT && tensor.raw_data.len() > least
        };
        let tensors = whole.graph.iter_mut().flat_map(|graph| &mut graph.initializer);
        let outside = tensors.filter(is_large).map(take_out).collect();
        Self { bytes: whole.encode_to_vec(), outside }
    }

    /// Bytes of the file and of all tensors outside.
    pub fn len(&self) -> usize {
        let outside: usize = self.outside.iter().map(|tensor| tensor.little_endian.len()).sum();
        self.bytes.len() + outside
    }

    /// Whether there is nothing, which no model is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A file that holds all of its tensors.
impl From<Vec<u8>> for Model {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, outside: Vec::new() }
    }
}

fn take_out(tensor: &mut proto::Tensor) -> ExternalTensor {
    let little_endian = std::mem::take(&mut tensor.raw_data);
    let entry = |key: &str, value: String| proto::StringPair { key: key.to_owned(), value };
    tensor.data_location = Some(proto::EXTERNAL);
    tensor.external_data = vec![
        entry("location", LOCATION.to_owned()),
        entry("offset", "0".to_owned()),
        entry("length", little_endian.len().to_string()),
    ];
    let dims = tensor.dims.iter().map(|&dim| usize::try_from(dim).unwrap_or_default()).collect();
    ExternalTensor { name: tensor.name.clone(), dims, little_endian }
}

#[cfg(test)]
mod tests {
    use crate::{Dim, GraphBuilder, Linear, MAX_FILE_BYTES, Weights, metadata};

    fn builder() -> GraphBuilder {
        let mut graph = GraphBuilder::new("small");
        let input = graph.input("input", &[Dim::Symbolic("n"), Dim::Fixed(3)]);
        let weight = Weights::new(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).expect("six values");
        let output = graph.linear(&input, Linear { weight, bias: None });
        graph.output(&output, "output", &[Dim::Symbolic("n"), Dim::Fixed(2)]);
        graph.metadata("key", "value");
        graph
    }

    #[test]
    fn large_tensors_lie_outside_of_a_file_that_would_be_too_long() {
        let whole = builder().finish();
        let model = builder().finish_within(MAX_FILE_BYTES);
        assert_eq!((&model.bytes, model.outside.len(), model.len()), (&whole, 0, whole.len()));
        let model = builder().finish_within(20);
        let [weight] = model.outside.as_slice() else { panic!("{:?}", model.outside) };
        assert_eq!((weight.dims.as_slice(), weight.little_endian.len()), (&[2, 3][..], 24));
        assert_eq!(weight.little_endian[..4], 1_f32.to_le_bytes());
        assert!(!model.bytes.windows(24).any(|bytes| bytes == weight.little_endian));
        assert_eq!(metadata(&model.bytes).expect("a sound model")["key"], "value");
    }
}
