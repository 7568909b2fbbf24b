//! A run in training: networks, optimisers and counters.

mod discriminator_step;
mod epoch_order;
mod generator_step;
mod parts;
mod real_batches;
mod state;

use rand::RngExt;
use tch::{Device, Kind, Tensor, nn};

use crate::augmentations::adaptive::AdaptiveStrength;
use crate::augmentations::differentiable::{self, DiffAugment};
use crate::classes::ClassCounts;
use crate::ema::AveragedGenerator;
use crate::images::{ImageShape, LabelledImages};
use crate::networks::{self, Dimensions, Discriminator, Draws, Generator, trainable_parameters};
use crate::optimizers::Optimizer;
use crate::recipe::GeneratorLabels;
use crate::sampler::Sampler;
use crate::streams::{Purpose, Streams};
use crate::variants::Variant;
use crate::{ModelError, Recipe, allocator, init};

use parts::LossParts;
pub use real_batches::RealBatches;

/// The discriminator's parameters are initialised from this step of the stream on.
const DISCRIMINATOR_INIT: u64 = 1 << 32;

/// Losses of one generator step and the discriminator steps before it; of several accumulated
/// batches, the means.
#[derive(Clone, Debug, PartialEq)]
pub struct Losses {
    /// The last discriminator step's whole loss, penalties included.
    pub discriminator: f64,
    /// The generator's loss.
    pub generator: f64,
    /// What they consist of, and what they are diagnosed by, in the order of
    /// [`Trainer::loss_parts`].
    pub parts: Vec<f64>,
}

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
                .then(|| AdaptiveStrength::new(recipe.ada_target, recipe.ada_images)),
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
            step: 0,
            discriminator_updates: 0,
        })
    }

    /// One generator step, after the discriminator steps that the recipe asks for.
    ///
    /// # Errors
    /// [`ModelError::Diverged`] if a loss stops being finite.
    pub fn train_step(&mut self) -> Result<Losses, ModelError> {
        let mut of_discriminator = Vec::new();
        let mut probability = None;
        for _ in 0..self.recipe.discriminator_steps {
            probability = self.adaptive.as_ref().map(AdaptiveStrength::probability);
            of_discriminator = self.discriminator_step()?;
        }
        let of_generator = self.generator_step()?;
        self.step += 1;
        let parts = of_discriminator[1..].iter().chain(&of_generator[1..]).copied();
        Ok(Losses {
            discriminator: of_discriminator[0],
            generator: of_generator[0],
            parts: parts.chain(probability).collect(),
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

    /// Latents `[batch_size, latent_dim]` of a batch of training.
    fn latents(&self, purpose: Purpose, at: u64) -> Tensor {
        let Recipe { batch_size, latent_dim, latent, .. } = self.recipe;
        let rng = self.streams.at(purpose, at);
        let values = latent.draw(batch_size * latent_dim as usize, rng);
        Tensor::from_slice(&values).to_device(self.device).view([-1, latent_dim])
    }

    /// Labels `[batch_size]` to generate by in a batch of training whose real images bear `real`.
    fn generated_labels(&self, real: &Tensor, purpose: Purpose, at: u64) -> Tensor {
        match self.recipe.generator_labels {
            GeneratorLabels::Real => real.shallow_clone(),
            GeneratorLabels::Drawn => {
                let mut rng = self.streams.at(purpose, at);
                let labels: Vec<i64> = (0..self.recipe.batch_size)
                    .map(|_| self.class_counts.draw(&mut rng).into())
                    .collect();
                Tensor::from_slice(&labels).to_device(self.device)
            }
        }
    }

    /// Random numbers `[shape]` from U(0, 1).
    fn uniform(&self, purpose: Purpose, at: u64, shape: &[i64]) -> Tensor {
        let rng = self.streams.at(purpose, at);
        let count = shape.iter().product::<i64>() as usize;
        let values: Vec<f32> = rng.random_iter().take(count).collect();
        Tensor::from_slice(&values).to_kind(Kind::Float).to_device(self.device).view(shape)
    }

    /// The random numbers of the networks' passes over one batch.
    fn draws(&self, purpose: Purpose, at: u64) -> Draws {
        Draws::new(self.streams.at(purpose, at))
    }

    /// What the discriminator sees of `batches` of images.
    fn augmented<const N: usize>(
        &self,
        batches: [&Tensor; N],
        purpose: Purpose,
        at: u64,
    ) -> [Tensor; N] {
        let probability = self.adaptive.as_ref().map_or(1.0, AdaptiveStrength::probability);
        let operations = match (self.recipe.diffaugment.as_slice(), &self.adaptive) {
            ([], Some(_)) => DiffAugment::ALL.as_slice(),
            (operations, _) => operations,
        };
        let mut rng = self.streams.at(purpose, at);
        batches.map(|images| differentiable::augment(images, operations, probability, &mut rng))
    }

    /// `loss`, a whole loss followed by its parts, if the whole is finite.
    fn finite(&self, loss: Vec<f64>, what: &str) -> Result<Vec<f64>, ModelError> {
        if loss.first().is_some_and(|whole| whole.is_finite()) {
            return Ok(loss);
        }
        Err(ModelError::Diverged { step: self.step, what: what.into() })
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
