//! Named tensors to and from safetensors files.
//!
//! A checkpoint holds everything that a run's future depends on: parameters, buffers, optimiser
//! state and counters. Random streams need no state (see [`crate::streams`]). It also holds a SHA-256 of
//! all that, so that a damaged one is never gone on from.

mod format;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tch::{Kind, Tensor, nn};

use crate::{ModelError, transfers};

/// Tensors by name, in name order.
pub type NamedTensors = BTreeMap<String, Tensor>;

/// Writes `tensors` to `path` as safetensors. Not atomic: write beside and rename.
///
/// # Errors
/// [`ModelError::Write`] where the disk refuses.
pub fn write(tensors: &NamedTensors, path: &Path) -> Result<(), ModelError> {
    let bytes = format::encode(tensors)?;
    fs::write(path, bytes).map_err(|reason| ModelError::Write { path: path.into(), reason })
}

/// Reads the safetensors file at `path` and compares it with the SHA-256 in it; a file of a version that wrote none is taken
/// as it is.
///
/// # Errors
/// If the file is missing, damaged or not safetensors.
pub fn read(path: &Path) -> Result<NamedTensors, ModelError> {
    let unusable = |reason| ModelError::Checkpoint { path: path.into(), reason };
    let bytes = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    format::decode(&bytes)
        .map_err(|damage| unusable(format!("{damage}; it is damaged: delete it to start again")))
}

/// Adds the variables of `store` under `prefix.`.
pub fn insert_variables(tensors: &mut NamedTensors, prefix: &str, store: &nn::VarStore) {
    for (name, tensor) in store.variables() {
        tensors.insert(format!("{prefix}.{name}"), tensor.detach());
    }
}

/// Copies `prefix.*` into the variables of `store`; all must be there with the same shapes.
pub fn restore_variables(
    tensors: &NamedTensors,
    prefix: &str,
    store: &nn::VarStore,
    path: &Path,
) -> Result<(), ModelError> {
    for (name, mut variable) in store.variables() {
        let saved = tensor(tensors, &format!("{prefix}.{name}"), path)?;
        if saved.size() != variable.size() {
            return Err(ModelError::Checkpoint {
                path: path.into(),
                reason: format!(
                    "`{prefix}.{name}` has shape {:?} where {:?} is expected; it belongs to \
                     another configuration",
                    saved.size(),
                    variable.size()
                ),
            });
        }
        tch::no_grad(|| variable.copy_(saved));
    }
    Ok(())
}

/// The tensor called `name`.
pub fn tensor<'a>(
    tensors: &'a NamedTensors,
    name: &str,
    path: &Path,
) -> Result<&'a Tensor, ModelError> {
    tensors.get(name).ok_or_else(|| ModelError::Checkpoint {
        path: path.into(),
        reason: format!("`{name}` is missing; it belongs to another configuration"),
    })
}

/// A counter as a tensor of one i64.
pub fn counter(value: u64) -> Tensor {
    Tensor::from_slice(&[value as i64])
}

/// Reads a [`counter`].
pub fn read_counter(tensors: &NamedTensors, name: &str, path: &Path) -> Result<u64, ModelError> {
    let saved = tensor(tensors, name, path)?;
    let is_one = saved.kind() == Kind::Int64 && saved.size() == [1];
    let value = if is_one { transfers::read::<i64>(saved)?[0] } else { -1 };
    u64::try_from(value).map_err(|_| ModelError::Checkpoint {
        path: path.into(),
        reason: format!("`{name}` is not a counter"),
    })
}
