//! An average of the generator over training, which images are sampled from.

use tch::{Tensor, nn};

use crate::networks::Generator;

/// A generator whose parameters are an exponential moving average of another's, from its first
/// ones on (Yazıcı et al. 2019); buffers are the other's own.
pub struct AveragedGenerator {
    generator: Box<dyn Generator>,
    store: nn::VarStore,
    decay: f64,
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
        decay: f64,
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

    /// Takes in the live generator after an update: `average += (1 - decay) (live - average)`.
    pub fn update(&mut self) {
        tch::no_grad(|| {
            for (average, live) in &mut self.parameters {
                let _ = average.lerp_(live, 1.0 - self.decay);
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
