//! Images to be looked at beside each other: of given labels, and between two latents.

use super::{SAMPLING_BATCH, Sampler};
use crate::latents::Latent;
use crate::networks::Mode;
use crate::streams::Purpose;
use crate::{ModelError, images};

/// Ends of an interpolation whose directions differ by less than this angle, in radians, are joined by a straight line.
const SMALLEST_ANGLE: f64 = 1e-3;

impl Sampler<'_> {
    /// An image of each of `labels`, from the latents that belong to `row`: the same ones whatever the labels, and those of
    /// fewer images are the first of more. Truncated latents differ between thresholds by their scale alone.
    ///
    /// # Errors
    /// [`ModelError::Diverged`] if a parameter is not finite.
    pub fn of_labels(&self, row: u64, labels: &[u32]) -> Result<Vec<u8>, ModelError> {
        let labels: Vec<i64> = labels.iter().map(|&label| label.into()).collect();
        self.images_of(&self.latents(Purpose::PictureLatents, row, labels.len()), &labels)
    }

    /// `count` (at least 2) images of the class `label`, from one latent to another, both of which belong to `row`: on a great
    /// circle for normal latents, whose norms are nearly alike (White 2016, "Sampling Generative Networks"), and on a
    /// straight line for uniform ones.
    ///
    /// # Errors
    /// [`ModelError::Diverged`] if a parameter is not finite.
    pub fn interpolation(&self, row: u64, label: u32, count: usize) -> Result<Vec<u8>, ModelError> {
        let ends = self.latents(Purpose::InterpolationLatents, row, 2);
        let (from, to) = ends.split_at(ends.len() / 2);
        let last = count.max(2) - 1;
        let latents: Vec<f32> = (0..=last)
            .flat_map(|i| between(self.recipe.latent, from, to, i as f64 / last as f64))
            .collect();
        self.images_of(&latents, &vec![label.into(); last + 1])
    }

    /// The images of latents and their labels, in batches.
    fn images_of(&self, latents: &[f32], labels: &[i64]) -> Result<Vec<u8>, ModelError> {
        let batch = SAMPLING_BATCH as usize;
        let latents = latents.chunks(batch * self.recipe.latent_dim as usize);
        let mut pixels = Vec::with_capacity(labels.len() * self.shape().len());
        for (latents, labels) in latents.zip(labels.chunks(batch)) {
            pixels.extend(images::to_bytes(&self.forward(latents, labels, Mode::Eval)?)?);
        }
        Ok(pixels)
    }
}

/// The latent at `share` in `[0, 1]` of the way between two.
fn between(latent: Latent, from: &[f32], to: &[f32], share: f64) -> Vec<f32> {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    let norms = (dot(from, from) * dot(to, to)).sqrt();
    let angle = (dot(from, to) / norms).clamp(-1.0, 1.0).acos();
    let is_curved = latent == Latent::Normal && angle.sin() > SMALLEST_ANGLE;
    let (of_from, of_to) = match is_curved {
        true => (((1.0 - share) * angle).sin() / angle.sin(), (share * angle).sin() / angle.sin()),
        false => (1.0 - share, share),
    };
    let mixed = |(&a, &b): (&f32, &f32)| (of_from * f64::from(a) + of_to * f64::from(b)) as f32;
    from.iter().zip(to).map(mixed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolations_keep_their_ends_and_normal_ones_their_norm() {
        let (from, to) = ([3.0, 0.0, 0.0], [0.0, 3.0, 0.0]);
        for latent in [Latent::Normal, Latent::Uniform] {
            for (share, end) in [(0.0, from), (1.0, to)] {
                let found = between(latent, &from, &to, share);
                assert!(found.iter().zip(end).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
            }
        }
        let half = between(Latent::Normal, &from, &to, 0.5);
        let expected = 3.0 / 2.0_f32.sqrt();
        assert!((half[0] - expected).abs() < 1e-6 && (half[1] - expected).abs() < 1e-6, "{half:?}");
        assert_eq!(between(Latent::Uniform, &from, &to, 0.5), [1.5, 1.5, 0.0]);
        // Of one direction, or opposite, or nothing: no division by nothing.
        for other in [[6.0, 0.0, 0.0], [-3.0, 0.0, 0.0], [0.0; 3]] {
            let mixed = between(Latent::Normal, &from, &other, 0.5);
            assert!(mixed.iter().all(|x| x.is_finite()), "{mixed:?}");
        }
    }
}
