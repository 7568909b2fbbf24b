//! Optimisers whose whole state can be saved, in PyTorch's formulation.

mod config;
mod rules;

use std::path::Path;

use tch::{Tensor, nn};

pub use config::OptimizerConfig;

use crate::ModelError;
use crate::checkpoint::{self, NamedTensors};

struct Parameter {
    name: String,
    value: Tensor,
    slots: Vec<Tensor>,
}

/// An optimiser over the trainable variables of a store.
pub struct Optimizer {
    config: OptimizerConfig,
    parameters: Vec<Parameter>,
    /// Of the losses since the last update, by parameter; empty where there were none.
    gradients: Vec<Tensor>,
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
        Self { config, parameters, gradients: Vec::new(), updates: 0 }
    }

    /// Adds the gradients of a scalar loss to those that the next update goes by.
    ///
    /// # Errors
    /// Those of the backward pass.
    pub fn backward(&mut self, loss: &Tensor) -> Result<(), ModelError> {
        let values: Vec<&Tensor> = self.parameters.iter().map(|p| &p.value).collect();
        let gradients = Tensor::f_run_backward(&[loss], &values, false, false)?;
        if self.gradients.is_empty() {
            self.gradients = gradients;
            return Ok(());
        }
        for (sum, gradient) in self.gradients.iter_mut().zip(gradients) {
            match (sum.defined(), gradient.defined()) {
                (true, true) => *sum += gradient,
                (false, true) => *sum = gradient,
                (_, false) => {}
            }
        }
        Ok(())
    }

    /// One update from the gradients of the losses since the last, with the learning rate
    /// multiplied by `lr_factor`. Parameters without a gradient stay as they are.
    pub fn step(&mut self, lr_factor: f64) {
        self.updates += 1;
        let gradients = std::mem::take(&mut self.gradients);
        tch::no_grad(|| {
            for (Parameter { value, slots, .. }, gradient) in
                self.parameters.iter_mut().zip(gradients)
            {
                if gradient.defined() {
                    rules::update(self.config, self.updates, lr_factor, value, gradient, slots);
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
