//! What a step takes from the host: all of it is drawn before the step begins, and uploaded at once.

use rand::RngExt;

use super::Trainer;
use super::real_batches::PackedBatch;
use crate::augmentations::differentiable::{self, DiffAugment, Transformation};
use crate::networks::Draws;
use crate::recipe::GeneratorLabels;
use crate::streams::Purpose;
use crate::transfers::{Packed, Parcel};

/// What the updates of one step take.
pub(super) struct StepInputs {
    /// By update and accumulated batch.
    pub(super) discriminator: Vec<Vec<DiscriminatorInputs>>,
    /// By accumulated batch.
    pub(super) generator: Vec<GeneratorInputs>,
}

/// What a discriminator's loss on one batch takes.
pub(super) struct DiscriminatorInputs {
    pub(super) real: PackedBatch,
    /// `[batch_size, latent_dim]`.
    pub(super) latents: Packed,
    /// `[batch_size]`; none where they are those of the real images.
    pub(super) generated_labels: Option<Packed>,
    /// Of the real and of the generated images.
    pub(super) augmentations: [Vec<Transformation>; 2],
    pub(super) draws: Draws,
    pub(super) gradient_penalty: Option<GradientPenaltyInputs>,
    pub(super) dragan: Option<DraganInputs>,
}

/// What a gradient penalty takes.
pub(super) struct GradientPenaltyInputs {
    /// `[batch_size]` from U(0, 1).
    pub(super) weights: Packed,
    pub(super) draws: Draws,
}

/// What DRAGAN's penalty takes.
pub(super) struct DraganInputs {
    /// `[batch_size]` from U(0, 1).
    pub(super) weights: Packed,
    /// Of the images' shape, from U(0, 1).
    pub(super) noise: Packed,
    pub(super) draws: Draws,
}

/// What a generator's loss on one batch takes.
pub(super) struct GeneratorInputs {
    /// `[batch_size, latent_dim]`.
    pub(super) latents: Packed,
    /// `[batch_size]`; none where they are those of the last real images.
    pub(super) labels: Option<Packed>,
    pub(super) augmentations: Vec<Transformation>,
    pub(super) draws: Draws,
}

impl Trainer<'_> {
    /// Draws and uploads what the next step takes.
    pub(super) fn step_inputs(&mut self) -> StepInputs {
        let batches = self.recipe.accumulate;
        let mut parcel = Parcel::default();
        let updates = self.discriminator_updates..;
        let discriminator = updates
            .take(self.recipe.discriminator_steps as usize)
            .map(|update| {
                let numbers = update * batches..(update + 1) * batches;
                numbers.map(|at| self.discriminator_inputs(at, &mut parcel)).collect()
            })
            .collect();
        let numbers = self.step * batches..(self.step + 1) * batches;
        let generator = numbers.map(|at| self.generator_inputs(at, &mut parcel)).collect();
        parcel.send(self.device);
        StepInputs { discriminator, generator }
    }

    /// What the discriminator's loss on batch `at` takes.
    fn discriminator_inputs(&mut self, at: u64, parcel: &mut Parcel) -> DiscriminatorInputs {
        let real = self.real.pack(at, parcel);
        let (n, side) = (self.recipe.batch_size, self.dimensions.size);
        let images = [n as i64, self.dimensions.channels, side, side];
        // Both kinds of images pass through the discriminator.
        let passes = Pass { purpose: Purpose::DiscriminatorDropout, count: 2 };
        let penalised = |purpose| Pass { purpose, count: 1 };
        let augmented = Purpose::DiscriminatorAugmentation;
        DiscriminatorInputs {
            real,
            latents: self.latents(Purpose::DiscriminatorLatents, at, parcel),
            generated_labels: self.labels(Purpose::DiscriminatorLabels, at, parcel),
            augmentations: self.augmentations(augmented, at, parcel),
            draws: self.draws(passes, at, parcel),
            gradient_penalty: (self.recipe.gradient_penalty > 0.0).then(|| GradientPenaltyInputs {
                weights: self.uniform(Purpose::GradientPenalty, at, &images[..1], parcel),
                draws: self.draws(penalised(Purpose::GradientPenaltyDropout), at, parcel),
            }),
            dragan: (self.recipe.dragan > 0.0).then(|| DraganInputs {
                weights: self.uniform(Purpose::DraganWeights, at, &images[..1], parcel),
                noise: self.uniform(Purpose::DraganPerturbation, at, &images, parcel),
                draws: self.draws(penalised(Purpose::DraganDropout), at, parcel),
            }),
        }
    }

    /// What the generator's loss on batch `at` takes.
    fn generator_inputs(&self, at: u64, parcel: &mut Parcel) -> GeneratorInputs {
        let [augmentations] = self.augmentations(Purpose::GeneratorAugmentation, at, parcel);
        GeneratorInputs {
            latents: self.latents(Purpose::GeneratorLatents, at, parcel),
            labels: self.labels(Purpose::GeneratorLabels, at, parcel),
            augmentations,
            draws: self.draws(Pass { purpose: Purpose::GeneratorDropout, count: 1 }, at, parcel),
        }
    }

    /// Latents `[batch_size, latent_dim]`.
    fn latents(&self, purpose: Purpose, at: u64, parcel: &mut Parcel) -> Packed {
        let values = self.recipe.latent.draw(
            self.recipe.batch_size * self.recipe.latent_dim as usize,
            self.streams.at(purpose, at),
        );
        parcel.add(&values, &[-1, self.recipe.latent_dim])
    }

    /// Labels `[batch_size]` to generate by, where they are not those of real images.
    fn labels(&self, purpose: Purpose, at: u64, parcel: &mut Parcel) -> Option<Packed> {
        if self.recipe.generator_labels == GeneratorLabels::Real {
            return None;
        }
        let mut rng = self.streams.at(purpose, at);
        let labels: Vec<i64> =
            (0..self.recipe.batch_size).map(|_| self.class_counts.draw(&mut rng).into()).collect();
        Some(parcel.add(&labels, &[-1]))
    }

    /// Random numbers `[shape]` from U(0, 1).
    fn uniform(&self, purpose: Purpose, at: u64, shape: &[i64], parcel: &mut Parcel) -> Packed {
        let rng = self.streams.at(purpose, at);
        let count = shape.iter().product::<i64>() as usize;
        let values: Vec<f32> = rng.random_iter().take(count).collect();
        parcel.add(&values, shape)
    }

    /// The random numbers of the networks' passes over one batch.
    fn draws(&self, Pass { purpose, count }: Pass, at: u64, parcel: &mut Parcel) -> Draws {
        let dropouts = std::iter::repeat_n(self.discriminator.dropouts(), count).flatten();
        Draws::ahead(self.streams.at(purpose, at), dropouts, self.recipe.batch_size, parcel)
            .computed_in(self.recipe.precision)
    }

    /// What is done to each of N batches of images before the discriminator sees them.
    fn augmentations<const N: usize>(
        &self,
        purpose: Purpose,
        at: u64,
        parcel: &mut Parcel,
    ) -> [Vec<Transformation>; N] {
        let operations = match (self.recipe.diffaugment.as_slice(), &self.adaptive) {
            ([], Some(_)) => DiffAugment::ALL.as_slice(),
            (operations, _) => operations,
        };
        let mut rng = self.streams.at(purpose, at);
        let images = (self.recipe.batch_size, self.dimensions.size);
        let chances = self.adaptive.is_some();
        std::array::from_fn(|_| differentiable::draw(operations, images, chances, &mut rng, parcel))
    }
}

/// Passes through the discriminator whose dropout is drawn from one stream.
struct Pass {
    purpose: Purpose,
    count: usize,
}
