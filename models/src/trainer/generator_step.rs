//! The generator's update.

use super::Trainer;
use super::parts::{MeanLoss, PartedLoss};
use crate::ModelError;
use crate::losses::class_loss;
use crate::networks::Mode;
use crate::streams::Purpose;

impl Trainer<'_> {
    /// One update; returns the loss and its parts, which are means over the accumulated batches.
    pub(super) fn generator_step(&mut self) -> Result<Vec<f64>, ModelError> {
        let batches = self.recipe.accumulate;
        let mut mean = MeanLoss::over(batches);
        // The discriminator's parameters need no gradients here, only its input does.
        self.discriminator_store.freeze();
        for batch in 0..batches {
            let loss = self.generator_loss(batch);
            self.generator_optimizer.backward(&(&loss.whole / batches as f64))?;
            mean.add(&loss);
        }
        self.discriminator_store.unfreeze();
        self.generator_optimizer.step(self.lr_factor());
        if let Some(average) = &mut self.average {
            average.update(self.step);
        }
        self.finite(mean.fetch()?, "the generator's loss")
    }

    /// The loss on batch number `batch` of the present step.
    fn generator_loss(&mut self, batch: u64) -> PartedLoss {
        let batches = self.recipe.accumulate;
        let at = self.step * batches + batch;
        let last_real = self.real.labels((self.discriminator_updates - 1) * batches + batch);
        let labels = self.generated_labels(&last_real, Purpose::GeneratorLabels, at);
        let latents = self.latents(Purpose::GeneratorLatents, at);
        let draws = self.draws(Purpose::GeneratorDropout, at);
        let mode = Mode::Train(&draws);

        let generated = self.generator.forward(&latents, &labels, mode);
        let [seen] = self.augmented([&generated], Purpose::GeneratorAugmentation, at);
        let verdict = self.discriminator.forward(&seen, &labels, mode);
        let adversarial = self.recipe.loss.generator(&verdict.realness);
        let Some(classes) = &verdict.classes else {
            return PartedLoss { whole: adversarial, parts: Vec::new() };
        };
        let class_part = class_loss(classes, &labels) * self.recipe.class_weight;
        let whole = &adversarial + &class_part;
        let parts = if self.loss_parts.classes {
            vec![adversarial.detach(), class_part.detach()]
        } else {
            Vec::new()
        };
        PartedLoss { whole, parts }
    }
}
