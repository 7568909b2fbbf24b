//! Training of the classifier: SGD with Nesterov momentum, linear warm-up and cosine decay,
//! horizontal flips, padded crops, label smoothing, and an exponential moving average of all
//! variables that is what counts in the end.

use std::path::Path;

use rand::RngExt;
use rand::seq::SliceRandom;
use tch::{Device, Reduction, Tensor, nn};

use super::folded::FoldedClassifier;
use super::network::Classifier;
use crate::checkpoint::{self, NamedTensors};
use crate::images::LabelledImages;
use crate::init::{self, Init};
use crate::optimizers::{Optimizer, OptimizerConfig};
use crate::streams::{Purpose, Streams};
use crate::{ModelError, allocator, computation, transfers};

/// Per-channel mean and standard deviation, on the 0 to 255 scale, that inputs are normalised by.
pub const INPUT_MEAN: [f32; 3] = [125.3, 123.0, 113.9];
/// See [`INPUT_MEAN`].
pub const INPUT_STD: [f32; 3] = [63.0, 62.1, 66.7];

/// Hyper-parameters.
#[derive(Clone, Copy, Debug)]
pub struct ClassifierRecipe {
    /// Passes over the training set in the first cycle of the learning rate.
    pub epochs: u64,
    /// Passes in the second cycle, a warm restart (Loshchilov and Hutter 2017); 0 for none.
    pub restart_epochs: u64,
    /// Images in a step.
    pub batch_size: usize,
    /// Highest learning rate of the first cycle.
    pub learning_rate: f64,
    /// Learning rate that the second cycle starts from, as a share of the highest.
    pub restart_share: f64,
    /// L2 weight decay.
    pub weight_decay: f64,
    /// Probability mass spread over all classes.
    pub label_smoothing: f64,
    /// Pixels of zero padding around an image before it is cropped back to size.
    pub crop_padding: usize,
    /// Decay of the moving average per step.
    pub ema_decay: f64,
    /// Seed of all random streams.
    pub seed: u64,
}

impl Default for ClassifierRecipe {
    fn default() -> Self {
        Self {
            epochs: 24,
            restart_epochs: 14,
            batch_size: 128,
            learning_rate: 0.15,
            restart_share: 0.4,
            weight_decay: 5e-4,
            label_smoothing: 0.1,
            crop_padding: 4,
            ema_decay: 0.998,
            seed: 0,
        }
    }
}

impl ClassifierRecipe {
    /// Passes over the training set in all.
    pub fn total_epochs(&self) -> u64 {
        self.epochs + self.restart_epochs
    }

    /// What the highest learning rate is multiplied by at `step`: a linear warm-up over a tenth of
    /// the first cycle, then a cosine to 0; the second cycle is a cosine from its share to 0.
    fn learning_rate_factor(&self, step: u64, steps_per_epoch: u64) -> f64 {
        let cosine = |progress: f64| 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
        let first = (self.epochs * steps_per_epoch) as f64;
        let second = (self.restart_epochs * steps_per_epoch) as f64;
        let warm_up = 0.1 * first;
        let step = step as f64 + 0.5;
        if step < warm_up {
            step / warm_up
        } else if step < first {
            cosine((step - warm_up) / (first - warm_up))
        } else {
            self.restart_share * cosine((step - first) / second)
        }
    }
}

/// A classifier in training.
pub struct ClassifierTraining<'a> {
    recipe: ClassifierRecipe,
    streams: Streams,
    data: LabelledImages<'a>,
    device: Device,
    store: nn::VarStore,
    network: Classifier,
    optimizer: Optimizer,
    average_store: nn::VarStore,
    average: Classifier,
    epoch: u64,
}

impl<'a> ClassifierTraining<'a> {
    /// A freshly initialised classifier for `data`.
    ///
    /// # Errors
    /// If the images are not RGB, or the recipe has no epochs or an empty batch.
    pub fn new(
        recipe: ClassifierRecipe,
        data: LabelledImages<'a>,
        device: Device,
    ) -> Result<Self, ModelError> {
        if data.shape().channels != 3 {
            return Err(ModelError::TrainingSet("the classifier takes RGB images".into()));
        }
        if recipe.batch_size == 0 || recipe.epochs == 0 {
            return Err(ModelError::Recipe {
                key: "batch_size, epochs",
                value: format!("{}, {}", recipe.batch_size, recipe.epochs),
                reason: "both must be at least 1",
            });
        }
        computation::repeat_unless_decided(device)?;
        allocator::keep_freed_memory();
        let streams = Streams::new(recipe.seed);
        let classes = data.classes() as i64;
        let store = nn::VarStore::new(device);
        let network = Classifier::new(store.root(), classes);
        init::initialise(&store, Init::HeNormal, &streams, 0);
        let mut average_store = nn::VarStore::new(device);
        let average = Classifier::new(average_store.root(), classes);
        average_store.copy(&store)?;
        average_store.freeze();
        let optimizer = Optimizer::new(
            OptimizerConfig::Sgd {
                lr: recipe.learning_rate,
                momentum: 0.9,
                nesterov: true,
                weight_decay: recipe.weight_decay,
            },
            &store,
        );
        Ok(Self {
            recipe,
            streams,
            data,
            device,
            store,
            network,
            optimizer,
            average_store,
            average,
            epoch: 0,
        })
    }

    /// Finished epochs.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Steps in an epoch; a last incomplete batch is left out.
    pub fn steps_per_epoch(&self) -> u64 {
        (self.data.count() / self.recipe.batch_size).max(1) as u64
    }

    /// Trains one epoch and returns its mean loss; `progress` hears of every step.
    ///
    /// # Errors
    /// [`ModelError::Diverged`] if the loss stops being finite.
    pub fn train_epoch(&mut self, progress: &mut dyn FnMut(u64)) -> Result<f64, ModelError> {
        let mut order: Vec<usize> = (0..self.data.count()).collect();
        order.shuffle(&mut self.streams.at(Purpose::DataOrder, self.epoch));
        let mut total = 0.0;
        for step in 0..self.steps_per_epoch() {
            let global_step = self.epoch * self.steps_per_epoch() + step;
            let start = step as usize * self.recipe.batch_size;
            let end = (start + self.recipe.batch_size).min(order.len());
            let (images, labels) = self.augmented(&order[start..end], global_step);
            let loss = self.network.forward(&images, true).cross_entropy_loss(
                &labels,
                None::<Tensor>,
                Reduction::Mean,
                -100,
                self.recipe.label_smoothing,
            );
            self.optimizer.backward(&loss)?;
            let steps_per_epoch = self.steps_per_epoch();
            self.optimizer.step(self.recipe.learning_rate_factor(global_step, steps_per_epoch));
            self.update_average(global_step);
            let value = transfers::read_number(&loss)?;
            if !value.is_finite() {
                return Err(ModelError::Diverged {
                    step: global_step,
                    what: "the classifier's loss".into(),
                });
            }
            total += value;
            progress(step + 1);
        }
        self.epoch += 1;
        Ok(total / self.steps_per_epoch() as f64)
    }

    /// Share of `images` that the averaged network classifies rightly, in `[0, 1]`.
    pub fn accuracy(&self, images: LabelledImages) -> f64 {
        let indices: Vec<usize> = (0..images.count()).collect();
        let mut right = 0;
        for chunk in indices.chunks(500) {
            let (pixels, labels) =
                normalised(images, chunk, self.device, |_, image| image.to_vec());
            let logits = tch::no_grad(|| self.average.forward(&pixels, false));
            let hits = logits.argmax(1, false).eq_tensor(&labels);
            right += hits.sum(tch::Kind::Int64).int64_value(&[]);
        }
        right as f64 / images.count() as f64
    }

    /// The averaged network, ready for export.
    pub fn folded(&self) -> Result<FoldedClassifier, ModelError> {
        self.average.folded()
    }

    /// Writes the whole state to `path` (not atomic).
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let mut tensors = NamedTensors::new();
        tensors.insert("epoch".into(), checkpoint::counter(self.epoch));
        for (name, value) in self.identity() {
            tensors.insert(name.into(), checkpoint::counter(value));
        }
        checkpoint::insert_variables(&mut tensors, "network", &self.store);
        checkpoint::insert_variables(&mut tensors, "average", &self.average_store);
        self.optimizer.insert_state(&mut tensors, "optimizer");
        checkpoint::write(&tensors, path)
    }

    /// Restores what [`Self::save`] wrote.
    ///
    /// # Errors
    /// If the file is damaged or was written under another recipe.
    pub fn restore(&mut self, path: &Path) -> Result<(), ModelError> {
        let tensors = checkpoint::read(path)?;
        for (name, expected) in self.identity() {
            let saved = checkpoint::read_counter(&tensors, name, path)?;
            if saved != expected {
                return Err(ModelError::Checkpoint {
                    path: path.into(),
                    reason: format!(
                        "it was trained with {name} {saved}, not {expected}; ask for the same or \
                         delete it to start again"
                    ),
                });
            }
        }
        checkpoint::restore_variables(&tensors, "network", &self.store, path)?;
        checkpoint::restore_variables(&tensors, "average", &self.average_store, path)?;
        self.optimizer.restore_state(&tensors, "optimizer", path)?;
        self.epoch = checkpoint::read_counter(&tensors, "epoch", path)?;
        Ok(())
    }

    /// What a checkpoint must have been trained with to be gone on from.
    fn identity(&self) -> [(&'static str, u64); 3] {
        let ClassifierRecipe { epochs, restart_epochs, seed, .. } = self.recipe;
        [("epochs", epochs), ("restart_epochs", restart_epochs), ("seed", seed)]
    }

    fn augmented(&self, indices: &[usize], step: u64) -> (Tensor, Tensor) {
        let mut rng = self.streams.at(Purpose::Augmentation, step);
        let shape = self.data.shape();
        let padding = self.recipe.crop_padding as i32;
        normalised(self.data, indices, self.device, |_, image| {
            let flip: bool = rng.random();
            let down = rng.random_range(-padding..=padding);
            let right = rng.random_range(-padding..=padding);
            shifted(image, shape.height, shape.width, down, right, flip)
        })
    }

    fn update_average(&mut self, step: u64) {
        // A short memory at first, so that the random start is forgotten.
        let decay = self.recipe.ema_decay.min((1.0 + step as f64) / (10.0 + step as f64));
        let variables = self.store.variables();
        tch::no_grad(|| {
            for (name, mut mean) in self.average_store.variables() {
                let _ = mean.lerp_(&variables[&name], 1.0 - decay);
            }
        });
    }
}

/// Normalised images `[n, 3, h, w]` (stored channels-last, which libtorch convolves fastest) and
/// labels, each image passed through `change`.
fn normalised(
    data: LabelledImages,
    indices: &[usize],
    device: Device,
    mut change: impl FnMut(usize, &[u8]) -> Vec<u8>,
) -> (Tensor, Tensor) {
    let shape = data.shape();
    let mut pixels = Vec::with_capacity(indices.len() * shape.len());
    for &i in indices {
        pixels.extend(change(i, data.image(i)));
    }
    let labels: Vec<i64> = indices.iter().map(|&i| data.label(i).into()).collect();
    let images = Tensor::from_slice(&pixels)
        .to_device(device)
        .view([-1, shape.height as i64, shape.width as i64, 3])
        .to_kind(tch::Kind::Float);
    let mean = Tensor::from_slice(&INPUT_MEAN).to_device(device);
    let std = Tensor::from_slice(&INPUT_STD).to_device(device);
    let images = ((images - mean) / std).permute([0, 3, 1, 2]);
    (images, Tensor::from_slice(&labels).to_device(device))
}

/// The image (H x W x 3) moved down and to the right, mirrored if asked; what comes in from
/// outside is the mean colour, which is 0 after normalisation.
fn shifted(image: &[u8], h: usize, w: usize, down: i32, right: i32, flip: bool) -> Vec<u8> {
    let fill = INPUT_MEAN.map(|m| m.round() as u8);
    let mut out = Vec::with_capacity(image.len());
    for y in 0..h as i32 {
        for x in 0..w as i32 {
            let x = if flip { w as i32 - 1 - x } else { x };
            let (from_y, from_x) = (y - down, x - right);
            if (0..h as i32).contains(&from_y) && (0..w as i32).contains(&from_x) {
                let at = (from_y as usize * w + from_x as usize) * 3;
                out.extend_from_slice(&image[at..at + 3]);
            } else {
                out.extend_from_slice(&fill);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_learning_rate_warms_up_falls_restarts_and_falls() {
        let recipe = ClassifierRecipe { epochs: 10, restart_epochs: 5, ..Default::default() };
        let at = |step| recipe.learning_rate_factor(step, 100);
        assert!((at(99) - 0.995).abs() < 1e-12 && (at(100) - 1.0).abs() < 1e-5);
        assert!(at(999) < 1e-5);
        assert!((at(1000) - recipe.restart_share).abs() < 1e-4);
        assert!((at(1250) - recipe.restart_share / 2.0).abs() < 0.01);
        assert!(at(1499) < 1e-5);
    }

    #[test]
    fn shifting_moves_and_mirrors_pixels() {
        let image: Vec<u8> = (0..12).collect(); // 2 x 2 RGB
        assert_eq!(shifted(&image, 2, 2, 0, 0, false), image);
        let mirrored = shifted(&image, 2, 2, 0, 0, true);
        assert_eq!(mirrored, [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]);
        let moved = shifted(&image, 2, 2, 1, 0, false);
        assert_eq!(&moved[6..], &image[..6]);
        assert_eq!(&moved[..3], &[125, 123, 114]);
    }
}
