//! A run's state to and from a checkpoint.

use std::path::Path;

use super::Trainer;
use crate::ModelError;
use crate::checkpoint::{self, NamedTensors};
use crate::trained_generator;

impl Trainer<'_> {
    /// Writes everything that the run's future depends on to `path` (not atomic).
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let mut tensors = NamedTensors::new();
        for (name, value) in
            [("step", self.step), ("discriminator_updates", self.discriminator_updates)]
        {
            tensors.insert(name.into(), checkpoint::counter(value));
        }
        trained_generator::insert_dimensions(&mut tensors, self.dimensions);
        self.class_counts.insert(&mut tensors);
        checkpoint::insert_variables(&mut tensors, "generator", &self.generator_store);
        checkpoint::insert_variables(&mut tensors, "discriminator", &self.discriminator_store);
        self.generator_optimizer.insert_state(&mut tensors, "generator_optimizer");
        self.discriminator_optimizer.insert_state(&mut tensors, "discriminator_optimizer");
        if let Some(average) = &self.average {
            checkpoint::insert_variables(&mut tensors, "averaged_generator", average.store());
        }
        if let Some(adaptive) = &self.adaptive {
            adaptive.insert_state(&mut tensors, "adaptive_augmentation");
        }
        checkpoint::write(&tensors, path)
    }

    /// Restores what [`Self::save`] wrote.
    ///
    /// # Errors
    /// If the file is damaged or belongs to another configuration.
    pub fn restore(&mut self, path: &Path) -> Result<(), ModelError> {
        let tensors = checkpoint::read(path)?;
        checkpoint::restore_variables(&tensors, "generator", &self.generator_store, path)?;
        checkpoint::restore_variables(&tensors, "discriminator", &self.discriminator_store, path)?;
        self.generator_optimizer.restore_state(&tensors, "generator_optimizer", path)?;
        self.discriminator_optimizer.restore_state(&tensors, "discriminator_optimizer", path)?;
        if let Some(average) = &self.average {
            let store = average.store();
            checkpoint::restore_variables(&tensors, "averaged_generator", store, path)?;
        }
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.restore_state(&tensors, "adaptive_augmentation", path)?;
        }
        self.step = checkpoint::read_counter(&tensors, "step", path)?;
        self.discriminator_updates =
            checkpoint::read_counter(&tensors, "discriminator_updates", path)?;
        Ok(())
    }
}
