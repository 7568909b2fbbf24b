//! Copies of a network on the processor, a thread each.

use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, ScopedJoinHandle};

use ndarray::{Array2, Axis};

use super::network::Network;
use super::preprocessing::Preprocessing;
use crate::images::ImageBatch;

/// Extracts the activations of `images` into features, logits and spatial features, a row an image, with `networks` that each
/// run on `batch` images at a time; there is at least one.
///
/// # Errors
/// The reason, if a run fails or yields values that are not finite.
pub(super) fn extract(
    networks: &mut [Network],
    batch: usize,
    preprocessing: &Preprocessing,
    images: &ImageBatch<'_>,
    [features, logits, spatial]: [&mut Array2<f32>; 3],
) -> Result<(), String> {
    let targets = features
        .axis_chunks_iter_mut(Axis(0), batch)
        .zip(logits.axis_chunks_iter_mut(Axis(0), batch))
        .zip(spatial.axis_chunks_iter_mut(Axis(0), batch));
    let queue = Mutex::new(targets.enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = |network: &mut Network| {
        while let Some((index, ((features, logits), spatial))) = next() {
            let targets = [features, logits, spatial];
            let result = network.run(preprocessing, images, index * batch, targets);
            if result.is_err() {
                // Nothing is left for the other threads to do.
                while next().is_some() {}
                return result;
            }
        }
        Ok(())
    };
    let useful = images.len().div_ceil(batch).clamp(1, networks.len());
    let (own, others) = networks[..useful].split_at_mut(1);
    std::thread::scope(|scope| {
        // A thread that cannot be started leaves its share to the others.
        let start = |network| Builder::new().spawn_scoped(scope, || work(network)).ok();
        let others: Vec<_> = others.iter_mut().filter_map(start).collect();
        let own = work(&mut own[0]);
        let join = |thread: ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        others.into_iter().map(join).fold(own, Result::and)
    })
}
