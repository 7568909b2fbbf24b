//! A generator out of a checkpoint, without the rest of its run and without its training images.

use std::path::Path;

use tch::{Device, nn};

use crate::checkpoint::{self, NamedTensors};
use crate::classes::ClassCounts;
use crate::images::MAX_SIDE;
use crate::networks::{Dimensions, Generator};
use crate::sampler::Sampler;
use crate::streams::Streams;
use crate::variants::Variant;
use crate::{ModelError, Recipe, computation};

/// Most classes that a checkpoint may claim.
const MAX_CLASSES: i64 = 1 << 20;

/// A trained generator, averaged if its recipe says so.
pub struct TrainedGenerator {
    generator: Box<dyn Generator>,
    recipe: Recipe,
    dimensions: Dimensions,
    class_counts: ClassCounts,
    device: Device,
    step: u64,
}

impl TrainedGenerator {
    /// The generator of `variant` in the file `checkpoint`, which [`Trainer::save`](crate::Trainer::save) wrote in a
    /// run with this recipe.
    ///
    /// # Errors
    /// If the recipe is out of range, or the file is missing, damaged, or of another variant, recipe or version.
    pub fn load(
        variant: &Variant,
        recipe: Recipe,
        checkpoint: &Path,
        device: Device,
    ) -> Result<Self, ModelError> {
        recipe.check()?;
        computation::repeat_unless_decided(device)?;
        let tensors = checkpoint::read(checkpoint)?;
        let dimensions = read_dimensions(&tensors, checkpoint)?;
        let store = nn::VarStore::new(device);
        let unused = nn::VarStore::new(device);
        let (generator, _) = (variant.networks)(&recipe, dimensions, store.root(), unused.root());
        let name = if recipe.ema_decay > 0.0 { "averaged_generator" } else { "generator" };
        checkpoint::restore_variables(&tensors, name, &store, checkpoint)?;
        let step = checkpoint::read_counter(&tensors, "step", checkpoint)?;
        let classes = dimensions.classes as usize;
        let class_counts = ClassCounts::read(&tensors, classes, checkpoint)?;
        Ok(Self { generator, recipe, dimensions, class_counts, device, step })
    }

    /// Generator steps that it was trained for.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Draws its images; with the run's seed, those that the run was scored by.
    pub fn sampler(&self, seed: u64) -> Sampler<'_> {
        Sampler {
            generator: self.generator.as_ref(),
            recipe: &self.recipe,
            dimensions: self.dimensions,
            class_counts: &self.class_counts,
            streams: Streams::new(seed),
            device: self.device,
            step: self.step,
            truncation: None,
            class: None,
        }
    }
}

/// Adds what the networks of a run had to fit.
pub(crate) fn insert_dimensions(tensors: &mut NamedTensors, dimensions: Dimensions) {
    let Dimensions { size, channels, classes } = dimensions;
    for (name, value) in [("image_size", size), ("image_channels", channels), ("classes", classes)]
    {
        tensors.insert(name.into(), checkpoint::counter(value as u64));
    }
}

/// What [`insert_dimensions`] added.
fn read_dimensions(tensors: &NamedTensors, path: &Path) -> Result<Dimensions, ModelError> {
    let [size, channels, classes] = ["image_size", "image_channels", "classes"]
        .map(|name| checkpoint::read_counter(tensors, name, path).map(|value| value as i64));
    let dimensions = Dimensions { size: size?, channels: channels?, classes: classes? };
    let Dimensions { size, channels, classes } = dimensions;
    let sound = (8..=MAX_SIDE).contains(&size)
        && (size as u64).is_power_of_two()
        && [1, 3].contains(&channels)
        && (1..=MAX_CLASSES).contains(&classes);
    if sound {
        return Ok(dimensions);
    }
    Err(ModelError::Checkpoint {
        path: path.into(),
        reason: format!(
            "it claims images of {size}x{size}x{channels} in {classes} classes, which no run has; it is damaged"
        ),
    })
}
