//! ONNX model files: written by [`GraphBuilder`], their metadata read by [`metadata`].
//!
//! Only what a small convolutional classifier needs is here (operator set 17, IR version 8); ONNX Runtime is
//! the judge of whether a graph is sound.

mod error;
mod graph;
mod model;
pub mod pixels;
pub mod proto;
mod wire;

use std::collections::BTreeMap;

use prost::Message;

pub use error::OnnxError;
pub use graph::{
    Activation, Conv, Dim, GraphBuilder, LayerNorm, Linear, Map, Pool, Tensor, Weights,
};
pub use model::{ExternalTensor, MAX_FILE_BYTES, Model};
pub use prost::bytes::Bytes;

/// The most metadata entries that [`metadata`] accepts in one model.
pub const MAX_METADATA_ENTRIES: usize = 4096;

/// Reads the metadata entries (`metadata_props`) of an ONNX model file's `bytes`.
///
/// Work and memory are linear in the length of `bytes`, and the weights are stepped over.
///
/// # Errors
/// [`OnnxError::NotOnnx`] if the bytes are no ONNX model, a key occurs twice, or there are more than
/// [`MAX_METADATA_ENTRIES`] entries.
pub fn metadata(bytes: &[u8]) -> Result<BTreeMap<String, String>, OnnxError> {
    let header = proto::ModelHeader::decode(bytes).map_err(|error| not_onnx(error.to_string()))?;
    if header.ir_version < 1 || header.graph.is_none() {
        return Err(not_onnx("it has no IR version or no graph"));
    }
    if header.metadata_props.len() > MAX_METADATA_ENTRIES {
        return Err(not_onnx(format!(
            "it has {} metadata entries, more than {MAX_METADATA_ENTRIES}",
            header.metadata_props.len()
        )));
    }
    let mut entries = BTreeMap::new();
    for pair in header.metadata_props {
        if entries.contains_key(&pair.key) {
            return Err(not_onnx(format!("metadata key {:?} occurs twice", pair.key)));
        }
        entries.insert(pair.key, pair.value);
    }
    Ok(entries)
}

/// The model `bytes` with further metadata `entries`; everything else stays as it is.
///
/// # Errors
/// [`OnnxError::NotOnnx`] as [`metadata`], and if the model has an entry of one of these keys.
pub fn described(bytes: &[u8], entries: &[(&str, &str)]) -> Result<Vec<u8>, OnnxError> {
    let found = metadata(bytes)?;
    if let Some((key, _)) = entries.iter().find(|(key, _)| found.contains_key(*key)) {
        return Err(not_onnx(format!("it has a metadata entry {key:?} already")));
    }
    let pair = |&(key, value): &(&str, &str)| proto::StringPair {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    // Fields of a message may come in any order, and repeated ones apart from each other.
    let more =
        proto::Model { metadata_props: entries.iter().map(pair).collect(), ..Default::default() };
    Ok([bytes, &more.encode_to_vec()].concat())
}

fn not_onnx(reason: impl Into<String>) -> OnnxError {
    OnnxError::NotOnnx { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small_model() -> Vec<u8> {
        let mut graph = GraphBuilder::new("small");
        let image = graph
            .input("image", &[Dim::Symbolic("n"), Dim::Fixed(3), Dim::Fixed(4), Dim::Fixed(4)]);
        let hot = graph.relu(&image);
        graph.output(
            &hot,
            "hot",
            &[Dim::Symbolic("n"), Dim::Fixed(3), Dim::Fixed(4), Dim::Fixed(4)],
        );
        graph.metadata("first", "1").metadata("second", "zwei");
        graph.finish()
    }

    #[test]
    fn metadata_round_trips() {
        let entries = metadata(&small_model()).expect("a model written here");
        let expected =
            [("first", "1"), ("second", "zwei")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(entries, BTreeMap::from(expected));
    }

    #[test]
    fn descriptions_are_added_and_nothing_else() {
        let model = small_model();
        let described = described(&model, &[("third", "3")]).expect("a model written here");
        assert!(described.starts_with(&model));
        let entries = metadata(&described).expect("a model written here");
        assert_eq!(entries.get("third").map(String::as_str), Some("3"));
        assert_eq!(entries.len(), 3);
        assert!(super::described(&model, &[("first", "2")]).is_err());
        assert!(super::described(b"none", &[]).is_err());
    }

    #[test]
    fn truncated_models_are_errors_or_lose_only_the_tail() {
        let whole = small_model();
        let all = metadata(&whole).expect("a model written here");
        for length in 0..whole.len() {
            if let Ok(entries) = metadata(&whole[..length]) {
                assert!(entries.len() < all.len(), "cut at {length}");
            }
        }
    }

    #[test]
    fn text_and_emptiness_are_no_models() {
        for bytes in
            [&b""[..], b"hello world, not a model", b"<html></html>", &[0xff; 64], &[0x0b; 4096]]
        {
            assert!(matches!(metadata(bytes), Err(OnnxError::NotOnnx { .. })), "{bytes:?}");
        }
    }

    #[test]
    fn a_flood_of_entries_is_refused() {
        let mut bytes = vec![0x08, 8, 0x3a, 0];
        bytes.extend([0x72, 0].repeat(MAX_METADATA_ENTRIES + 1));
        assert!(matches!(metadata(&bytes), Err(OnnxError::NotOnnx { .. })));
    }

    #[test]
    fn a_key_twice_is_refused() {
        let mut bytes = vec![0x08, 8, 0x3a, 0];
        bytes.extend([0x72, 3, 0x0a, 1, b'k'].repeat(2));
        let error = metadata(&bytes).expect_err("a repeated key");
        assert!(error.to_string().contains("\"k\""), "{error}");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..512)) {
            let _ = metadata(&bytes);
        }
    }
}
