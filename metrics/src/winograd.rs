//! Convolutions with fewer multiplications, by Winograd's algorithm, for large networks on processors with AVX-512.
//!
//! ONNX Runtime multiplies convolutions out. Of InceptionV3's multiplications two thirds are in convolutions that
//! transformed tiles do with 2.4 to 4 times fewer: those of 3 x 3, 5 x 5, 1 x 7 and 7 x 1 taps without stride. So a model is
//! rewritten to the blocked layout that ONNX Runtime itself computes in, with those convolutions as an operator of this
//! crate ([`operators`]). Results differ from ONNX Runtime's own as two orders of summation do: by about 1e-6 of their
//! size. They do not depend on the number of threads.
//!
//! Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016; the points: Barabasz et al., "Error
//! Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020.

mod convolution;
mod operator;
mod points;
mod product;
mod rewriting;
mod self_test;
mod transform;

pub(crate) use operator::operators;
use rewriting::rewritten;
use self_test::passes_self_test;

/// The model rewritten to use this crate's convolutions, if it is one that [`GraphBuilder`](crate::onnx::GraphBuilder)
/// could have written, and processor and ONNX Runtime are fit for it.
pub(crate) fn accelerated(model: &[u8]) -> Option<Vec<u8>> {
    rewritten(model).filter(|_| passes_self_test())
}

/// Channels that lie side by side in the blocked layout, `[n, channels / LANES, height, width, LANES]`: as many `f32` as
/// an AVX-512 register holds.
const LANES: usize = 16;
