//! The discriminator's update.

use tch::Tensor;

use super::Trainer;
use super::inputs::{DiscriminatorInputs, DraganInputs, GradientPenaltyInputs};
use super::parts::{MeanLoss, PartedLoss};
use crate::ModelError;
use crate::losses::class_loss;
use crate::networks::{Mode, Verdict};
use crate::regularizers::{Penalty, dragan, gradient_penalty, r1, weight_clipping};
use crate::transfers::Packed;

/// What the discriminator says of one batch of either kind.
struct Judged {
    /// The training images before the discriminator's augmentation.
    real: Tensor,
    seen_real: Tensor,
    seen_generated: Tensor,
    labels: Tensor,
    generated_labels: Tensor,
    on_real: Verdict,
    on_generated: Verdict,
}

impl Trainer<'_> {
    /// One update from the losses on these batches; returns their mean and that of its parts, `[1 + parts]`.
    pub(super) fn discriminator_step(
        &mut self,
        batches: &[DiscriminatorInputs],
    ) -> Result<Tensor, ModelError> {
        let mut mean = MeanLoss::over(batches.len());
        for batch in batches {
            let loss = self.discriminator_loss(batch)?;
            self.discriminator_optimizer.backward(&(&loss.whole / batches.len() as f64))?;
            mean.add(&loss);
        }
        self.discriminator_optimizer.step(self.lr_factor());
        if self.recipe.weight_clip > 0.0 {
            weight_clipping::clip_weights(&self.discriminator_store, self.recipe.weight_clip);
        }
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.end_update();
        }
        self.discriminator_updates += 1;
        Ok(mean.on_device())
    }

    /// The loss on a batch of the training images and as many generated ones.
    fn discriminator_loss(
        &mut self,
        inputs: &DiscriminatorInputs,
    ) -> Result<PartedLoss, ModelError> {
        let judged = self.judge(inputs);
        let Judged { on_real, on_generated, labels, generated_labels, .. } = &judged;
        let recipe = &self.recipe;
        let real_part = recipe.loss.on_real(&on_real.realness, recipe.label_smoothing);
        let generated_part = recipe.loss.on_generated(&on_generated.realness);
        let mut whole = &real_part + &generated_part;
        let mut parts = vec![real_part, generated_part];
        let mut class_part = None;
        for (verdict, labels) in [(on_real, labels), (on_generated, generated_labels)] {
            if let Some(classes) = &verdict.classes {
                let part = class_loss(classes, labels) * recipe.class_weight;
                whole += &part;
                class_part = Some(class_part.map_or(part.shallow_clone(), |other| other + part));
            }
        }
        parts.extend(class_part.filter(|_| self.loss_parts.classes));
        if let Some(Penalty { value, gradient_norm }) = self.penalty(&judged, inputs)? {
            whole += &value;
            parts.extend([value, gradient_norm]);
        }
        parts.extend([on_real, on_generated].map(|verdict| verdict.realness.mean(None)));
        let parts = parts.iter().map(Tensor::detach).collect();
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.observe(&on_real.realness);
        }
        Ok(PartedLoss { whole, parts })
    }

    /// A batch of either kind of images, augmented and judged.
    fn judge(&self, inputs: &DiscriminatorInputs) -> Judged {
        let (real, labels) = self.real.open(&inputs.real);
        let given = inputs.generated_labels.as_ref();
        let generated_labels = given.map_or_else(|| labels.shallow_clone(), Packed::tensor);
        let (latents, mode) = (inputs.latents.tensor(), Mode::Train(&inputs.draws));
        let generated = tch::no_grad(|| self.generator.forward(&latents, &generated_labels, mode));

        // R1 is of the gradient with respect to the images as they are before the discriminator's
        // augmentation.
        let real = real.set_requires_grad(self.recipe.r1 > 0.0);
        let [of_real, of_generated] = &inputs.augmentations;
        let seen_real = self.augmented(&real, of_real);
        let seen_generated = self.augmented(&generated, of_generated);
        let on_real = self.discriminator.forward(&seen_real, &labels, mode);
        let on_generated = self.discriminator.forward(&seen_generated, &generated_labels, mode);
        Judged { real, seen_real, seen_generated, labels, generated_labels, on_real, on_generated }
    }

    /// The sum of the penalties that the recipe asks for, with their weights, and the mean of
    /// their gradients' norms.
    fn penalty(
        &self,
        judged: &Judged,
        inputs: &DiscriminatorInputs,
    ) -> Result<Option<Penalty>, ModelError> {
        let Judged { real, seen_real, seen_generated, labels, on_real, .. } = judged;
        let recipe = &self.recipe;
        let critic = |draws| {
            move |x: &Tensor| self.discriminator.forward(x, labels, Mode::Train(draws)).realness
        };
        let mut penalties = Vec::new();
        let mut add = |weight: f64, Penalty { value, gradient_norm }| {
            penalties.push(Penalty { value: value * weight, gradient_norm });
        };
        if let Some(GradientPenaltyInputs { weights, draws }) = &inputs.gradient_penalty {
            let critic = critic(draws);
            let weights = weights.tensor();
            let penalty =
                gradient_penalty::gradient_penalty(critic, seen_real, seen_generated, &weights)?;
            add(recipe.gradient_penalty, penalty);
        }
        if let Some(DraganInputs { weights, noise, draws }) = &inputs.dragan {
            let (weights, noise) = (weights.tensor(), noise.tensor());
            add(recipe.dragan, dragan::dragan(critic(draws), seen_real, &noise, &weights)?);
        }
        if recipe.r1 > 0.0 {
            add(recipe.r1, r1::r1(&on_real.realness, real)?);
        }
        let count = penalties.len() as f64;
        let sum = penalties.into_iter().reduce(|sum, penalty| Penalty {
            value: sum.value + penalty.value,
            gradient_norm: sum.gradient_norm + penalty.gradient_norm,
        });
        Ok(sum.map(|Penalty { value, gradient_norm }| Penalty {
            value,
            gradient_norm: gradient_norm / count,
        }))
    }
}
