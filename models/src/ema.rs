//! An average of the generator over training, which images are sampled from.

use tch::{Tensor, nn};

use crate::networks::Generator;

/// How much of an average each update keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decay {
    /// The share that is kept, in `[0, 1)`, once start and ramp are over.
    pub full: f64,
    /// Updates before which the average is the generator itself (`ema_start` of Brock et al.
    /// 2019's code).
    pub start: u64,
    /// The half-life is at most this multiple of the updates done (`ema_rampup` of Karras et al.
    /// 2020's code, 0.05 there), so that the first parameters are soon forgotten; 0 for no limit.
    pub ramp: f64,
}

impl Decay {
    /// The share that the update after `updates` others keeps.
    pub fn after(self, updates: u64) -> f64 {
        let Self { full, start, ramp } = self;
        if updates < start {
            return 0.0;
        }
        if ramp == 0.0 {
            return full;
        }
        // 2^(-1 / half-life) is 0 for a half-life of 0.
        full.min(0.5f64.powf(1.0 / (ramp * updates as f64)))
    }
}

/// A generator whose parameters are an exponential moving average of another's, from its first
/// ones on (Yazıcı et al. 2019); buffers are the other's own.
pub struct AveragedGenerator {
    generator: Box<dyn Generator>,
    store: nn::VarStore,
    decay: Decay,
    /// Averaged and live parameters.
    parameters: Vec<(Tensor, Tensor)>,
    /// Copied and live buffers.
    buffers: Vec<(Tensor, Tensor)>,
}

impl AveragedGenerator {
    /// The average `generator`, with its variables in `store`, of the generator with the same
    /// variables in `live`; starts as its copy.
    pub fn new(
        generator: Box<dyn Generator>,
        store: nn::VarStore,
        live: &nn::VarStore,
        decay: Decay,
    ) -> Self {
        let mut averaged = store.variables();
        let (mut parameters, mut buffers) = (Vec::new(), Vec::new());
        for (name, live) in live.variables() {
            let Some(copy) = averaged.remove(&name) else { continue };
            let live = live.detach();
            let is_parameter = copy.requires_grad();
            let copy = copy.detach();
            copy.shallow_clone().copy_(&live);
            if is_parameter { &mut parameters } else { &mut buffers }.push((copy, live));
        }
        Self { generator, store, decay, parameters, buffers }
    }

    /// Takes in the live generator after an update, before which there were `updates` others:
    /// `average += (1 - decay) (live - average)`.
    pub fn update(&mut self, updates: u64) {
        let weight = 1.0 - self.decay.after(updates);
        tch::no_grad(|| {
            for (average, live) in &mut self.parameters {
                let _ = average.lerp_(live, weight);
            }
            for (copy, live) in &mut self.buffers {
                copy.copy_(live);
            }
        });
    }

    /// The averaged generator.
    pub fn generator(&self) -> &dyn Generator {
        self.generator.as_ref()
    }

    /// Its variables.
    pub fn store(&self) -> &nn::VarStore {
        &self.store
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decay_starts_late_and_rises_as_its_half_life_may() {
        let plain = Decay { full: 0.999, start: 0, ramp: 0.0 };
        assert_eq!([0, 1, 1_000_000].map(|t| plain.after(t)), [0.999; 3]);
        let late = Decay { start: 10, ..plain };
        assert_eq!([0, 9, 10].map(|t| late.after(t)), [0.0, 0.0, 0.999]);
        let ramped = Decay { ramp: 0.05, ..plain };
        assert_eq!(ramped.after(0), 0.0);
        // Half-lives of 1 and 5 updates.
        assert_eq!(ramped.after(20), 0.5);
        assert!((ramped.after(100).powi(5) - 0.5).abs() < 1e-12);
        // 0.999 has a half-life of 692.8 updates, a twentieth of 13 856.
        assert!(ramped.after(13_850) < 0.999);
        assert_eq!(ramped.after(13_860), 0.999);
    }
}
