//! Kinds and hyper-parameters of optimisers.

use serde::{Deserialize, Serialize};

use crate::ModelError;
use crate::recipe;

/// Kind and hyper-parameters of an optimiser. What a configuration leaves out has PyTorch's
/// default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// Adam (Kingma and Ba 2015), with bias correction.
    Adam {
        /// Learning rate.
        #[serde(default = "default::adam_lr")]
        lr: f64,
        /// Decay of the first moment.
        #[serde(default = "default::beta1")]
        beta1: f64,
        /// Decay of the second moment.
        #[serde(default = "default::beta2")]
        beta2: f64,
        /// Added to the root of the second moment.
        #[serde(default = "default::eps")]
        eps: f64,
        /// Whether `eps` is added before the second moment is corrected for its start at 0 instead
        /// of after: the paper's "epsilon hat", which Keras means by epsilon.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        eps_hat: bool,
    },
    /// Stochastic gradient descent with L2 weight decay.
    Sgd {
        /// Learning rate.
        #[serde(default = "default::sgd_lr")]
        lr: f64,
        /// Momentum in `[0, 1)`; 0 for none.
        #[serde(default)]
        momentum: f64,
        /// Whether the momentum is Nesterov's.
        #[serde(default)]
        nesterov: bool,
        /// L2 weight decay, added to the gradient.
        #[serde(default)]
        weight_decay: f64,
    },
    /// RMSProp (Tieleman and Hinton 2012), not centred.
    RmsProp {
        /// Learning rate.
        #[serde(default = "default::rms_prop_lr")]
        lr: f64,
        /// Decay of the mean square.
        #[serde(default = "default::alpha")]
        alpha: f64,
        /// Added to the root of the mean square.
        #[serde(default = "default::eps")]
        eps: f64,
        /// Momentum in `[0, 1)`; 0 for none.
        #[serde(default)]
        momentum: f64,
    },
    /// Adadelta (Zeiler 2012).
    Adadelta {
        /// Factor of the step.
        #[serde(default = "default::adadelta_lr")]
        lr: f64,
        /// Decay of both mean squares.
        #[serde(default = "default::rho")]
        rho: f64,
        /// Added to both mean squares.
        #[serde(default = "default::adadelta_eps")]
        eps: f64,
    },
    /// Adagrad (Duchi et al. 2011).
    Adagrad {
        /// Learning rate.
        #[serde(default = "default::adagrad_lr")]
        lr: f64,
        /// The learning rate is divided by 1 plus this times the updates before.
        #[serde(default)]
        lr_decay: f64,
        /// Added to the root of the sum of squares.
        #[serde(default = "default::adagrad_eps")]
        eps: f64,
    },
}

/// Adam's epsilon in Keras.
const KERAS_EPS: f64 = 1e-7;

/// PyTorch 2.11's defaults.
mod default {
    macro_rules! defaults {
        ($($name:ident = $value:expr;)*) => { $(pub(super) fn $name() -> f64 { $value })* };
    }
    defaults! {
        adam_lr = 1e-3;
        beta1 = 0.9;
        beta2 = 0.999;
        eps = 1e-8;
        sgd_lr = 1e-3;
        rms_prop_lr = 1e-2;
        alpha = 0.99;
        adadelta_lr = 1.0;
        rho = 0.9;
        adadelta_eps = 1e-6;
        adagrad_lr = 1e-2;
        adagrad_eps = 1e-10;
    }
}

impl OptimizerConfig {
    /// Adam with PyTorch's default `eps`.
    pub fn adam(lr: f64, beta1: f64, beta2: f64) -> Self {
        Self::Adam { lr, beta1, beta2, eps: default::eps(), eps_hat: false }
    }

    /// Adam with Keras' default `epsilon`.
    pub fn keras_adam(lr: f64, beta1: f64, beta2: f64) -> Self {
        Self::Adam { lr, beta1, beta2, eps: KERAS_EPS, eps_hat: true }
    }

    /// Stochastic gradient descent without momentum and decay.
    pub fn sgd(lr: f64) -> Self {
        Self::Sgd { lr, momentum: 0.0, nesterov: false, weight_decay: 0.0 }
    }

    /// RMSProp with PyTorch's defaults but for the learning rate.
    pub fn rms_prop(lr: f64) -> Self {
        Self::RmsProp { lr, alpha: default::alpha(), eps: default::eps(), momentum: 0.0 }
    }

    /// Adadelta with PyTorch's defaults but for the learning rate.
    pub fn adadelta(lr: f64) -> Self {
        Self::Adadelta { lr, rho: default::rho(), eps: default::adadelta_eps() }
    }

    /// Adagrad with PyTorch's defaults but for the learning rate.
    pub fn adagrad(lr: f64) -> Self {
        Self::Adagrad { lr, lr_decay: 0.0, eps: default::adagrad_eps() }
    }

    /// Refuses hyper-parameters outside their ranges; `key` names the optimiser in the error.
    pub(crate) fn check(&self, key: &'static str) -> Result<(), ModelError> {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        let not_negative = |x: f64| x.is_finite() && x >= 0.0;
        let decay = |x: f64| (0.0..1.0).contains(&x);
        let right = match *self {
            Self::Adam { lr, beta1, beta2, eps, .. } => {
                positive(lr) && decay(beta1) && decay(beta2) && positive(eps)
            }
            Self::Sgd { lr, momentum, nesterov, weight_decay } => {
                positive(lr)
                    && decay(momentum)
                    && (momentum > 0.0 || !nesterov)
                    && not_negative(weight_decay)
            }
            Self::RmsProp { lr, alpha, eps, momentum } => {
                positive(lr) && decay(alpha) && positive(eps) && decay(momentum)
            }
            Self::Adadelta { lr, rho, eps } => positive(lr) && decay(rho) && positive(eps),
            Self::Adagrad { lr, lr_decay, eps } => {
                positive(lr) && not_negative(lr_decay) && positive(eps)
            }
        };
        if right {
            return Ok(());
        }
        recipe::refuse(
            key,
            format!("{self:?}"),
            "learning rate and eps must be positive, betas, alpha, rho and momentum in [0, 1), \
             decays not negative, and nesterov needs a momentum",
        )
    }

    /// Names of the tensors kept for each parameter.
    pub(super) fn slots(&self) -> &'static [&'static str] {
        match *self {
            Self::Adam { .. } => &["first_moment", "second_moment"],
            Self::Sgd { momentum: 0.0, .. } => &[],
            Self::Sgd { .. } => &["momentum"],
            Self::RmsProp { momentum: 0.0, .. } => &["mean_square"],
            Self::RmsProp { .. } => &["mean_square", "momentum"],
            Self::Adadelta { .. } => &["mean_square", "mean_square_step"],
            Self::Adagrad { .. } => &["sum_of_squares"],
        }
    }
}
