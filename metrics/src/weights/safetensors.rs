//! Safetensors files.

use std::collections::BTreeMap;

use ::safetensors::{Dtype, SafeTensors};

use super::layout::{ElementType, Storage, TensorLayout};

/// Bytes before the header: its length.
const LENGTH_BYTES: usize = 8;

/// The tensors in the `bytes` of a file.
///
/// # Errors
/// The reason, if this is no such file, a damaged one, or has elements of an exotic type.
pub(super) fn tensors(bytes: &[u8]) -> Result<BTreeMap<String, TensorLayout>, String> {
    use ::safetensors::SafeTensorError::{InvalidHeaderLength, MetadataIncompleteBuffer};
    let (header, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| match error {
        InvalidHeaderLength | MetadataIncompleteBuffer => "the file was cut off".to_owned(),
        other => other.to_string(),
    })?;
    let mut layouts = BTreeMap::new();
    for (name, info) in metadata.tensors() {
        let element =
            element(info.dtype).ok_or_else(|| format!("tensor {name:?} is {:?}", info.dtype))?;
        let (start, end) = info.data_offsets;
        let storage = Storage {
            element,
            count: (end - start) / element.size(),
            start: LENGTH_BYTES + header + start,
        };
        let strides = TensorLayout::row_major_strides(&info.shape);
        let layout = TensorLayout::new(storage, 0, info.shape.clone(), strides)
            .map_err(|reason| format!("tensor {name:?}: {reason}"))?;
        layouts.insert(name, layout);
    }
    Ok(layouts)
}

fn element(dtype: Dtype) -> Option<ElementType> {
    Some(match dtype {
        Dtype::F32 => ElementType::Float32,
        Dtype::F64 => ElementType::Float64,
        Dtype::F16 => ElementType::Float16,
        Dtype::BF16 => ElementType::BFloat16,
        Dtype::I64 => ElementType::Int64,
        Dtype::I32 => ElementType::Int32,
        Dtype::I16 => ElementType::Int16,
        Dtype::I8 => ElementType::Int8,
        Dtype::U8 => ElementType::UInt8,
        Dtype::BOOL => ElementType::Bool,
        _ => return None,
    })
}
