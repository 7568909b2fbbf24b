//! A run in training: networks, optimisers and counters.

mod discriminator_step;
mod epoch_order;
mod generator_step;
mod inputs;
mod parts;
mod real_batches;
mod state;
mod steps;

use tch::{Device, Tensor, nn};

use crate::augmentations::adaptive::AdaptiveStrength;
use crate::augmentations::differentiable::{self, Transformation};
use crate::classes::ClassCounts;
use crate::ema::AveragedGenerator;
use crate::images::{ImageShape, LabelledImages};
use crate::networks::{self, Dimensions, Discriminator, Generator, trainable_parameters};
use crate::optimizers::Optimizer;
use crate::sampler::Sampler;
use crate::streams::Streams;
use crate::variants::Variant;
use crate::{ModelError, Recipe, allocator, computation, init};

use parts::LossParts;
pub use real_batches::RealBatches;
pub use steps::Losses;
use steps::Untaken;

/// The discriminator's parameters are initialised from this step of the stream on.
const DISCRIMINATOR_INIT: u64 = 1 << 32;

/// One run of one variant.
pub struct Trainer<'a> {
    recipe: Recipe,
    real: RealBatches<'a>,
    dimensions: Dimensions,
    class_counts: ClassCounts,
    streams: Streams,
    device: Device,
    generator: Box<dyn Generator>,
    discriminator: Box<dyn Discriminator>,
    generator_store: nn::VarStore,
    discriminator_store: nn::VarStore,
    generator_optimizer: Optimizer,
    discriminator_optimizer: Optimizer,
    average: Option<AveragedGenerator>,
    adaptive: Option<AdaptiveStrength>,
    loss_parts: LossParts,
    loss_part_names: Vec<&'static str>,
    untaken: Vec<Untaken>,
    step: u64,
    discriminator_updates: u64,
}

impl<'a> Trainer<'a> {
    /// A freshly initialised run of `variant` on `data`.
    ///
    /// # Errors
    /// If the recipe is out of range or the images are not square with a power-of-two side of at
    /// least 8.
    pub fn new(
        variant: &Variant,
        recipe: Recipe,
        data: LabelledImages<'a>,
        seed: u64,
        device: Device,
    ) -> Result<Self, ModelError> {
        recipe.check()?;
        computation::repeat_unless_decided(device)?;
        allocator::keep_freed_memory();
        let dimensions = dimensions(&data)?;
        let streams = Streams::new(seed);
        let generator_store = nn::VarStore::new(device);
        let discriminator_store = nn::VarStore::new(device);
        let (generator, discriminator) = (variant.networks)(
            &recipe,
            dimensions,
            generator_store.root(),
            discriminator_store.root(),
        );
        init::initialise(&generator_store, recipe.init, &streams, 0);
        init::initialise(&discriminator_store, recipe.init, &streams, DISCRIMINATOR_INIT);
        networks::settle_generator(generator.as_ref(), &generator_store, recipe.latent_dim);
        networks::settle_discriminator(discriminator.as_ref(), &discriminator_store, dimensions);
        let average = (recipe.ema_decay > 0.0).then(|| {
            let store = nn::VarStore::new(device);
            let unused = nn::VarStore::new(device);
            let (copy, _) = (variant.networks)(&recipe, dimensions, store.root(), unused.root());
            AveragedGenerator::new(copy, store, &generator_store, recipe.averaging())
        });
        let loss_parts = LossParts::of(&recipe, discriminator.classifies());
        Ok(Self {
            generator_optimizer: Optimizer::new(recipe.generator_optimizer, &generator_store),
            discriminator_optimizer: Optimizer::new(
                recipe.discriminator_optimizer,
                &discriminator_store,
            ),
            class_counts: ClassCounts::of(&data),
            real: RealBatches::new(&recipe, data, streams, device),
            dimensions,
            adaptive: (recipe.ada_target > 0.0)
                .then(|| AdaptiveStrength::new(recipe.ada_target, recipe.ada_images, device)),
            recipe,
            streams,
            device,
            generator,
            discriminator,
            generator_store,
            discriminator_store,
            average,
            loss_parts,
            loss_part_names: loss_parts.names(),
            untaken: Vec::new(),
            step: 0,
            discriminator_updates: 0,
        })
    }

    /// Names of the parts of the losses, the same at every step of a run; those that its recipe
    /// has no use for are left out. Losses bear their weights:
    ///
    /// - `loss_d_real`, `loss_d_fake`, `loss_d_class` (of both kinds of images) and `penalty` (of
    ///   all that the recipe asks for) add up to [`Losses::discriminator`];
    /// - `gradient_norm`: mean norm of the images' gradients that are penalised (with several
    ///   penalties, the mean over them);
    /// - `score_real`, `score_fake`: mean of what the discriminator says of them, a logit where
    ///   the loss is `bce`;
    /// - `loss_g_adversarial` and `loss_g_class` add up to [`Losses::generator`];
    /// - `ada_p`: probability of adaptive augmentation.
    ///
    /// Those of the discriminator are of its last update before the generator's.
    pub fn loss_parts(&self) -> &[&'static str] {
        &self.loss_part_names
    }

    /// Generator steps done.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Real images that the discriminator has seen, repetitions included.
    pub fn images_seen(&self) -> u64 {
        self.discriminator_updates * self.recipe.accumulate * self.recipe.batch_size as u64
    }

    /// Shape of the generated images.
    pub fn shape(&self) -> ImageShape {
        self.sampler().shape()
    }

    /// Draws images of the generator as it is, averaged if the recipe says so.
    pub fn sampler(&self) -> Sampler<'_> {
        let average = self.average.as_ref().map(AveragedGenerator::generator);
        Sampler {
            generator: average.unwrap_or(self.generator.as_ref()),
            recipe: &self.recipe,
            dimensions: self.dimensions,
            class_counts: &self.class_counts,
            streams: self.streams,
            device: self.device,
            step: self.step,
            truncation: None,
            class: None,
        }
    }

    /// Trainable parameters of the generator and of the discriminator.
    pub fn parameter_counts(&self) -> (u64, u64) {
        let [generator, discriminator] = [&self.generator_store, &self.discriminator_store];
        (trainable_parameters(generator), trainable_parameters(discriminator))
    }

    /// Factor of both learning rates in the present step.
    fn lr_factor(&self) -> f64 {
        let Recipe { schedule, schedule_steps, schedule_end, steps, .. } = self.recipe;
        let total = if schedule_steps == 0 { steps } else { schedule_steps };
        schedule.factor(self.step, total, schedule_end)
    }

    /// `images` as the discriminator sees them.
    fn augmented(&self, images: &Tensor, transformations: &[Transformation]) -> Tensor {
        let probability = self.adaptive.as_ref().map(AdaptiveStrength::probability);
        differentiable::apply(images, transformations, probability)
    }
}

/// What networks for `data` must fit.
fn dimensions(data: &LabelledImages) -> Result<Dimensions, ModelError> {
    let ImageShape { height, width, channels } = data.shape();
    if height != width || !height.is_power_of_two() || height < 8 {
        return Err(ModelError::TrainingSet(format!(
            "{height}x{width} images; the networks take squares with a power-of-two side of at \
             least 8"
        )));
    }
    Ok(Dimensions {
        size: height as i64,
        channels: channels as i64,
        classes: data.classes() as i64,
    })
}
