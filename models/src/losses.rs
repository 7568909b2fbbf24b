//! Adversarial losses on realness logits `[n]`, each written once.

use serde::{Deserialize, Serialize};
use tch::{Reduction, Tensor};

/// What the discriminator and the generator minimise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Binary cross-entropy, non-saturating for the generator (Goodfellow et al. 2014).
    Bce,
    /// Wasserstein distance between critic outputs (Arjovsky et al. 2017).
    Wasserstein,
}

impl Loss {
    /// The discriminator's loss on real and generated images.
    pub fn discriminator(self, real: &Tensor, generated: &Tensor) -> Tensor {
        match self {
            Self::Bce => bce(real, 1.0) + bce(generated, 0.0),
            Self::Wasserstein => generated.mean(None) - real.mean(None),
        }
    }

    /// The generator's loss on generated images.
    pub fn generator(self, generated: &Tensor) -> Tensor {
        match self {
            Self::Bce => bce(generated, 1.0),
            Self::Wasserstein => -generated.mean(None),
        }
    }
}

fn bce(logits: &Tensor, target: f64) -> Tensor {
    logits.binary_cross_entropy_with_logits(
        &logits.full_like(target),
        None::<Tensor>,
        None::<Tensor>,
        Reduction::Mean,
    )
}

/// Cross-entropy of class logits `[n, classes]` against labels `[n]`.
pub fn class_loss(logits: &Tensor, labels: &Tensor) -> Tensor {
    logits.cross_entropy_loss(labels, None::<Tensor>, Reduction::Mean, -100, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed forms: -ln sigmoid(x) = ln(1 + e^-x).
    #[test]
    fn losses_have_their_closed_forms() {
        let real = Tensor::from_slice(&[2.0f64, 0.0]);
        let fake = Tensor::from_slice(&[-1.0f64, 1.0]);
        let softplus = |x: f64| x.exp().ln_1p();
        let d = (softplus(-2.0) + softplus(0.0)) / 2.0 + (softplus(-1.0) + softplus(1.0)) / 2.0;
        let g = (softplus(1.0) + softplus(-1.0)) / 2.0;
        let close = |t: Tensor, x: f64| assert!((t.double_value(&[]) - x).abs() < 1e-12);
        close(Loss::Bce.discriminator(&real, &fake), d);
        close(Loss::Bce.generator(&fake), g);
        close(Loss::Wasserstein.discriminator(&real, &fake), -1.0);
        close(Loss::Wasserstein.generator(&(fake + 3.0)), -3.0);
    }
}
