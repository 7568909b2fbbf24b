//! Adversarial losses on realness logits `[n]`, each written once.

use serde::{Deserialize, Serialize};
use tch::{Reduction, Tensor};

/// What the discriminator and the generator minimise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Binary cross-entropy, non-saturating for the generator (Goodfellow et al. 2014).
    Bce,
    /// Wasserstein distance between critic outputs (Arjovsky et al. 2017); labels of -1 and 1
    /// multiplied with the outputs are the same with the critic's sign turned.
    Wasserstein,
    /// Margins of 1 on either side of 0 (Lim and Ye 2017; Miyato et al. 2018).
    Hinge,
    /// Half the squared distance to 1 for real and 0 for generated images (Mao et al. 2017, with
    /// a = 0, b = c = 1).
    LeastSquares,
}

impl Loss {
    /// The part of the discriminator's loss that real images make; its loss is the sum of both
    /// parts. `smoothing` lowers the target of real images from 1, where the loss has one.
    pub fn on_real(self, real: &Tensor, smoothing: f64) -> Tensor {
        let target = 1.0 - smoothing;
        match self {
            Self::Bce => bce(real, target),
            Self::Wasserstein => -real.mean(None),
            Self::Hinge => beyond(&-real),
            Self::LeastSquares => squared(real, target),
        }
    }

    /// The part of the discriminator's loss that generated images make.
    pub fn on_generated(self, generated: &Tensor) -> Tensor {
        match self {
            Self::Bce => bce(generated, 0.0),
            Self::Wasserstein => generated.mean(None),
            Self::Hinge => beyond(generated),
            Self::LeastSquares => squared(generated, 0.0),
        }
    }

    /// The generator's loss on generated images.
    pub fn generator(self, generated: &Tensor) -> Tensor {
        match self {
            Self::Bce => bce(generated, 1.0),
            Self::Wasserstein | Self::Hinge => -generated.mean(None),
            Self::LeastSquares => squared(generated, 1.0),
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

/// The mean of what exceeds -1.
fn beyond(scores: &Tensor) -> Tensor {
    (scores + 1.0).relu().mean(None)
}

fn squared(scores: &Tensor, target: f64) -> Tensor {
    (scores - target).square().mean(None) / 2.0
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
        let discriminator =
            |loss: Loss, smoothing| loss.on_real(&real, smoothing) + loss.on_generated(&fake);
        let close = |t: Tensor, x: f64| assert!((t.double_value(&[]) - x).abs() < 1e-12);

        let on_fake = (softplus(-1.0) + softplus(1.0)) / 2.0;
        let on_real = (softplus(-2.0) + softplus(0.0)) / 2.0;
        close(discriminator(Loss::Bce, 0.0), on_real + on_fake);
        close(Loss::Bce.generator(&fake), on_fake);
        // A target of 0.9: a tenth of the loss is that of the label 0.
        let smoothed = 0.9 * on_real + 0.1 * (softplus(2.0) + softplus(0.0)) / 2.0;
        close(discriminator(Loss::Bce, 0.1), smoothed + on_fake);

        close(discriminator(Loss::Wasserstein, 0.0), -1.0);
        close(Loss::Wasserstein.generator(&(&fake + 3.0)), -3.0);
        close(discriminator(Loss::Hinge, 0.0), 0.5 + 1.0);
        close(Loss::Hinge.generator(&(&fake + 3.0)), -3.0);
        close(discriminator(Loss::LeastSquares, 0.0), 0.5 + 0.5);
        close(discriminator(Loss::LeastSquares, 0.5), (2.25 + 0.25) / 4.0 + 0.5);
        close(Loss::LeastSquares.generator(&fake), 1.0);
    }
}
