//! A run in training: networks, optimisers and counters.

use std::path::Path;

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_distr::StandardNormal;
use tch::{Device, Kind, Tensor, nn};

use crate::checkpoint::{self, NamedTensors};
use crate::images::{self, ImageShape, LabelledImages};
use crate::losses::class_loss;
use crate::networks::{Dimensions, Discriminator, Generator};
use crate::optimizers::Optimizer;
use crate::regularizers::gradient_penalty::gradient_penalty;
use crate::streams::{Purpose, Streams};
use crate::variants::Variant;
use crate::{ModelError, Recipe, init};

/// Images generated at a time, always, so that no sample depends on how many are asked for.
const SAMPLING_BATCH: u64 = 100;

/// The discriminator's parameters are initialised from this step of the stream on.
const DISCRIMINATOR_INIT: u64 = 1 << 32;

/// Losses of one generator step and the discriminator steps before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    /// The last discriminator step's whole loss, penalties included.
    pub discriminator: f64,
    /// The generator's loss.
    pub generator: f64,
}

/// One run of one variant.
pub struct Trainer<'a> {
    recipe: Recipe,
    data: LabelledImages<'a>,
    streams: Streams,
    device: Device,
    generator: Box<dyn Generator>,
    discriminator: Box<dyn Discriminator>,
    generator_store: nn::VarStore,
    discriminator_store: nn::VarStore,
    generator_optimizer: Optimizer,
    discriminator_optimizer: Optimizer,
    order: EpochOrder,
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
        let shape = data.shape();
        if shape.height != shape.width || !shape.height.is_power_of_two() || shape.height < 8 {
            return Err(ModelError::TrainingSet(format!(
                "{}x{} images; the networks take squares with a power-of-two side of at least 8",
                shape.height, shape.width
            )));
        }
        let dimensions = Dimensions {
            size: shape.height as i64,
            channels: shape.channels as i64,
            classes: data.classes() as i64,
        };
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
        Ok(Self {
            generator_optimizer: Optimizer::new(recipe.generator_optimizer, &generator_store),
            discriminator_optimizer: Optimizer::new(
                recipe.discriminator_optimizer,
                &discriminator_store,
            ),
            order: EpochOrder::new(streams, data.count()),
            recipe,
            data,
            streams,
            device,
            generator,
            discriminator,
            generator_store,
            discriminator_store,
            step: 0,
            discriminator_updates: 0,
        })
    }

    /// One generator step, after the discriminator steps that the recipe asks for.
    ///
    /// # Errors
    /// [`ModelError::Diverged`] if a loss stops being finite.
    pub fn train_step(&mut self) -> Result<Losses, ModelError> {
        let mut discriminator = f64::NAN;
        for _ in 0..self.recipe.discriminator_steps {
            discriminator = self.discriminator_step()?;
        }
        let generator = self.generator_step()?;
        self.step += 1;
        Ok(Losses { discriminator, generator })
    }

    fn discriminator_step(&mut self) -> Result<f64, ModelError> {
        let update = self.discriminator_updates;
        let indices = self.order.batch(update, self.recipe.batch_size);
        let (real, labels) = self.data.gather(&indices, self.device);
        let latents = self.latents(Purpose::DiscriminatorLatents, update, self.recipe.batch_size);
        // Generated images bear the labels of the real ones: both batches have the same classes.
        let generated = tch::no_grad(|| self.generator.forward(&latents, &labels, true));

        let on_real = self.discriminator.forward(&real, &labels, true);
        let on_generated = self.discriminator.forward(&generated, &labels, true);
        let mut loss = self.recipe.loss.discriminator(&on_real.realness, &on_generated.realness);
        for verdict in [&on_real, &on_generated] {
            if let Some(classes) = &verdict.classes {
                loss += class_loss(classes, &labels) * self.recipe.class_weight;
            }
        }
        if self.recipe.gradient_penalty > 0.0 {
            let weights = self.penalty_weights(update);
            let critic = |x: &Tensor| self.discriminator.forward(x, &labels, true).realness;
            loss += gradient_penalty(critic, &real, &generated, &weights)?
                * self.recipe.gradient_penalty;
        }

        self.discriminator_optimizer.zero_grad();
        loss.f_backward()?;
        self.discriminator_optimizer.step(1.0);
        self.discriminator_updates += 1;
        self.finite(&loss, "the discriminator's loss")
    }

    fn generator_step(&mut self) -> Result<f64, ModelError> {
        let batch = self.recipe.batch_size;
        let latents = self.latents(Purpose::GeneratorLatents, self.step, batch);
        // The labels of the last real batch: the data's own class frequencies.
        let indices = self.order.batch(self.discriminator_updates - 1, batch);
        let labels: Vec<i64> = indices.iter().map(|&i| self.data.label(i).into()).collect();
        let labels = Tensor::from_slice(&labels).to_device(self.device);

        // The critic's parameters need no gradients here, only its input does.
        self.discriminator_store.freeze();
        let generated = self.generator.forward(&latents, &labels, true);
        let verdict = self.discriminator.forward(&generated, &labels, true);
        let mut loss = self.recipe.loss.generator(&verdict.realness);
        if let Some(classes) = &verdict.classes {
            loss += class_loss(classes, &labels) * self.recipe.class_weight;
        }

        self.generator_optimizer.zero_grad();
        loss.f_backward()?;
        self.discriminator_store.unfreeze();
        self.generator_optimizer.step(1.0);
        self.finite(&loss, "the generator's loss")
    }

    /// Generator steps done.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Real images that the discriminator has seen, repetitions included.
    pub fn images_seen(&self) -> u64 {
        self.discriminator_updates * self.recipe.batch_size as u64
    }

    /// Shape of the generated images.
    pub fn shape(&self) -> ImageShape {
        self.data.shape()
    }

    /// Trainable parameters of the generator and of the discriminator.
    pub fn parameter_counts(&self) -> (u64, u64) {
        let count = |store: &nn::VarStore| -> u64 {
            let variables = store.trainable_variables();
            variables.iter().map(|v| v.numel() as u64).sum()
        };
        (count(&self.generator_store), count(&self.discriminator_store))
    }

    /// The `n` images that are scored, in batches handed to `sink` as `u8` N x H x W x C.
    ///
    /// The generator is in evaluation mode; image `i` depends on the parameters, the seed and `i`
    /// alone. Labels go round the classes, so that each has its equal share.
    ///
    /// # Errors
    /// Those of `sink`, and [`ModelError::Diverged`] if a parameter is not finite.
    pub fn sample<E: From<ModelError>>(
        &self,
        n: u64,
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for batch in 0..n.div_ceil(SAMPLING_BATCH) {
            let first = batch * SAMPLING_BATCH;
            let labels: Vec<i64> = (first..first + SAMPLING_BATCH)
                .map(|i| (i % self.data.classes() as u64) as i64)
                .collect();
            let pixels = self.generate(Purpose::SampleLatents, batch, &labels)?;
            let wanted = (n - first).min(SAMPLING_BATCH) as usize;
            sink(&pixels[..wanted * self.shape().len()])?;
        }
        Ok(())
    }

    /// The images of a sample grid, `rows` x `columns`, always from the same latents; the column
    /// is the label (modulo the number of classes).
    pub fn grid(&self, rows: usize, columns: usize) -> Result<Vec<u8>, ModelError> {
        let classes = self.data.classes();
        let labels: Vec<i64> =
            (0..rows * columns).map(|i| (i % columns % classes) as i64).collect();
        self.generate(Purpose::GridLatents, 0, &labels)
    }

    fn generate(&self, purpose: Purpose, at: u64, labels: &[i64]) -> Result<Vec<u8>, ModelError> {
        let latents = self.latents(purpose, at, labels.len());
        let labels = Tensor::from_slice(labels).to_device(self.device);
        let images = tch::no_grad(|| self.generator.forward(&latents, &labels, false));
        if images.isfinite().all().int64_value(&[]) == 0 {
            return Err(ModelError::Diverged {
                step: self.step,
                what: "the generator's output".into(),
            });
        }
        images::to_bytes(&images)
    }

    /// Writes everything that the run's future depends on to `path` (not atomic).
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let mut tensors = NamedTensors::new();
        for (name, value) in
            [("step", self.step), ("discriminator_updates", self.discriminator_updates)]
        {
            tensors.insert(name.into(), checkpoint::counter(value));
        }
        checkpoint::insert_variables(&mut tensors, "generator", &self.generator_store);
        checkpoint::insert_variables(&mut tensors, "discriminator", &self.discriminator_store);
        self.generator_optimizer.insert_state(&mut tensors, "generator_optimizer");
        self.discriminator_optimizer.insert_state(&mut tensors, "discriminator_optimizer");
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
        self.step = checkpoint::read_counter(&tensors, "step", path)?;
        self.discriminator_updates =
            checkpoint::read_counter(&tensors, "discriminator_updates", path)?;
        Ok(())
    }

    /// Latents `[n, latent_dim]` from N(0, I).
    fn latents(&self, purpose: Purpose, at: u64, n: usize) -> Tensor {
        let rng = self.streams.at(purpose, at);
        let count = n * self.recipe.latent_dim as usize;
        let values: Vec<f32> = rng.sample_iter(StandardNormal).take(count).collect();
        Tensor::from_slice(&values).to_device(self.device).view([-1, self.recipe.latent_dim])
    }

    /// Interpolation weights `[batch_size]` from U(0, 1).
    fn penalty_weights(&self, update: u64) -> Tensor {
        let rng = self.streams.at(Purpose::GradientPenalty, update);
        let values: Vec<f32> = rng.random_iter().take(self.recipe.batch_size).collect();
        Tensor::from_slice(&values).to_kind(Kind::Float).to_device(self.device)
    }

    fn finite(&self, loss: &Tensor, what: &str) -> Result<f64, ModelError> {
        let value = loss.double_value(&[]);
        if value.is_finite() {
            return Ok(value);
        }
        Err(ModelError::Diverged { step: self.step, what: what.into() })
    }
}

/// The order in which the training images are visited: one permutation an epoch, batches running
/// across its end.
struct EpochOrder {
    streams: Streams,
    count: usize,
    cached: Option<(u64, Vec<usize>)>,
}

impl EpochOrder {
    fn new(streams: Streams, count: usize) -> Self {
        Self { streams, count, cached: None }
    }

    /// The image indices of batch number `batch`.
    fn batch(&mut self, batch: u64, size: usize) -> Vec<usize> {
        let first = batch * size as u64;
        (first..first + size as u64)
            .map(|position| {
                let count = self.count as u64;
                self.epoch(position / count)[(position % count) as usize]
            })
            .collect()
    }

    fn epoch(&mut self, epoch: u64) -> &[usize] {
        if self.cached.as_ref().is_none_or(|(cached, _)| *cached != epoch) {
            let mut order: Vec<usize> = (0..self.count).collect();
            order.shuffle(&mut self.streams.at(Purpose::DataOrder, epoch));
            self.cached = Some((epoch, order));
        }
        &self.cached.as_ref().expect("set above").1
    }
}
