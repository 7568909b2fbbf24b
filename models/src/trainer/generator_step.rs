//! The generator's update.

use tch::Tensor;

use super::Trainer;
use super::inputs::GeneratorInputs;
use super::parts::{MeanLoss, PartedLoss};
use super::real_batches::PackedBatch;
use crate::ModelError;
use crate::losses::class_loss;
use crate::networks::Mode;
use crate::transfers::Packed;

impl Trainer<'_> {
    /// One update from the losses on these batches, `real` being those of the last discriminator update; returns their mean and
    /// that of its parts, `[1 + parts]`.
    pub(super) fn generator_step<'b>(
        &mut self,
        batches: &[GeneratorInputs],
        real: impl Iterator<Item = &'b PackedBatch>,
    ) -> Result<Tensor, ModelError> {
        let mut mean = MeanLoss::over(batches.len());
        // The discriminator's parameters need no gradients here, only its input does.
        self.discriminator_store.freeze();
        for (batch, real) in batches.iter().zip(real) {
            let loss = self.generator_loss(batch, real);
            self.generator_optimizer.backward(&(&loss.whole / batches.len() as f64))?;
            mean.add(&loss);
        }
        self.discriminator_store.unfreeze();
        self.generator_optimizer.step(self.lr_factor());
        if let Some(average) = &mut self.average {
            average.update(self.step);
        }
        Ok(mean.on_device())
    }

    /// The loss on one batch.
    fn generator_loss(&self, inputs: &GeneratorInputs, last_real: &PackedBatch) -> PartedLoss {
        let labels = inputs.labels.as_ref().map_or_else(|| last_real.labels(), Packed::tensor);
        let (latents, mode) = (inputs.latents.tensor(), Mode::Train(&inputs.draws));

        let generated = self.generator.forward(&latents, &labels, mode);
        let seen = self.augmented(&generated, &inputs.augmentations);
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
