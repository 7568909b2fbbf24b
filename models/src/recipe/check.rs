//! Refusal of hyper-parameters that cannot be trained with.

use super::Recipe;
use crate::ModelError;
use crate::losses::Loss;
use crate::schedules::Schedule;

/// Largest count of updates or images.
const MOST_COUNT: u64 = 1 << 40;

impl Recipe {
    /// Refuses values that cannot be trained with.
    ///
    /// # Errors
    /// [`ModelError::Recipe`] with the key, the value and the allowed range.
    pub fn check(&self) -> Result<(), ModelError> {
        for (key, value) in [
            ("batch_size", self.batch_size as u64),
            ("accumulate", self.accumulate),
            ("discriminator_steps", self.discriminator_steps),
            ("latent_dim", self.latent_dim as u64),
            ("generator_channels", self.generator_channels as u64),
            ("discriminator_channels", self.discriminator_channels as u64),
        ] {
            if !(1..=65_536).contains(&value) {
                return refuse(key, value as i64, "it must lie in 1..=65536");
            }
        }
        for (key, value, least) in [
            ("steps", self.steps, 0),
            ("schedule_steps", self.schedule_steps, 0),
            ("ema_start", self.ema_start, 0),
            ("ada_images", self.ada_images, 1),
        ] {
            if !(least..=MOST_COUNT).contains(&value) {
                return refuse(key, value, "it must be at most 2^40, and `ada_images` at least 1");
            }
        }
        for (key, value) in [
            ("class_weight", self.class_weight),
            ("gradient_penalty", self.gradient_penalty),
            ("r1", self.r1),
            ("dragan", self.dragan),
            ("weight_clip", self.weight_clip),
            ("sharpen", self.sharpen),
            ("ema_rampup", self.ema_rampup),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(key, value, "it must be finite and not negative");
            }
        }
        for (key, value) in [
            ("dropout", self.dropout),
            ("label_smoothing", self.label_smoothing),
            ("ema_decay", self.ema_decay),
            ("ada_target", self.ada_target),
        ] {
            if !(0.0..1.0).contains(&value) {
                return refuse(key, value, "it must lie in [0, 1)");
            }
        }
        for (key, value) in [
            ("flip", self.flip),
            ("cutmix", self.cutmix),
            ("saturation", self.saturation),
            ("schedule_end", self.schedule_end),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return refuse(key, value, "it must lie in [0, 1]");
            }
        }
        if !(1.0..=100.0).contains(&self.oversample) {
            return refuse("oversample", self.oversample, "it must lie in [1, 100]; 1 is none");
        }
        self.check_combinations()?;
        self.generator_optimizer.check("generator_optimizer")?;
        self.discriminator_optimizer.check("discriminator_optimizer")
    }

    /// Refuses options that have no meaning together.
    fn check_combinations(&self) -> Result<(), ModelError> {
        if self.label_smoothing > 0.0 && !matches!(self.loss, Loss::Bce | Loss::LeastSquares) {
            let reason = "only the losses `bce` and `least-squares` have labels; set it to 0";
            return refuse("label_smoothing", self.label_smoothing, reason);
        }
        if self.ada_target > 0.0 && !matches!(self.loss, Loss::Bce | Loss::Hinge) {
            let reason = "the sign of the discriminator's output must tell real images, as with \
                          the losses `bce` and `hinge`; set it to 0";
            return refuse("ada_target", self.ada_target, reason);
        }
        if self.schedule == Schedule::Exponential && self.schedule_end == 0.0 {
            let reason = "an exponential never reaches 0; give the factor per `schedule_steps`";
            return refuse("schedule_end", self.schedule_end, reason);
        }
        Ok(())
    }
}

/// The error for `key` = `value`.
pub(crate) fn refuse<T>(
    key: &'static str,
    value: impl ToString,
    reason: &'static str,
) -> Result<T, ModelError> {
    Err(ModelError::Recipe { key, value: value.to_string(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_is_enforced_and_named() {
        let base = Recipe::default;
        base().check().unwrap();
        let wrong = [
            ("batch_size", Recipe { batch_size: 0, ..base() }),
            ("accumulate", Recipe { accumulate: 0, ..base() }),
            ("discriminator_steps", Recipe { discriminator_steps: 0, ..base() }),
            ("latent_dim", Recipe { latent_dim: -1, ..base() }),
            ("generator_channels", Recipe { generator_channels: 0, ..base() }),
            ("discriminator_channels", Recipe { discriminator_channels: 1 << 20, ..base() }),
            ("steps", Recipe { steps: u64::MAX, ..base() }),
            ("schedule_steps", Recipe { schedule_steps: u64::MAX, ..base() }),
            ("ada_images", Recipe { ada_images: 0, ..base() }),
            ("class_weight", Recipe { class_weight: -1.0, ..base() }),
            ("gradient_penalty", Recipe { gradient_penalty: f64::NAN, ..base() }),
            ("r1", Recipe { r1: -0.1, ..base() }),
            ("dragan", Recipe { dragan: f64::INFINITY, ..base() }),
            ("weight_clip", Recipe { weight_clip: -0.01, ..base() }),
            ("sharpen", Recipe { sharpen: -1.0, ..base() }),
            ("ema_start", Recipe { ema_start: u64::MAX, ..base() }),
            ("ema_rampup", Recipe { ema_rampup: -0.05, ..base() }),
            ("dropout", Recipe { dropout: 1.0, ..base() }),
            ("label_smoothing", Recipe { label_smoothing: 1.0, ..base() }),
            ("label_smoothing", Recipe { label_smoothing: 0.1, loss: Loss::Hinge, ..base() }),
            ("ema_decay", Recipe { ema_decay: 1.0, ..base() }),
            ("ada_target", Recipe { ada_target: -0.6, ..base() }),
            ("ada_target", Recipe { ada_target: 0.6, loss: Loss::Wasserstein, ..base() }),
            ("flip", Recipe { flip: 1.5, ..base() }),
            ("cutmix", Recipe { cutmix: -0.5, ..base() }),
            ("saturation", Recipe { saturation: 2.0, ..base() }),
            ("schedule_end", Recipe { schedule_end: 1.1, ..base() }),
            ("schedule_end", Recipe { schedule: Schedule::Exponential, ..base() }),
            ("oversample", Recipe { oversample: 0.5, ..base() }),
        ];
        for (expected, recipe) in wrong {
            match recipe.check() {
                Err(ModelError::Recipe { key, .. }) => assert_eq!(key, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
    }
}
