//! Adaptive strength of the discriminator's augmentation (ADA, Karras et al. 2020).

use std::path::Path;

use tch::{Kind, Tensor};

use crate::ModelError;
use crate::checkpoint::{self, NamedTensors};

/// Discriminator updates between adjustments (section 3.1).
const INTERVAL: u64 = 4;

/// Real images in which the probability can go from 0 to 1 (section 3.1).
const RAMP: f64 = 500_000.0;

/// The probability with which each transformation is applied. It rises while the heuristic
/// `r_t = E[sign(D(real))]`, over the real images since the last adjustment, lies above its target
/// (the discriminator overfits), and falls while it lies below.
#[derive(Clone, Debug, PartialEq)]
pub struct AdaptiveStrength {
    target: f64,
    probability: f64,
    signs: f64,
    images: u64,
    updates: u64,
}

impl AdaptiveStrength {
    /// Starts at probability 0.
    pub fn new(target: f64) -> Self {
        Self { target, probability: 0.0, signs: 0.0, images: 0, updates: 0 }
    }

    /// The probability in `[0, 1]`.
    pub fn probability(&self) -> f64 {
        self.probability
    }

    /// Takes in the realness logits `[n]` of a batch of real images.
    pub fn observe(&mut self, real: &Tensor) {
        self.signs += real.detach().sign().sum(Kind::Double).double_value(&[]);
        self.images += real.numel() as u64;
    }

    /// Ends a discriminator update; every fourth adjusts the probability.
    pub fn end_update(&mut self) {
        self.updates += 1;
        if self.updates < INTERVAL {
            return;
        }
        let images = self.images as f64;
        let excess = self.signs / images - self.target;
        let direction = if excess == 0.0 { 0.0 } else { excess.signum() };
        let probability = (self.probability + direction * images / RAMP).clamp(0.0, 1.0);
        *self = Self { probability, ..Self::new(self.target) };
    }

    /// Adds the state under `name`.
    pub fn insert_state(&self, tensors: &mut NamedTensors, name: &str) {
        let state = [self.probability, self.signs, self.images as f64, self.updates as f64];
        tensors.insert(name.into(), Tensor::from_slice(&state));
    }

    /// Restores what [`Self::insert_state`] saved.
    ///
    /// # Errors
    /// If the state is missing or no such state.
    pub fn restore_state(
        &mut self,
        tensors: &NamedTensors,
        name: &str,
        path: &Path,
    ) -> Result<(), ModelError> {
        let saved = checkpoint::tensor(tensors, name, path)?.to_kind(Kind::Double).view([-1]);
        match Vec::<f64>::try_from(&saved)?.as_slice() {
            &[probability, signs, images, updates] => {
                let (images, updates) = (images as u64, updates as u64);
                *self = Self { probability, signs, images, updates, ..*self };
                Ok(())
            }
            _ => Err(ModelError::Checkpoint {
                path: path.into(),
                reason: format!("`{name}` has another shape; it belongs to another configuration"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probability_follows_the_heuristic_every_fourth_update() {
        let mut strength = AdaptiveStrength::new(0.6);
        let mut update = |real: &[f32]| {
            strength.observe(&Tensor::from_slice(real));
            strength.end_update();
            strength.probability()
        };
        let (sure, unsure) = ([3.0, 1.0, 2.0, 0.5, 9.0], [3.0, 1.0, 2.0, 0.5, -9.0]);
        for _ in 0..3 {
            assert_eq!(update(&sure), 0.0);
        }
        // 19 of 20 positive: r = 0.9. 20 images move the probability by 20 / 500 000.
        assert!((update(&unsure) - 4e-5).abs() < 1e-12);
        for _ in 0..4 {
            update(&sure);
        }
        assert!((update(&sure) - 8e-5).abs() < 1e-12);
        // 17 of 20 positive: r = 0.7; then 15 of 20: r = 0.5.
        for _ in 0..3 {
            update(&unsure);
        }
        assert!((update(&unsure) - 12e-5).abs() < 1e-12);
        let low = [3.0, 1.0, 2.0, -0.5, -9.0];
        for _ in 0..3 {
            update(&low);
        }
        assert!((update(&low) - 8e-5).abs() < 1e-12);
    }
}
