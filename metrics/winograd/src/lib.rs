//! Convolutions with fewer multiplications, by Winograd's algorithm, for large networks on processors with AVX-512 or AVX2.
//!
//! ONNX Runtime multiplies convolutions out. Of InceptionV3's multiplications two thirds are in convolutions that
//! transformed tiles do with 2.4 to 4 times fewer: those of 3 x 3, 5 x 5, 1 x 7 and 7 x 1 taps without stride. So a
//! model is rewritten to the blocked layout that ONNX Runtime itself computes in, with those convolutions as an
//! operator of this crate. Results differ from ONNX Runtime's own by about 1e-6 of their size, as two orders of
//! summation do. They do not depend on the number of threads.
//!
//! Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016; the points: Barabasz et al.,
//! "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020.

#[cfg(target_arch = "x86_64")]
mod convolution;
mod error;
#[cfg(target_arch = "x86_64")]
mod operator;
#[cfg(target_arch = "x86_64")]
mod points;
#[cfg(target_arch = "x86_64")]
mod product;
#[cfg(target_arch = "x86_64")]
mod register;
#[cfg(target_arch = "x86_64")]
mod rewriting;
#[cfg(target_arch = "x86_64")]
mod self_test;
#[cfg(target_arch = "x86_64")]
mod shape;
#[cfg(target_arch = "x86_64")]
mod transform;

use bench_onnx::{Bytes, Model};
use ort::environment::Environment;

pub use error::WinogradError;
#[cfg(target_arch = "x86_64")]
pub use operator::Operators;

/// The operators of one model, of which there are none for this processor.
#[cfg(not(target_arch = "x86_64"))]
#[derive(Clone, Copy, Debug)]
pub enum Operators {}

#[cfg(not(target_arch = "x86_64"))]
impl Operators {
    /// The domain that one session takes.
    ///
    /// # Errors
    /// None.
    pub fn domain(&self) -> Result<ort::operator::OperatorDomain, WinogradError> {
        match *self {}
    }
}

/// The model of these bytes rewritten to use this crate's convolutions in sessions that each compute on `threads` threads, with
/// the operators that these need. Its tensors lie outside of its file, so that sessions share them.
///
/// # Errors
/// Those of [`check`], and [`WinogradError::Model`] if [`GraphBuilder`](bench_onnx::GraphBuilder) could not have written
/// the model, or nothing in it would gain.
#[cfg(target_arch = "x86_64")]
pub fn accelerated(
    environment: &Environment,
    model: &Bytes,
    threads: usize,
) -> Result<(Model, Operators), WinogradError> {
    check(environment)?;
    let mut model = rewriting::rewritten(model)?;
    let operators = Operators::of(&mut model, threads)?;
    Ok((Model::with_tensors_outside(model), operators))
}

/// Whether processor and ONNX Runtime are fit for it: the processor has AVX-512 or AVX2, and a small network that is computed both
/// ways gives the same to 1e-5 of its largest output.
///
/// # Errors
/// [`WinogradError`] but for [`WinogradError::Model`].
#[cfg(target_arch = "x86_64")]
pub fn check(environment: &Environment) -> Result<(), WinogradError> {
    if register::lanes().is_none() {
        return Err(WinogradError::Processor);
    }
    self_test::passed(environment)
}

/// No model: this is another processor.
///
/// # Errors
/// [`WinogradError::Processor`].
#[cfg(not(target_arch = "x86_64"))]
pub fn accelerated(
    _: &Environment,
    _: &Bytes,
    _: usize,
) -> Result<(Model, Operators), WinogradError> {
    Err(WinogradError::Processor)
}

/// No: this is another processor.
///
/// # Errors
/// [`WinogradError::Processor`].
#[cfg(not(target_arch = "x86_64"))]
pub fn check(_: &Environment) -> Result<(), WinogradError> {
    Err(WinogradError::Processor)
}

/// Whether tests can compute here; says so where they cannot.
#[cfg(all(test, target_arch = "x86_64"))]
fn has_registers() -> bool {
    let has = register::lanes().is_some();
    if !has {
        eprintln!("skipped: this processor has neither AVX-512 nor AVX2");
    }
    has
}
