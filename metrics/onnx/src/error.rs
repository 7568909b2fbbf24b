//! Why a model could not be read or made.

/// Bytes that are no model, or a layer that cannot be.
///
/// Texts are lower-case fragments that end with a hint of what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// Bytes that should be an ONNX model are none.
    #[error("not an onnx model: {reason}; give a file exported to onnx")]
    NotOnnx {
        /// Why they are none.
        reason: String,
    },
    /// Weights do not have as many values as their shape asks for.
    #[error("{values} values do not fill weights of shape {dims:?}; give one value per element")]
    WeightShape {
        /// The shape asked for.
        dims: Vec<usize>,
        /// The number of values given.
        values: usize,
    },
}
