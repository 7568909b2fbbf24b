//! Who computes the convolutions of an extractor's network.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use bench_onnx::Bytes;
use bench_winograd::{Operators, WinogradError};
use ort::environment::Environment;

use super::outside::OutsideTensors;
use crate::device::Device;
use crate::error::MetricsError;
use crate::runtime;

/// Whose convolutions are asked for. Our own are faster and differ from ONNX Runtime's by some 1e-6 of the largest value,
/// as two orders of summation do; see [`bench_winograd`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Convolutions {
    /// Our own where they can be computed and pay off, else those of ONNX Runtime.
    #[default]
    Auto,
    /// Our own, or none.
    Own,
    /// Those of ONNX Runtime.
    OnnxRuntime,
}

/// Whose convolutions a network is computed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConvolutionEngine {
    /// Our own.
    Own,
    /// Those of ONNX Runtime.
    OnnxRuntime,
    /// Those of cuDNN, on a GPU.
    Cudnn,
}

/// Why a network cannot be computed with our own convolutions.
///
/// Texts are lower-case fragments that fit after "cannot be computed by convolutions of our own: ".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConvolutionsError {
    /// A network of small images would not gain.
    #[error("its images of {side} x {side} pixels are too small to gain by it")]
    TooSmall {
        /// Side of the network's input in pixels.
        side: usize,
    },
    /// They are the processor's.
    #[error("they compute on the processor, and {device} is asked for")]
    Gpu {
        /// What is asked for.
        device: Device,
    },
    /// The model or the machine is not fit for them.
    #[error(transparent)]
    Winograd(#[from] WinogradError),
    /// ONNX Runtime does not load the rewritten model.
    #[error("onnx runtime refuses the rewritten model: {0}")]
    Refused(String),
}

/// A model that is computed with our own convolutions, and the operators that do so.
pub(super) struct OwnConvolutions {
    pub(super) bytes: Vec<u8>,
    pub(super) outside: OutsideTensors,
    pub(super) operators: Operators,
}

impl Convolutions {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Own, Self::OnnxRuntime];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Own => ConvolutionEngine::Own.name(),
            Self::OnnxRuntime => ConvolutionEngine::OnnxRuntime.name(),
        }
    }
}

impl ConvolutionEngine {
    /// Name in provenances: `own`, `onnxruntime` or `cudnn`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::OnnxRuntime => "onnxruntime",
            Self::Cudnn => "cudnn",
        }
    }
}

impl fmt::Display for Convolutions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Convolutions {
    type Err = MetricsError;

    fn from_str(name: &str) -> Result<Self, MetricsError> {
        Self::ALL.into_iter().find(|known| known.name() == name).ok_or_else(|| {
            MetricsError::UnknownName {
                kind: "convolutions",
                name: name.to_owned(),
                known: Self::ALL.map(Self::name).join(", "),
            }
        })
    }
}

/// Whether this machine computes networks of large images, such as InceptionV3, with our own convolutions.
///
/// # Errors
/// [`MetricsError::Runtime`]; the inner error says why it does not.
pub fn own_convolutions() -> Result<Result<(), ConvolutionsError>, MetricsError> {
    Ok(bench_winograd::check(runtime::environment()?).map_err(ConvolutionsError::from))
}

impl OwnConvolutions {
    /// The `model` rewritten to compute with them on `threads` threads.
    ///
    /// # Errors
    /// [`ConvolutionsError::Winograd`], [`ConvolutionsError::Refused`].
    pub(super) fn of(
        environment: &Environment,
        model: &Bytes,
        threads: usize,
    ) -> Result<Self, ConvolutionsError> {
        let (mut model, operators) = bench_winograd::accelerated(environment, model, threads)?;
        let outside = OutsideTensors::take(&mut model).map_err(ConvolutionsError::Refused)?;
        Ok(Self { bytes: model.bytes, outside, operators })
    }
}

/// Says that ONNX Runtime computes the convolutions of a network that might have gained, once for every `reason`. A small
/// network could not have gained, and nothing is said.
pub(super) fn note_fallback(reason: &ConvolutionsError) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if matches!(reason, ConvolutionsError::TooSmall { .. }) {
        return;
    }
    let reason = reason.to_string();
    if SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(reason.clone()) {
        log::info!("onnx runtime computes the convolutions, which takes longer: {reason}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for choice in Convolutions::ALL {
            assert_eq!(choice.name().parse::<Convolutions>().ok(), Some(choice));
        }
        let error = "winograd".parse::<Convolutions>().expect_err("an unknown name").to_string();
        assert!(error.contains("auto, own, onnxruntime"), "{error}");
    }
}
