//! Why these convolutions cannot be used.

/// A reason to leave a network to ONNX Runtime.
///
/// Texts are lower-case fragments that fit after "cannot be computed by convolutions of our own: ".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WinogradError {
    /// They are written for AVX-512 and for AVX2.
    #[error("the processor has neither AVX-512 nor AVX2")]
    Processor,
    /// The model cannot be rewritten, or nothing in it would gain.
    #[error("the model cannot be rewritten: {0}")]
    Model(String),
    /// The small network of the self-test could not be computed.
    #[error("the self-test failed: {0}")]
    SelfTest(String),
    /// The small network of the self-test gave something else than with ONNX Runtime's convolutions.
    #[error(
        "the self-test failed: features differ by {difference:.1e} of the largest, more than {tolerance:.0e}, from those \
         of onnx runtime"
    )]
    Differs {
        /// The largest difference, relative to the largest magnitude; not a number where a feature is none.
        difference: f32,
        /// The largest that is allowed.
        tolerance: f32,
    },
    /// ONNX Runtime takes no operators of others.
    #[error("onnx runtime refuses the operator: {0}")]
    Operator(String),
}
