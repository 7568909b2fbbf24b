//! The parts that losses consist of, as they are recorded.

use tch::{Kind, Tensor};

use crate::Recipe;

/// A loss on one batch, and scalars without a graph that it consists of or is diagnosed by.
pub(super) struct PartedLoss {
    /// The sum, differentiable in the parameters.
    pub(super) whole: Tensor,
    /// In the order of [`LossParts::names`].
    pub(super) parts: Vec<Tensor>,
}

/// Which parts a run's losses have; the same at every step.
#[derive(Clone, Copy)]
pub(super) struct LossParts {
    /// Whether the discriminator's gradient is penalised.
    pub(super) penalty: bool,
    /// Whether the discriminator predicts classes and that counts.
    pub(super) classes: bool,
    /// Whether augmentation is adaptive.
    pub(super) adaptive: bool,
}

impl LossParts {
    /// Those of a run with this recipe; `classifies` says whether its discriminator predicts
    /// classes.
    pub(super) fn of(recipe: &Recipe, classifies: bool) -> Self {
        Self {
            penalty: [recipe.gradient_penalty, recipe.dragan, recipe.r1].iter().any(|&w| w > 0.0),
            classes: classifies && recipe.class_weight > 0.0,
            adaptive: recipe.ada_target > 0.0,
        }
    }

    /// Their names: parts of the discriminator's loss, of the generator's, and of neither.
    pub(super) fn names(self) -> Vec<&'static str> {
        let Self { penalty, classes, adaptive } = self;
        [
            ("loss_d_real", true),
            ("loss_d_fake", true),
            ("loss_d_class", classes),
            ("penalty", penalty),
            ("gradient_norm", penalty),
            ("score_real", true),
            ("score_fake", true),
            ("loss_g_adversarial", classes),
            ("loss_g_class", classes),
            ("ada_p", adaptive),
        ]
        .into_iter()
        .filter_map(|(name, applies)| applies.then_some(name))
        .collect()
    }
}

/// The mean of a loss and its parts over the batches of one update, on the device.
pub(super) struct MeanLoss {
    batches: usize,
    sum: Option<Tensor>,
}

impl MeanLoss {
    /// The mean over this number of batches.
    pub(super) fn over(batches: usize) -> Self {
        Self { batches, sum: None }
    }

    /// Takes in one batch.
    pub(super) fn add(&mut self, PartedLoss { whole, parts }: &PartedLoss) {
        let whole = whole.detach();
        let scalars: Vec<&Tensor> = std::iter::once(&whole).chain(parts).collect();
        let share = (Tensor::stack(&scalars, 0) / self.batches as f64).to_kind(Kind::Double);
        self.sum = Some(match self.sum.take() {
            Some(sum) => sum + share,
            None => share,
        });
    }

    /// The mean of the whole loss, then those of its parts, `[1 + parts]`; nothing without a batch.
    pub(super) fn on_device(self) -> Tensor {
        self.sum.unwrap_or_default()
    }
}
