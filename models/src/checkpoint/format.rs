//! The bytes of a checkpoint: safetensors with a SHA-256 of what it holds in its metadata.

use std::collections::HashMap;
use std::fmt::Write as _;

use safetensors::SafeTensorError;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest, Sha256};
use tch::{Kind, TchError, Tensor};

use super::NamedTensors;
use crate::{ModelError, transfers};

/// The metadata's key.
const SHA256: &str = "sha256";

/// Kinds of tensors that a checkpoint may hold, and how safetensors calls them.
const KINDS: [(Kind, Dtype); 6] = [
    (Kind::Float, Dtype::F32),
    (Kind::Double, Dtype::F64),
    (Kind::Int64, Dtype::I64),
    (Kind::Int, Dtype::I32),
    (Kind::Uint8, Dtype::U8),
    (Kind::Bool, Dtype::BOOL),
];

/// The file that holds `tensors`: the same bytes for the same tensors.
pub(super) fn encode(tensors: &NamedTensors) -> Result<Vec<u8>, ModelError> {
    let mut values = Vec::new();
    for (name, tensor) in tensors {
        let bytes = transfers::read_bytes(tensor)?;
        let shape: Vec<usize> = tensor.size().iter().map(|side| *side as usize).collect();
        values.push((name.as_str(), dtype(tensor.kind())?, shape, bytes));
    }
    let views: Result<Vec<_>, SafeTensorError> = values
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            Ok((*name, TensorView::new(*dtype, shape.clone(), bytes)?))
        })
        .collect();
    let views = views.map_err(unfit)?;
    let metadata = HashMap::from([(SHA256.to_owned(), digest(&views))]);
    safetensors::serialize(views, Some(metadata)).map_err(unfit)
}

/// The tensors in the file `bytes`; what is wrong with it, where it is damaged.
pub(super) fn decode(bytes: &[u8]) -> Result<NamedTensors, String> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut views = file.tensors();
    views.sort_by(|one, other| one.0.cmp(&other.0));
    // A file without metadata was written before there were checksums; one with metadata always bears it.
    if let Some(metadata) = metadata.metadata()
        && metadata.get(SHA256) != Some(&digest(&views))
    {
        return Err("its contents are not those that its SHA-256 is of".to_owned());
    }
    views.into_iter().map(|(name, view)| Ok((name, tensor(&view)?))).collect()
}

/// SHA-256 of names, kinds, shapes and values, in this order for each tensor; 64 hexadecimal digits.
fn digest<S: AsRef<str>>(views: &[(S, TensorView)]) -> String {
    let mut hasher = Sha256::new();
    for (name, view) in views {
        let name = name.as_ref();
        hasher.update(format!("{} {name} {:?} {:?} ", name.len(), view.dtype(), view.shape()));
        hasher.update(view.data());
    }
    hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn dtype(kind: Kind) -> Result<Dtype, ModelError> {
    let known = KINDS.iter().find(|(known, _)| *known == kind);
    known.map(|(_, dtype)| *dtype).ok_or_else(|| unfit(format!("it cannot hold {kind:?}")))
}

fn tensor(view: &TensorView) -> Result<Tensor, String> {
    let known = KINDS.iter().find(|(_, dtype)| *dtype == view.dtype());
    let (kind, _) =
        known.ok_or_else(|| format!("it holds {:?}, which no run has", view.dtype()))?;
    let shape: Vec<i64> = view.shape().iter().map(|side| *side as i64).collect();
    Tensor::f_from_data_size(view.data(), &shape, *kind).map_err(|error| error.to_string())
}

/// What cannot be a checkpoint: no tensors that the networks have come to that.
fn unfit(reason: impl ToString) -> ModelError {
    TchError::Convert(format!("cannot write a checkpoint: {}", reason.to_string())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors() -> NamedTensors {
        NamedTensors::from([
            ("generator.weight".to_owned(), Tensor::from_slice(&[1.5f32, -2.0, 3.25]).view([3, 1])),
            ("optimizer.moment".to_owned(), Tensor::from_slice(&[0.5f64; 4])),
            ("step".to_owned(), Tensor::from_slice(&[7i64])),
        ])
    }

    #[test]
    fn tensors_come_back_as_they_were() {
        let tensors = tensors();
        let bytes = encode(&tensors).unwrap();
        let back = decode(&bytes).unwrap();
        assert_eq!(back.keys().collect::<Vec<_>>(), tensors.keys().collect::<Vec<_>>());
        for (name, tensor) in &tensors {
            assert_eq!(back[name].kind(), tensor.kind(), "{name}");
            assert_eq!(back[name], *tensor, "{name}");
        }
        assert_eq!(encode(&back).unwrap(), bytes);
    }

    /// Every single one of them: in the length, in the header, in the checksum itself and in the values.
    #[test]
    fn no_flipped_bit_gives_other_tensors() {
        let tensors = tensors();
        let bytes = encode(&tensors).unwrap();
        let mut refused = 0;
        for bit in 0..8 * bytes.len() {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            match decode(&damaged) {
                Ok(back) => assert_eq!(encode(&back).unwrap(), bytes, "bit {bit} went unseen"),
                Err(_) => refused += 1,
            }
        }
        // What may change unseen is white space that fills the header up.
        assert!(refused > 8 * bytes.len() - 64, "{refused} of {}", 8 * bytes.len());
    }

    #[test]
    fn a_checkpoint_without_a_checksum_can_still_be_read() {
        let views =
            [("step", TensorView::new(Dtype::I64, vec![1], &[7, 0, 0, 0, 0, 0, 0, 0]).unwrap())];
        let older = safetensors::serialize(views, None).unwrap();
        assert_eq!(decode(&older).unwrap()["step"].int64_value(&[0]), 7);
    }
}
