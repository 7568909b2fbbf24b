//! The global names that a file of weights may mention.

use crate::weights::layout::ElementType;

/// A global name on the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::weights) enum Global {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `torch._utils._rebuild_tensor_v2`: a view of a storage.
    RebuildTensor,
    /// `torch._utils._rebuild_parameter`: a tensor that is trained.
    RebuildParameter,
    /// `torch.FloatStorage` and its likes.
    Storage(ElementType),
}

impl Global {
    /// The global `module.name`, if it is on the list.
    pub(super) fn find(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2") => Self::RebuildTensor,
            ("torch._utils", "_rebuild_parameter") => Self::RebuildParameter,
            ("torch", storage) => Self::Storage(match storage {
                "FloatStorage" => ElementType::Float32,
                "DoubleStorage" => ElementType::Float64,
                "HalfStorage" => ElementType::Float16,
                "BFloat16Storage" => ElementType::BFloat16,
                "LongStorage" => ElementType::Int64,
                "IntStorage" => ElementType::Int32,
                "ShortStorage" => ElementType::Int16,
                "CharStorage" => ElementType::Int8,
                "ByteStorage" => ElementType::UInt8,
                "BoolStorage" => ElementType::Bool,
                _ => return None,
            }),
            _ => return None,
        })
    }
}
