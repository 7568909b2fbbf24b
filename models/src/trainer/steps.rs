//! Steps, and the losses of those that were taken, which stay on the device until they are asked for.

use tch::Tensor;

use super::Trainer;
use crate::{ModelError, faults, transfers};

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

/// The losses of a step, on the device: of each discriminator update but the last the whole one; of the last, and then of the
/// generator's, the whole one and its parts; the probability of adaptive augmentation.
pub(super) struct Untaken {
    numbers: Tensor,
    /// How many are the last discriminator update's.
    of_discriminator: usize,
}

impl Trainer<'_> {
    /// One generator step, after the discriminator steps that the recipe asks for. The host reads nothing of it: on a GPU it may
    /// go on before the step is done. [`Self::take_losses`] tells what came of it.
    ///
    /// # Errors
    /// If libtorch refuses an operation.
    pub fn advance(&mut self) -> Result<(), ModelError> {
        faults::after(self.step)?;
        let inputs = self.step_inputs();
        let mut numbers = Vec::new();
        let mut of_discriminator = 0;
        let mut probability = None;
        for batches in &inputs.discriminator {
            probability =
                self.adaptive.as_ref().map(|adaptive| adaptive.probability().shallow_clone());
            numbers.iter_mut().for_each(|earlier: &mut Tensor| *earlier = earlier.narrow(0, 0, 1));
            let losses = self.discriminator_step(batches)?;
            of_discriminator = losses.numel();
            numbers.push(losses);
        }
        let real = inputs.discriminator.last().into_iter().flatten();
        numbers.push(self.generator_step(&inputs.generator, real.map(|batch| &batch.real))?);
        numbers.extend(probability);
        self.step += 1;
        self.untaken.push(Untaken { numbers: Tensor::f_cat(&numbers, 0)?, of_discriminator });
        Ok(())
    }

    /// Steps whose losses have not been taken.
    pub fn untaken_losses(&self) -> usize {
        self.untaken.len()
    }

    /// Hands the losses of the steps since the last time to `sink`, each with the number of the step, from 1, in one transfer.
    ///
    /// # Errors
    /// Those of `sink`, and [`ModelError::Diverged`] at the first loss that is not finite: no step counts from there on, and the
    /// trainer is of no further use than to tell how far it came.
    pub fn take_losses<E: From<ModelError>>(
        &mut self,
        mut sink: impl FnMut(u64, &Losses) -> Result<(), E>,
    ) -> Result<(), E> {
        let untaken = std::mem::take(&mut self.untaken);
        let Some(Untaken { of_discriminator, .. }) = untaken.first() else { return Ok(()) };
        let all: Vec<&Tensor> = untaken.iter().map(|step| &step.numbers).collect();
        let all = Tensor::f_cat(&all, 0).map_err(ModelError::from)?;
        let all = transfers::read::<f64>(&all)?;
        let updates = self.recipe.discriminator_steps;
        let first = self.step - untaken.len() as u64;
        for (step, numbers) in (first..).zip(all.chunks(all.len() / untaken.len())) {
            let generator = updates as usize - 1 + of_discriminator;
            let whole = (0..updates).zip(numbers).chain([(updates, &numbers[generator])]);
            for (update, loss) in whole {
                if !loss.is_finite() {
                    let done = (update + 1).min(updates);
                    self.discriminator_updates -= (self.step - step) * updates - done;
                    self.step = step;
                    let whose = if update < updates { "discriminator" } else { "generator" };
                    let what = format!("the {whose}'s loss");
                    return Err(ModelError::Diverged { step, what }.into());
                }
            }
            let discriminator = updates as usize - 1;
            let parts =
                numbers[discriminator + 1..generator].iter().chain(&numbers[generator + 1..]);
            sink(
                step + 1,
                &Losses {
                    discriminator: numbers[discriminator],
                    generator: numbers[generator],
                    parts: parts.copied().collect(),
                },
            )?;
        }
        Ok(())
    }

    /// [`Self::advance`], and the losses at once.
    ///
    /// # Errors
    /// As both; and no losses of earlier steps may be untaken.
    pub fn train_step(&mut self) -> Result<Losses, ModelError> {
        self.advance()?;
        let mut last = Losses { discriminator: 0.0, generator: 0.0, parts: Vec::new() };
        self.take_losses(|_, losses| {
            last = losses.clone();
            Ok::<_, ModelError>(())
        })?;
        Ok(last)
    }
}
