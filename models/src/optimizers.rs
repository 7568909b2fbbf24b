//! Optimisers whose whole state can be saved, in PyTorch's formulation.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tch::{Tensor, nn};

use crate::ModelError;
use crate::checkpoint::{self, NamedTensors};
use crate::recipe;

/// Kind and hyper-parameters of an optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// Adam (Kingma and Ba 2015), with bias correction.
    Adam {
        /// Learning rate.
        lr: f64,
        /// Decay of the first moment.
        beta1: f64,
        /// Decay of the second moment.
        beta2: f64,
        /// Added to the root of the second moment.
        eps: f64,
    },
    /// Stochastic gradient descent with Nesterov momentum and L2 weight decay.
    Sgd {
        /// Learning rate.
        lr: f64,
        /// Momentum in `[0, 1)`.
        momentum: f64,
        /// L2 weight decay, added to the gradient.
        weight_decay: f64,
    },
}

impl OptimizerConfig {
    /// Adam with PyTorch's default `eps` of 1e-8.
    pub fn adam(lr: f64, beta1: f64, beta2: f64) -> Self {
        Self::Adam { lr, beta1, beta2, eps: 1e-8 }
    }

    /// Refuses hyper-parameters outside their ranges; `key` names the optimiser in the error.
    pub(crate) fn check(&self, key: &'static str) -> Result<(), ModelError> {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        let decay = |x: f64| (0.0..1.0).contains(&x);
        let right = match *self {
            Self::Adam { lr, beta1, beta2, eps } => {
                positive(lr) && decay(beta1) && decay(beta2) && positive(eps)
            }
            Self::Sgd { lr, momentum, weight_decay } => {
                positive(lr) && decay(momentum) && weight_decay.is_finite() && weight_decay >= 0.0
            }
        };
        if right {
            return Ok(());
        }
        recipe::refuse(
            key,
            format!("{self:?}"),
            "learning rate and eps must be positive, betas and momentum in [0, 1)",
        )
    }

    fn slots(&self) -> &'static [&'static str] {
        match self {
            Self::Adam { .. } => &["first_moment", "second_moment"],
            Self::Sgd { .. } => &["momentum"],
        }
    }
}

struct Parameter {
    name: String,
    value: Tensor,
    slots: Vec<Tensor>,
}

/// An optimiser over the trainable variables of a store.
pub struct Optimizer {
    config: OptimizerConfig,
    parameters: Vec<Parameter>,
    updates: u64,
}

impl Optimizer {
    /// Zeroed state for every trainable variable of `store`, in name order.
    pub fn new(config: OptimizerConfig, store: &nn::VarStore) -> Self {
        let mut parameters: Vec<Parameter> = store
            .variables()
            .into_iter()
            .filter(|(_, value)| value.requires_grad())
            .map(|(name, value)| Parameter {
                slots: config.slots().iter().map(|_| value.detach().zeros_like()).collect(),
                name,
                value,
            })
            .collect();
        parameters.sort_by(|a, b| a.name.cmp(&b.name));
        Self { config, parameters, updates: 0 }
    }

    /// Forgets the gradients.
    pub fn zero_grad(&mut self) {
        for parameter in &mut self.parameters {
            parameter.value.zero_grad();
        }
    }

    /// One update from the accumulated gradients, with the learning rate multiplied by
    /// `lr_factor`. Parameters without a gradient stay as they are.
    pub fn step(&mut self, lr_factor: f64) {
        self.updates += 1;
        let config = self.config;
        let updates = self.updates as i32;
        tch::no_grad(|| {
            for Parameter { value, slots, .. } in &mut self.parameters {
                let gradient = value.grad();
                if !gradient.defined() {
                    continue;
                }
                match config {
                    OptimizerConfig::Adam { lr, beta1, beta2, eps } => {
                        let [first, second] = slots.as_mut_slice() else {
                            unreachable!("Adam keeps two slots");
                        };
                        let _ = first.lerp_(&gradient, 1.0 - beta1);
                        let _ = second.g_mul_scalar_(beta2);
                        let _ = second.g_add_(&(gradient.square() * (1.0 - beta2)));
                        let correction1 = 1.0 - beta1.powi(updates);
                        let correction2 = (1.0 - beta2.powi(updates)).sqrt();
                        let denominator = second.sqrt() / correction2 + eps;
                        let step = &*first / denominator * (-lr * lr_factor / correction1);
                        let _ = value.g_add_(&step);
                    }
                    OptimizerConfig::Sgd { lr, momentum, weight_decay } => {
                        let velocity = &mut slots[0];
                        let gradient = gradient + &*value * weight_decay;
                        let _ = velocity.g_mul_scalar_(momentum);
                        let _ = velocity.g_add_(&gradient);
                        let step = (gradient + &*velocity * momentum) * (-lr * lr_factor);
                        let _ = value.g_add_(&step);
                    }
                }
            }
        });
    }

    /// Adds the state under `prefix.`.
    pub fn insert_state(&self, tensors: &mut NamedTensors, prefix: &str) {
        tensors.insert(format!("{prefix}.updates"), checkpoint::counter(self.updates));
        for parameter in &self.parameters {
            for (slot, tensor) in self.config.slots().iter().zip(&parameter.slots) {
                let name = format!("{prefix}.{slot}.{}", parameter.name);
                tensors.insert(name, tensor.shallow_clone());
            }
        }
    }

    /// Restores what [`Self::insert_state`] saved.
    pub fn restore_state(
        &mut self,
        tensors: &NamedTensors,
        prefix: &str,
        path: &Path,
    ) -> Result<(), ModelError> {
        self.updates = checkpoint::read_counter(tensors, &format!("{prefix}.updates"), path)?;
        for parameter in &mut self.parameters {
            for (slot, tensor) in self.config.slots().iter().zip(&mut parameter.slots) {
                let name = format!("{prefix}.{slot}.{}", parameter.name);
                let saved = checkpoint::tensor(tensors, &name, path)?;
                if saved.size() != tensor.size() {
                    return Err(ModelError::Checkpoint {
                        path: path.into(),
                        reason: format!("`{name}` has another shape"),
                    });
                }
                tensor.copy_(saved);
            }
        }
        Ok(())
    }
}
