//! The hyper-parameters of a run: what a variant states and a user may override.

mod check;

use serde::{Deserialize, Serialize};

use crate::augmentations::differentiable::DiffAugment;
use crate::ema::Decay;
use crate::init::Init;
use crate::latents::Latent;
use crate::losses::Loss;
use crate::optimizers::OptimizerConfig;
use crate::precision::Precision;
use crate::schedules::Schedule;

pub(crate) use check::refuse;

/// Which labels the generator is given in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorLabels {
    /// Those of the real batch (in a generator update, of the last one): both batches of a
    /// discriminator update have the same classes, in the frequencies of the data.
    Real,
    /// Drawn anew, each class in its share of the training images (in datasets with as many images
    /// of each class: uniformly).
    #[serde(alias = "uniform")]
    Drawn,
}

/// Every hyper-parameter of one training run. A variant supplies the values of its source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Generator updates.
    pub steps: u64,
    /// Images of each kind in a discriminator update, and latents in a generator update; of each
    /// of its parts where gradients are accumulated.
    pub batch_size: usize,
    /// Batches whose mean gradient makes one update: the effective batch is this many times
    /// `batch_size`, while batch norm sees `batch_size`.
    pub accumulate: u64,
    /// Discriminator updates before each generator update.
    pub discriminator_steps: u64,
    /// Dimension of the latent.
    pub latent_dim: i64,
    /// Distribution of the latent.
    pub latent: Latent,
    /// Labels given to the generator in training.
    pub generator_labels: GeneratorLabels,
    /// Channels of the generator's last hidden layer; earlier layers have multiples of it.
    pub generator_channels: i64,
    /// Channels of the discriminator's first layer; later layers have multiples of it.
    pub discriminator_channels: i64,
    /// Probability of dropout, in `[0, 1)`, where the networks have it.
    pub dropout: f64,
    /// Adversarial loss.
    pub loss: Loss,
    /// One-sided label smoothing: the discriminator's target for real images is 1 minus this, in
    /// `[0, 1)` (Salimans et al. 2016, section 3.4).
    pub label_smoothing: f64,
    /// Weight of the class loss of an auxiliary classifier; 0 where the variant has none.
    pub class_weight: f64,
    /// Weight of the gradient penalty (Gulrajani et al. 2017); 0 for none.
    pub gradient_penalty: f64,
    /// Weight of `E |grad D(real)|^2` (R1, Mescheder et al. 2018, where it is called gamma/2); 0
    /// for none.
    pub r1: f64,
    /// Weight of DRAGAN's penalty (Kodali et al. 2017); 0 for none.
    pub dragan: f64,
    /// After each update the discriminator's parameters are clipped to plus and minus this
    /// (Arjovsky et al. 2017); 0 for never.
    pub weight_clip: f64,
    /// Decay per generator update of the averaged generator that is sampled from; 0 samples from
    /// the generator itself.
    pub ema_decay: f64,
    /// Generator updates before which the average is the generator itself.
    #[serde(default)]
    pub ema_start: u64,
    /// The average's half-life is at most this multiple of the generator updates done (0.05 in
    /// Karras et al. 2020's code); 0 for no limit.
    #[serde(default)]
    pub ema_rampup: f64,
    /// Initial parameters of both networks.
    pub init: Init,
    /// How both learning rates change.
    pub schedule: Schedule,
    /// Generator updates over which they change; 0 stands for `steps`.
    pub schedule_steps: u64,
    /// Factor of the learning rates after `schedule_steps`, in `[0, 1]`.
    pub schedule_end: f64,
    /// Probability that a training image is mirrored left to right.
    pub flip: f64,
    /// Strength of the unsharp mask applied to the training images; 0 for none.
    pub sharpen: f64,
    /// Length of an epoch as a multiple of the training images: above 1, images are drawn again.
    pub oversample: f64,
    /// Probability that a batch of training images is mixed with itself by CutMix.
    pub cutmix: f64,
    /// Saturation of a training image is multiplied by a number from U(1 - s, 1 + s), s in `[0, 1]`.
    pub saturation: f64,
    /// Differentiable augmentations of what the discriminator sees, in this order.
    pub diffaugment: Vec<DiffAugment>,
    /// Adaptive discriminator augmentation (Karras et al. 2020): the overfitting heuristic's target,
    /// 0.6 there. The operations (those of `diffaugment`, all if it is empty) are applied with a
    /// probability that follows it; 0 for no adaptation.
    pub ada_target: f64,
    /// Real images that can take adaptive augmentation's probability from 0 to 1.
    pub ada_images: u64,
    /// What the products of both networks are computed in.
    #[serde(default, skip_serializing_if = "Precision::is_fp32")]
    pub precision: Precision,
    /// Optimiser of the generator.
    pub generator_optimizer: OptimizerConfig,
    /// Optimiser of the discriminator.
    pub discriminator_optimizer: OptimizerConfig,
}

/// The recipe of DCGAN (Radford et al. 2016) for as many steps as 100 epochs of 50 000 images
/// take, with every option off. A variant states what its source states and takes the rest from
/// here.
impl Default for Recipe {
    fn default() -> Self {
        Self {
            steps: 39_100,
            batch_size: 128,
            accumulate: 1,
            discriminator_steps: 1,
            latent_dim: 100,
            latent: Latent::Normal,
            generator_labels: GeneratorLabels::Real,
            generator_channels: 64,
            discriminator_channels: 64,
            dropout: 0.0,
            loss: Loss::Bce,
            label_smoothing: 0.0,
            class_weight: 0.0,
            gradient_penalty: 0.0,
            r1: 0.0,
            dragan: 0.0,
            weight_clip: 0.0,
            ema_decay: 0.0,
            ema_start: 0,
            ema_rampup: 0.0,
            init: Init::DcganNormal,
            schedule: Schedule::Constant,
            schedule_steps: 0,
            schedule_end: 0.0,
            flip: 0.0,
            sharpen: 0.0,
            oversample: 1.0,
            cutmix: 0.0,
            saturation: 0.0,
            diffaugment: Vec::new(),
            ada_target: 0.0,
            ada_images: 500_000,
            precision: Precision::Fp32,
            generator_optimizer: OptimizerConfig::adam(2e-4, 0.5, 0.999),
            discriminator_optimizer: OptimizerConfig::adam(2e-4, 0.5, 0.999),
        }
    }
}

impl Recipe {
    /// How the averaged generator follows the trained one.
    pub(crate) fn averaging(&self) -> Decay {
        Decay { full: self.ema_decay, start: self.ema_start, ramp: self.ema_rampup }
    }
}
