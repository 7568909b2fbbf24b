//! Normalisation layers with a learnt gain and offset per channel.

use tch::{Tensor, nn};

use crate::networks::Mode;

/// Added to variances, as in PyTorch.
const EPS: f64 = 1e-5;

/// Weight of a new batch in the running statistics, as in PyTorch.
const MOMENTUM: f64 = 0.1;

/// Added to variances by Keras' batch norm.
const KERAS_EPS: f64 = 1e-3;

/// 1 minus the momentum of Keras' batch norm, which is the weight of the old statistics.
const KERAS_MOMENTUM: f64 = 0.01;

/// What is normalised together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// Nothing.
    None,
    /// Each channel over batch and pixels (Ioffe and Szegedy 2015); running statistics, which take
    /// in a tenth of each batch's, serve for evaluation.
    Batch,
    /// The same with Keras' defaults: a hundredth of each batch's statistics, and 1e-3 added to
    /// variances instead of 1e-5.
    KerasBatch,
    /// Each channel of each image over its pixels (Ulyanov et al. 2016), in evaluation too.
    Instance,
    /// Each image over channels and pixels (Ba et al. 2016), in evaluation too.
    Layer,
}

/// A normalisation layer; with [`NormKind::None`] it does nothing and has no variables.
pub struct Norm {
    kind: NormKind,
    affine: Option<(Tensor, Tensor)>,
    running: Option<RunningStatistics>,
}

impl Norm {
    /// A layer for `[n, channels]` or `[n, channels, h, w]`, its variables below `path`.
    pub fn new(path: nn::Path, kind: NormKind, channels: i64) -> Self {
        let affine = (kind != NormKind::None)
            .then(|| (path.ones("weight", &[channels]), path.zeros("bias", &[channels])));
        let running = match kind {
            NormKind::Batch => Some(RunningStatistics::new(&path, channels)),
            NormKind::KerasBatch => Some(RunningStatistics::as_in_keras(&path, channels)),
            NormKind::None | NormKind::Instance | NormKind::Layer => None,
        };
        Self { kind, affine, running }
    }

    /// `x` normalised, then scaled and shifted.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Tensor {
        let Some((gain, offset)) = &self.affine else {
            return x.shallow_clone();
        };
        let x = &mode.in_full(x);
        let affine = (Some(gain), Some(offset));
        match (self.kind, &self.running) {
            (_, Some(running)) => running.normalise(x, affine, mode),
            (NormKind::Instance, None) => {
                let none = None::<&Tensor>;
                x.instance_norm(affine.0, affine.1, none, none, true, MOMENTUM, EPS, true)
            }
            (_, None) => x.group_norm(1, affine.0, affine.1, EPS, true),
        }
    }
}

/// Mean and variance of each channel, followed through training.
pub(super) struct RunningStatistics {
    mean: Tensor,
    variance: Tensor,
    momentum: f64,
    eps: f64,
}

impl RunningStatistics {
    pub(super) fn new(path: &nn::Path, channels: i64) -> Self {
        Self {
            mean: path.zeros_no_train("running_mean", &[channels]),
            variance: path.ones_no_train("running_var", &[channels]),
            momentum: MOMENTUM,
            eps: EPS,
        }
    }

    fn as_in_keras(path: &nn::Path, channels: i64) -> Self {
        Self { momentum: KERAS_MOMENTUM, eps: KERAS_EPS, ..Self::new(path, channels) }
    }

    /// Batch norm: by the batch's statistics in training (which move the running ones), by the
    /// running ones in evaluation.
    pub(super) fn normalise(
        &self,
        x: &Tensor,
        (gain, offset): (Option<&Tensor>, Option<&Tensor>),
        mode: Mode,
    ) -> Tensor {
        let running = (Some(&self.mean), Some(&self.variance));
        let Self { momentum, eps, .. } = *self;
        let x = mode.in_full(x);
        x.batch_norm(gain, offset, running.0, running.1, mode.is_train(), momentum, eps, true)
    }
}
