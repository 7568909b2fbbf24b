//! The generator's update.

use tch::Tensor;

use super::Trainer;
use crate::ModelError;
use crate::losses::class_loss;
use crate::networks::Mode;
use crate::streams::Purpose;

impl Trainer<'_> {
    /// One update; returns the loss, which is the mean over the accumulated batches.
    pub(super) fn generator_step(&mut self) -> Result<f64, ModelError> {
        let parts = self.recipe.accumulate;
        let mut total = 0.0;
        // The discriminator's parameters need no gradients here, only its input does.
        self.discriminator_store.freeze();
        for part in 0..parts {
            let loss = self.generator_loss(part) / parts as f64;
            self.generator_optimizer.backward(&loss)?;
            total += loss.double_value(&[]);
        }
        self.discriminator_store.unfreeze();
        self.generator_optimizer.step(self.lr_factor());
        if let Some(average) = &mut self.average {
            average.update();
        }
        self.finite(total, "the generator's loss")
    }

    /// The loss on part number `part` of the present step.
    fn generator_loss(&mut self, part: u64) -> Tensor {
        let parts = self.recipe.accumulate;
        let at = self.step * parts + part;
        let last_real = self.real.labels((self.discriminator_updates - 1) * parts + part);
        let labels = self.generated_labels(&last_real, Purpose::GeneratorLabels, at);
        let latents = self.latents(Purpose::GeneratorLatents, at);
        let draws = self.draws(Purpose::GeneratorDropout, at);
        let mode = Mode::Train(&draws);

        let generated = self.generator.forward(&latents, &labels, mode);
        let [seen] = self.augmented([&generated], Purpose::GeneratorAugmentation, at);
        let verdict = self.discriminator.forward(&seen, &labels, mode);
        let mut loss = self.recipe.loss.generator(&verdict.realness);
        if let Some(classes) = &verdict.classes {
            loss += class_loss(classes, &labels) * self.recipe.class_weight;
        }
        loss
    }
}
