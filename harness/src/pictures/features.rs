//! Generated images beside training images, by the distance of their features.

use bench_metrics::ImageBatch;
use bench_metrics::memorization::{Neighbour, nearest_neighbours};
use bench_models::images::ImageShape;
use ndarray::{Array2, ArrayView1, ArrayView2};

use super::subject::TrainingFeatures;
use super::{MOST_IMAGES, Subject};
use crate::evaluation::Measurement;
use crate::progress::Progress;
use crate::training::error::RunError;
use crate::training::runner;
use bench_reports::picture::AskedPicture;

/// The first images that a run is scored by, and the training images that their features are nearest to.
pub(super) struct Neighbours {
    /// `[n, h, w, c]` bytes.
    pub(super) pixels: Vec<u8>,
    /// Features of the images, `[n, d]`.
    pub(super) features: Array2<f32>,
    /// Features of the training images, `[m, d]`.
    pub(super) training: Array2<f32>,
    /// The number of the training image that each of these rows is of.
    pub(super) places: Vec<usize>,
    /// The nearest training image of each image, by row.
    pub(super) nearest: Vec<Neighbour>,
}

impl Neighbours {
    /// Of the first `n` images, at most as many as a picture has; none where there is no extractor at hand.
    ///
    /// # Errors
    /// [`RunError::Stopped`], and those of generator and extractor.
    pub(super) fn of(
        subject: &mut Subject,
        asked: &AskedPicture,
        n: u64,
    ) -> Result<Option<Self>, RunError> {
        let n = n.min(MOST_IMAGES);
        let Some(training) = subject.training_features()? else { return Ok(None) };
        let TrainingFeatures { measured, places } = training;
        let sampler = subject.sampler(asked)?;
        let protocol = subject.config.evaluation.plan.protocol;
        let Some(lab) = subject.lab.as_mut() else { return Ok(None) };
        let extractor = lab.extractors.under(protocol).map_err(RunError::Features)?;
        let ImageShape { height, width, channels } = sampler.shape();
        let mut measurement = Measurement::new(extractor);
        let mut pixels = Vec::new();
        let mut progress = Progress::of_images("features of generated images".to_owned(), n);
        sampler.sample(n, |batch| -> Result<(), RunError> {
            runner::go_on()?;
            let count = batch.len() / sampler.shape().len();
            measurement.push(&ImageBatch::new(batch, count, height, width, channels)?)?;
            pixels.extend_from_slice(batch);
            progress.set((pixels.len() / sampler.shape().len()) as u64, "");
            Ok(())
        })?;
        progress.clear();
        let features = measurement.finish()?.activations.features;
        let training = measured.activations.features.to_owned();
        let nearest = nearest_neighbours(features.view(), training.view())?;
        Ok(Some(Self { pixels, features, training, places, nearest }))
    }

    /// The bytes of generated image `i` of an image of `size` bytes.
    pub(super) fn image(&self, i: usize, size: usize) -> &[u8] {
        &self.pixels[i * size..(i + 1) * size]
    }

    /// The `k` nearest training images of image `i`, by row, the nearest first.
    pub(super) fn nearest_to(&self, i: usize, k: usize) -> Vec<Neighbour> {
        nearest_rows(self.features.row(i), self.training.view(), k)
    }

    /// Images in the order of the distance to their nearest training image, the nearest first.
    pub(super) fn by_distance(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.nearest.len()).collect();
        // Stable: images at the same distance stay in their order.
        order.sort_by(|&a, &b| self.nearest[a].distance.total_cmp(&self.nearest[b].distance));
        order
    }
}

/// The `k` rows of `points` that are nearest to `query`; of several at the same distance the first.
fn nearest_rows(query: ArrayView1<f32>, points: ArrayView2<f32>, k: usize) -> Vec<Neighbour> {
    let mut all: Vec<Neighbour> = points
        .rows()
        .into_iter()
        .enumerate()
        .map(|(index, point)| {
            let squared = |(&a, &b): (&f32, &f32)| (f64::from(a) - f64::from(b)).powi(2);
            let sum: f64 = query.iter().zip(point).map(squared).sum();
            Neighbour { index, distance: sum.sqrt() }
        })
        .collect();
    all.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    all.truncate(k);
    all
}

/// A distance as it stands below an image.
pub(super) fn shown(distance: f64) -> String {
    format!("{distance:.3}")
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_nearest_rows_come_first_and_equals_in_their_order() {
        let points = array![[3.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0]];
        let found = nearest_rows(array![0.0, 0.0].view(), points.view(), 3);
        let found: Vec<(usize, f64)> = found.iter().map(|n| (n.index, n.distance)).collect();
        assert_eq!(found, [(3, 0.0), (1, 1.0), (2, 1.0)]);
        assert_eq!(nearest_rows(array![0.0, 0.0].view(), points.view(), 9).len(), 4);
    }
}
