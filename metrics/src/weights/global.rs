//! The pickles in a file of weights, and the global names that they may mention.

use bench_formats::pickle::{Globals, Pickle};

use super::layout::ElementType;

/// A global name on the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `torch._utils._rebuild_tensor_v2`: a view of a storage.
    RebuildTensor,
    /// `torch._utils._rebuild_parameter`: a tensor that is trained.
    RebuildParameter,
    /// `torch.FloatStorage` and its likes.
    Storage(ElementType),
}

/// The pickle that starts at byte `start` of a file's `bytes`.
///
/// # Errors
/// As [`Pickle::read`], as text.
pub(super) fn read_pickle(bytes: &[u8], start: usize) -> Result<Pickle<'_, Global>, String> {
    Pickle::read(bytes, start).map_err(|error| error.to_string())
}

impl Globals for Global {
    fn find(module: &str, name: &str) -> Option<Self> {
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
    fn makes_dictionary(self) -> bool {
        self == Self::OrderedDict
    }
}
