//! Adaptive strength of the discriminator's augmentation (ADA, Karras et al. 2020).

use std::path::Path;

use tch::{Device, Kind, Tensor};

use crate::checkpoint::{self, NamedTensors};
use crate::{ModelError, transfers};

/// Discriminator updates between adjustments (section 3.1).
const INTERVAL: u64 = 4;

/// The probability with which each transformation is applied. It rises while the heuristic
/// `r_t = E[sign(D(real))]`, over the real images since the last adjustment, lies above its target
/// (the discriminator overfits), and falls while it lies below. What depends on the discriminator stays on the device.
#[derive(Debug)]
pub struct AdaptiveStrength {
    target: f64,
    ramp: u64,
    probability: Tensor,
    signs: Tensor,
    images: u64,
    updates: u64,
}

impl AdaptiveStrength {
    /// Starts at probability 0, which `ramp` real images can take to 1.
    pub fn new(target: f64, ramp: u64, device: Device) -> Self {
        let zero = || Tensor::zeros([1], (Kind::Double, device));
        Self { target, ramp, probability: zero(), signs: zero(), images: 0, updates: 0 }
    }

    /// The probability in `[0, 1]`, `[1]`.
    pub fn probability(&self) -> &Tensor {
        &self.probability
    }

    /// Takes in the realness logits `[n]` of a batch of real images.
    pub fn observe(&mut self, real: &Tensor) {
        self.signs = &self.signs + real.detach().sign().sum(Kind::Double);
        self.images += real.numel() as u64;
    }

    /// Ends a discriminator update; every fourth adjusts the probability.
    pub fn end_update(&mut self) {
        self.updates += 1;
        if self.updates < INTERVAL {
            return;
        }
        let images = self.images as f64;
        let excess = &self.signs / images - self.target;
        let change = excess.sign() * images / self.ramp as f64;
        self.probability = (&self.probability + change).clamp(0.0, 1.0);
        self.signs = self.signs.zeros_like();
        (self.images, self.updates) = (0, 0);
    }

    /// Adds the state under `name`.
    pub fn insert_state(&self, tensors: &mut NamedTensors, name: &str) {
        let number = |value: u64| self.signs.full_like(value as f64);
        let state = [&self.probability, &self.signs, &number(self.images), &number(self.updates)];
        tensors.insert(name.into(), Tensor::cat(&state, 0));
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
        let device = self.signs.device();
        match transfers::read::<f64>(&saved)?.as_slice() {
            &[probability, signs, images, updates] => {
                self.probability = transfers::upload(&[probability], device);
                self.signs = transfers::upload(&[signs], device);
                (self.images, self.updates) = (images as u64, updates as u64);
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
        let mut strength = AdaptiveStrength::new(0.6, 500_000, Device::Cpu);
        let mut four_updates = |last: [f32; 5]| {
            for real in [[3.0, 1.0, 2.0, 0.5, 9.0]; 3].into_iter().chain([last]) {
                strength.observe(&Tensor::from_slice(&real));
                strength.end_update();
            }
            strength.probability().double_value(&[0])
        };
        // Of 20 images 20, 18, 16 and 15 are taken for real: r = 1, 0.8, 0.6 and 0.5. They move
        // the probability by 20 / 500 000 up, up, not at all, and down.
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(four_updates([1.0, 1.0, 1.0, 1.0, 1.0]), 4e-5);
        close(four_updates([1.0, 1.0, -1.0, -1.0, 1.0]), 8e-5);
        close(four_updates([1.0, -1.0, -1.0, -1.0, -1.0]), 8e-5);
        close(four_updates([-1.0, -1.0, -1.0, -1.0, -1.0]), 4e-5);
    }
}
