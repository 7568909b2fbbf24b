//! The discriminator's update.

use tch::Tensor;

use super::Trainer;
use crate::ModelError;
use crate::losses::class_loss;
use crate::networks::Mode;
use crate::regularizers::{dragan, gradient_penalty, r1, weight_clipping};
use crate::streams::Purpose;

impl Trainer<'_> {
    /// One update; returns the loss, which is the mean over the accumulated batches.
    pub(super) fn discriminator_step(&mut self) -> Result<f64, ModelError> {
        let parts = self.recipe.accumulate;
        let mut total = 0.0;
        for part in 0..parts {
            let loss = self.discriminator_loss(self.discriminator_updates * parts + part)?;
            let loss = loss / parts as f64;
            self.discriminator_optimizer.backward(&loss)?;
            total += loss.double_value(&[]);
        }
        self.discriminator_optimizer.step(self.lr_factor());
        if self.recipe.weight_clip > 0.0 {
            weight_clipping::clip_weights(&self.discriminator_store, self.recipe.weight_clip);
        }
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.end_update();
        }
        self.discriminator_updates += 1;
        self.finite(total, "the discriminator's loss")
    }

    /// The loss on batch `at` of the training images and as many generated ones.
    fn discriminator_loss(&mut self, at: u64) -> Result<Tensor, ModelError> {
        let (real, labels) = self.real.batch(at);
        let latents = self.latents(Purpose::DiscriminatorLatents, at);
        let generated_labels = self.generated_labels(&labels, Purpose::DiscriminatorLabels, at);
        let draws = self.draws(Purpose::DiscriminatorDropout, at);
        let mode = Mode::Train(&draws);
        let generated = tch::no_grad(|| self.generator.forward(&latents, &generated_labels, mode));

        // R1 is of the gradient with respect to the images as they are before the discriminator's
        // augmentation.
        let real = real.set_requires_grad(self.recipe.r1 > 0.0);
        let [seen_real, seen_generated] =
            self.augmented([&real, &generated], Purpose::DiscriminatorAugmentation, at);
        let on_real = self.discriminator.forward(&seen_real, &labels, mode);
        let on_generated = self.discriminator.forward(&seen_generated, &generated_labels, mode);
        let recipe = &self.recipe;
        let mut loss = recipe.loss.discriminator(
            &on_real.realness,
            &on_generated.realness,
            recipe.label_smoothing,
        );
        for (verdict, labels) in [(&on_real, &labels), (&on_generated, &generated_labels)] {
            if let Some(classes) = &verdict.classes {
                loss += class_loss(classes, labels) * recipe.class_weight;
            }
        }

        let critic = |x: &Tensor| self.discriminator.forward(x, &labels, mode).realness;
        if recipe.gradient_penalty > 0.0 {
            let weights = self.uniform(Purpose::GradientPenalty, at, &real.size()[..1]);
            let penalty =
                gradient_penalty::gradient_penalty(critic, &seen_real, &seen_generated, &weights)?;
            loss += penalty * recipe.gradient_penalty;
        }
        if recipe.dragan > 0.0 {
            let weights = self.uniform(Purpose::GradientPenalty, at, &real.size()[..1]);
            let noise = self.uniform(Purpose::DraganPerturbation, at, &real.size());
            loss += dragan::dragan(critic, &seen_real, &noise, &weights)? * recipe.dragan;
        }
        if recipe.r1 > 0.0 {
            loss += r1::r1(&on_real.realness, &real)? * recipe.r1;
        }
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.observe(&on_real.realness);
        }
        Ok(loss)
    }
}
