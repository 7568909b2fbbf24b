//! Features of a dataset's images.

use bench_data::datasets::Dataset;
use bench_metrics::{ImageBatch, MetricsError, OnnxExtractor, Protocol, RandomState};

use super::{EvaluationError, FeatureCache, Measured, Measurement, Reading};
use crate::console;
use crate::progress::Progress;

/// Seed of the draw of images, as everywhere in torch-fidelity.
const DRAW_SEED: u32 = 2020;

/// The features of `wanted` images of a split (of all, if it has fewer), drawn without replacement by
/// `RandomState(2020)`; from the cache, if it has them.
///
/// # Errors
/// [`EvaluationError::Split`] if the extractor fails.
pub fn measure_split(
    dataset: &Dataset,
    wanted: usize,
    extractor: &mut OnnxExtractor,
    protocol: Protocol,
    cache: &FeatureCache,
) -> Result<Measured, EvaluationError> {
    let n = wanted.min(dataset.n);
    let selection = format!("{n} of {} by RandomState({DRAW_SEED})", dataset.n);
    let key = cache.key(&dataset.sha256, &selection, extractor, protocol.name());
    let known = cache.load(&key);
    let turn = if known.is_some() { None } else { cache.turn(&key) };
    let known = known.or_else(|| turn.as_ref().and_then(|_| cache.load(&key)));
    if let Some(measured) = known {
        let Dataset { name, split, .. } = dataset;
        console::line(&format!("features of {name}:{split}: {n} images from the cache"));
        return Ok(measured);
    }
    let measured = measure(dataset, n, extractor).map_err(|reason| {
        let split = format!("{}:{}", dataset.name, dataset.split);
        EvaluationError::Split { split, reason }
    })?;
    cache.store(&key, &measured);
    Ok(measured)
}

/// Which of `all` images are measured where `n` are: those of [`measure_split`], row by row.
pub fn drawn_places(all: usize, n: usize) -> Vec<usize> {
    let mut order = RandomState::new(DRAW_SEED).permutation(all);
    order.truncate(n);
    // In the order of the dataset, so that the whole split is measured as it lies.
    order.sort_unstable();
    order
}

fn measure(
    dataset: &Dataset,
    n: usize,
    extractor: &mut OnnxExtractor,
) -> Result<Measured, MetricsError> {
    let order = drawn_places(dataset.n, n);
    let mut progress =
        Progress::of_images(format!("features of {}:{}", dataset.name, dataset.split), n as u64);
    let mut measurement = Measurement::new(extractor);
    let mut done = 0;
    for chunk in order.chunks(Reading::default().batch_size) {
        let pixels: Vec<u8> =
            chunk.iter().filter_map(|&i| dataset.image(i)).flatten().copied().collect();
        measurement.push(&ImageBatch::new(
            &pixels,
            chunk.len(),
            dataset.height,
            dataset.width,
            dataset.channels,
        )?)?;
        done += chunk.len() as u64;
        progress.set(done, "");
    }
    progress.finish(format!("{n} images"));
    measurement.finish()
}
