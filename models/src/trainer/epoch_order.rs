//! The order in which the training images are visited.

use rand::RngExt;
use rand::seq::SliceRandom;

use crate::streams::{Purpose, Streams};

/// One random order of the images an epoch, batches running across its end.
pub(super) struct EpochOrder {
    streams: Streams,
    count: usize,
    length: usize,
    cached: Option<(u64, Vec<usize>)>,
}

impl EpochOrder {
    /// Epochs of `oversample` (at least 1) times `count` images: every image once, and beyond that
    /// images drawn anew.
    pub(super) fn new(streams: Streams, count: usize, oversample: f64) -> Self {
        let length = ((count as f64 * oversample).round() as usize).max(count);
        Self { streams, count, length, cached: None }
    }

    /// The image indices of batch number `batch`.
    pub(super) fn batch(&mut self, batch: u64, size: usize) -> Vec<usize> {
        let first = batch * size as u64;
        let length = self.length as u64;
        (first..first + size as u64)
            .map(|position| self.epoch(position / length)[(position % length) as usize])
            .collect()
    }

    fn epoch(&mut self, epoch: u64) -> &[usize] {
        if self.cached.as_ref().is_none_or(|(cached, _)| *cached != epoch) {
            let mut rng = self.streams.at(Purpose::DataOrder, epoch);
            let mut order: Vec<usize> = (0..self.count).collect();
            order.extend((self.count..self.length).map(|_| rng.random_range(0..self.count)));
            order.shuffle(&mut rng);
            self.cached = Some((epoch, order));
        }
        &self.cached.as_ref().expect("set above").1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_holds_every_image_once_and_the_rest_drawn_again() {
        let mut order = EpochOrder::new(Streams::new(0), 600, 4.0 / 3.0);
        let mut visits = vec![0; 600];
        for i in 0..8 {
            for image in order.batch(i, 100) {
                visits[image] += 1;
            }
        }
        assert!(visits.iter().all(|&n| n >= 1));
        assert_eq!(visits.iter().sum::<i32>(), 800);
        assert!(visits.iter().max() > Some(&1));
        assert_ne!(order.batch(8, 100), order.batch(0, 100));
    }
}
