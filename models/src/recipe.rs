//! The hyper-parameters of a run: what a variant states and a user may override.

use serde::{Deserialize, Serialize};

use crate::ModelError;
use crate::init::Init;
use crate::losses::Loss;
use crate::optimizers::OptimizerConfig;

/// Every hyper-parameter of one training run. A variant supplies the values of its source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Generator updates.
    pub steps: u64,
    /// Images of each kind in a discriminator update, and latents in a generator update.
    pub batch_size: usize,
    /// Discriminator updates before each generator update.
    pub discriminator_steps: u64,
    /// Dimension of the latent, drawn from N(0, I).
    pub latent_dim: i64,
    /// Channels of the generator's last hidden layer; earlier layers have multiples of it.
    pub generator_channels: i64,
    /// Channels of the discriminator's first layer; later layers have multiples of it.
    pub discriminator_channels: i64,
    /// Adversarial loss.
    pub loss: Loss,
    /// Weight of the class loss of an auxiliary classifier; 0 where the variant has none.
    pub class_weight: f64,
    /// Weight of the gradient penalty (Gulrajani et al. 2017); 0 for none.
    pub gradient_penalty: f64,
    /// Initial parameters of both networks.
    pub init: Init,
    /// Optimiser of the generator.
    pub generator_optimizer: OptimizerConfig,
    /// Optimiser of the discriminator.
    pub discriminator_optimizer: OptimizerConfig,
}

impl Recipe {
    /// Refuses values that cannot be trained with.
    ///
    /// # Errors
    /// [`ModelError::Recipe`] with the key, the value and the allowed range.
    pub fn check(&self) -> Result<(), ModelError> {
        let at_least_one = [
            ("batch_size", self.batch_size as i64),
            ("discriminator_steps", self.discriminator_steps as i64),
            ("latent_dim", self.latent_dim),
            ("generator_channels", self.generator_channels),
            ("discriminator_channels", self.discriminator_channels),
        ];
        for (key, value) in at_least_one {
            if !(1..=65_536).contains(&value) {
                return refuse(key, value, "it must lie in 1..=65536");
            }
        }
        if self.steps > 1 << 40 {
            return refuse("steps", self.steps, "it must be at most 2^40");
        }
        for (key, value) in
            [("class_weight", self.class_weight), ("gradient_penalty", self.gradient_penalty)]
        {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(key, value, "it must be finite and not negative");
            }
        }
        for (key, optimizer) in [
            ("generator_optimizer", self.generator_optimizer),
            ("discriminator_optimizer", self.discriminator_optimizer),
        ] {
            optimizer.check(key)?;
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
