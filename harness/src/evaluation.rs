//! From images to metric values: extraction in batches, then every metric from one pass.

mod error;
mod extractor_args;
mod extractor_choice;
mod feature_cache;
mod inventory;
mod look;
mod measurement;
mod memorization;
mod per_class;
mod plan;
mod side;
mod split;
pub mod warnings;

use std::path::PathBuf;
use std::time::Instant;

use bench_data::files::DecodedImage;
use bench_data::source::{BadImages, Origin, Source};
use bench_metrics::{
    Extractor, GaussianStatistics, ImageBatch, MetricsError, Moments, OnnxExtractor, Protocol,
};

use crate::console;
use crate::progress::Progress;
use measurement::{Measurements, spatial_moments};

pub use error::EvaluationError;
pub use extractor_args::{ConvolutionArgs, ExtractorArgs};
pub use extractor_choice::{ExtractorChoice, ExtractorRequest};
pub use feature_cache::{FeatureCache, FeatureKey};
pub use inventory::{ImageDigest, ImageSize, Inventory};
pub use look::{SideOrigin, look_at, test_split};
pub use measurement::{Measured, Measurement};
pub use memorization::{MemorizationReport, report_memorization};
pub use per_class::{ClassScore, PerClass, per_class_fid};
pub use plan::{EvaluationConfig, ScoringPlan};
pub use side::{Known, ScoredImages, Side, Statistics};
pub use split::{drawn_places, measure_split};

/// How images are read and handed to the extractor.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// What to do with images that cannot be read.
    pub bad_images: BadImages,
    /// Images decoded and handed over at a time, at least 1; no result depends on it.
    pub batch_size: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self { bad_images: BadImages::default(), batch_size: 256 }
    }
}

/// The features of every image of a source and their statistics, with a progress bar, and the
/// paths of bad images that were left out.
///
/// # Errors
/// If an image cannot be read and is not to be skipped, or the extractor fails.
pub fn measure(
    source: &Source,
    extractor: &mut OnnxExtractor,
    reading: Reading,
) -> Result<(Measured, Vec<PathBuf>), EvaluationError> {
    let mut measurement = Measurement::new(extractor);
    let skipped = for_each_batch(source, reading, |images| measurement.push(images))?;
    Ok((measurement.finish()?, skipped))
}

/// The features of a source by each of `extractors`, as [`measure`] gives them: from the cache, as far as it has them, and all
/// others in one pass over the images. Those of a source without bad images are kept there, by the content that `origin`
/// tells.
///
/// # Errors
/// As [`measure`].
pub fn measure_once<E: Extractor>(
    source: &Source,
    origin: &Origin,
    extractors: Vec<&mut E>,
    protocol: Protocol,
    reading: Reading,
    cache: &FeatureCache,
) -> Result<(Vec<Measured>, Vec<PathBuf>), EvaluationError> {
    let several = extractors.len() > 1;
    let (mut found, mut missing, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for extractor in extractors {
        // Spatial features are not kept.
        let is_kept = extractor.spatial_dim() == 0;
        let key = cache.key(&origin.sha256, "all", extractor, protocol.name());
        let known = if is_kept { cache.load(&key) } else { None };
        if known.is_some() {
            let by = if several { format!(" by {}", extractor.name()) } else { String::new() };
            console::line(&format!("features of {}{by}: from the cache", source.describe()));
        } else {
            keys.push(is_kept.then_some(key));
            missing.push(extractor as &mut dyn Extractor);
        }
        found.push(known);
    }
    if missing.is_empty() {
        source.release();
        return Ok((found.into_iter().flatten().collect(), Vec::new()));
    }
    let mut measurements = Measurements::new(missing);
    let skipped = for_each_batch(source, reading, |images| measurements.push(images))?;
    let measured = measurements.finish()?;
    if skipped.is_empty() {
        let kept = keys.iter().zip(&measured).filter_map(|(key, own)| Some((key.as_ref()?, own)));
        kept.for_each(|(key, measured)| cache.store(key, measured));
    }
    let mut measured = measured.into_iter();
    let all = found.into_iter().filter_map(|known| known.or_else(|| measured.next()));
    Ok((all.collect(), skipped))
}

/// Statistics of features, and of spatial ones where the extractor gives some.
pub struct Summary {
    /// Mean and covariance of the features.
    pub gaussian: GaussianStatistics,
    /// Mean and covariance of spatial features.
    pub spatial: Option<GaussianStatistics>,
    /// Paths of bad images that were left out.
    pub skipped: Vec<PathBuf>,
}

/// The statistics of a source's features alone, as [`measure`], in memory that does not grow with
/// the number of images.
///
/// # Errors
/// As [`measure`].
pub fn summarize(
    source: &Source,
    extractor: &mut OnnxExtractor,
    reading: Reading,
) -> Result<Summary, EvaluationError> {
    let mut spatial = spatial_moments(extractor);
    let mut moments = Moments::new(extractor.feature_dim());
    let skipped = for_each_batch(source, reading, |images| {
        let batch = extractor.extract(images)?;
        if let Some(spatial) = &mut spatial {
            spatial.push(batch.spatial.view())?;
        }
        moments.push(batch.features.view())
    })?;
    let spatial = spatial.map(Moments::finish).transpose()?;
    Ok(Summary { gaussian: moments.finish()?, spatial, skipped })
}

/// Hands over the images of a source in order, those of one size together, with a progress bar.
fn for_each_batch(
    source: &Source,
    reading: Reading,
    mut consume: impl FnMut(&ImageBatch) -> Result<(), MetricsError>,
) -> Result<Vec<PathBuf>, EvaluationError> {
    let label = format!("features of {}", source.describe());
    let mut progress = Progress::of_images(label, source.len() as u64);
    let started = Instant::now();
    let mut done = 0;
    let Reading { batch_size, bad_images } = reading;
    let skipped =
        source.for_each_batch(batch_size, bad_images, |images| -> Result<(), EvaluationError> {
            for same in images.chunk_by(|a, b| (a.width, a.height) == (b.width, b.height)) {
                let (width, height) = (same[0].width as usize, same[0].height as usize);
                let pixels = pixels_of(same);
                consume(&ImageBatch::new(&pixels, same.len(), height, width, 3)?)?;
            }
            done += images.len() as u64;
            progress.set(done, "");
            Ok(())
        })?;
    let seconds = started.elapsed().as_secs_f64();
    let rate = done as f64 / seconds.max(f64::MIN_POSITIVE);
    let mut summary = format!("{done} images in {seconds:.1} s ({rate:.1} images/s)");
    if !skipped.is_empty() {
        summary += &format!(", {} skipped", skipped.len());
    }
    progress.finish(summary);
    Ok(skipped)
}

/// The pixels of images one after the other.
fn pixels_of(images: &[DecodedImage]) -> Vec<u8> {
    images.iter().map(|image| image.pixels.as_slice()).collect::<Vec<_>>().concat()
}
