//! Images from a run: those that are scored, and those that are looked at.

use tch::Tensor;

use super::Trainer;
use crate::ema::AveragedGenerator;
use crate::networks::{Generator, Mode};
use crate::streams::Purpose;
use crate::{ModelError, images, latents};

/// Images generated at a time, always, so that no sample depends on how many are asked for.
const SAMPLING_BATCH: u64 = 100;

impl Trainer<'_> {
    /// From now on samples and grids are made from truncated latents
    /// ([`latents::draw_truncated`]), or with `None` from the recipe's own.
    ///
    /// # Errors
    /// If the threshold is not positive or the latents are not normal.
    pub fn set_truncation(&mut self, threshold: Option<f64>) -> Result<(), ModelError> {
        if let Some(threshold) = threshold {
            self.recipe.latent.check_truncation(threshold)?;
        }
        self.truncation = threshold;
        Ok(())
    }

    /// The `n` images that are scored, in batches handed to `sink` as `u8` N x H x W x C.
    ///
    /// The generator, averaged if the recipe says so, is in evaluation mode; image `i` depends on
    /// the parameters, the seed, the truncation and `i` alone. Labels go round the classes, so
    /// that each has its equal share.
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
            let labels: Vec<i64> =
                (first..first + SAMPLING_BATCH).map(|i| (i % self.classes as u64) as i64).collect();
            let pixels = self.generate(Purpose::SampleLatents, batch, &labels)?;
            let wanted = (n - first).min(SAMPLING_BATCH) as usize;
            sink(&pixels[..wanted * self.shape.len()])?;
        }
        Ok(())
    }

    /// The images of a sample grid, `rows` x `columns`, always from the same latents; the column
    /// is the label (modulo the number of classes).
    pub fn grid(&self, rows: usize, columns: usize) -> Result<Vec<u8>, ModelError> {
        let labels: Vec<i64> =
            (0..rows * columns).map(|i| (i % columns) as i64 % self.classes).collect();
        self.generate(Purpose::GridLatents, 0, &labels)
    }

    fn generate(&self, purpose: Purpose, at: u64, labels: &[i64]) -> Result<Vec<u8>, ModelError> {
        let rng = self.streams.at(purpose, at);
        let count = labels.len() * self.recipe.latent_dim as usize;
        let latents = match self.truncation {
            Some(threshold) => latents::draw_truncated(threshold, count, rng),
            None => self.recipe.latent.draw(count, rng),
        };
        let latents = Tensor::from_slice(&latents).to_device(self.device);
        let latents = latents.view([-1, self.recipe.latent_dim]);
        let labels = Tensor::from_slice(labels).to_device(self.device);
        let images = tch::no_grad(|| self.sampler().forward(&latents, &labels, Mode::Eval));
        if images.isfinite().all().int64_value(&[]) == 0 {
            return Err(ModelError::Diverged {
                step: self.step,
                what: "the generator's output".into(),
            });
        }
        images::to_bytes(&images)
    }

    /// The generator that images are sampled from.
    fn sampler(&self) -> &dyn Generator {
        self.average.as_ref().map_or(self.generator.as_ref(), AveragedGenerator::generator)
    }
}
