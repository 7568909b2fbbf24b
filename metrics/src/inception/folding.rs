//! Convolutions with their batch normalisations folded in.

use super::architecture::{Convolution, NORMALISATION};
use crate::error::MetricsError;
use crate::weights::WeightsFile;

/// What is added to a variance before its root is taken, as in the original graph.
const EPSILON: f64 = 1e-3;

/// Weight and bias of a convolution that includes its batch normalisation.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    /// `[out, in, height, width]`, row-major.
    pub(super) weight: Vec<f32>,
    /// `[out]`.
    pub(super) bias: Vec<f32>,
}

/// Reads a convolution and its batch normalisation, and folds them in `f64`: with the normalisation's factor g,
/// summand b, mean m and variance v, each weight is multiplied by s = g / √(v + ε), and the bias is b - m s.
///
/// # Errors
/// [`MetricsError::Weights`] if a value is not finite, before or after, or a variance is negative.
pub(super) fn fold(weights: &WeightsFile, conv: &Convolution) -> Result<Folded, MetricsError> {
    let refuse = |reason: String| MetricsError::Weights {
        path: weights.path().to_path_buf(),
        reason: format!("{}: {reason}", conv.name),
        hint: "check that the file is complete, or fetch it again",
    };
    let read = |suffix: &str| weights.values(&format!("{}.{suffix}", conv.name));
    let [factor, summand, mean, variance] = NORMALISATION.map(read);
    let (factor, summand, mean, variance) = (factor?, summand?, mean?, variance?);
    if variance.iter().any(|&value| value < 0.0) {
        return Err(refuse("a variance is negative".to_owned()));
    }
    let mut weight = read("conv.weight")?;
    let mut bias = Vec::with_capacity(conv.output);
    let inputs = weight.len() / conv.output;
    for (channel, weight) in weight.chunks_exact_mut(inputs).enumerate() {
        let scale = f64::from(factor[channel]) / (f64::from(variance[channel]) + EPSILON).sqrt();
        for value in weight {
            *value = (f64::from(*value) * scale) as f32;
        }
        bias.push((f64::from(summand[channel]) - f64::from(mean[channel]) * scale) as f32);
    }
    if weight.iter().chain(&bias).all(|value| value.is_finite()) {
        Ok(Folded { weight, bias })
    } else {
        Err(refuse("its batch normalisation overflows".to_owned()))
    }
}
