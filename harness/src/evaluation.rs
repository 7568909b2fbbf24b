//! From images to metric values: extraction in batches, then every metric from one pass.

mod error;
mod extractor_choice;
mod feature_cache;
mod inventory;
mod look;
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
    Activations, Extractor, GaussianStatistics, ImageBatch, MetricsError, Moments, OnnxExtractor,
    Protocol, Sample,
};

use crate::console;
use crate::progress::Progress;

pub use error::EvaluationError;
pub use extractor_choice::{ConvolutionArgs, ExtractorArgs, ExtractorChoice, ExtractorRequest};
pub use feature_cache::{FeatureCache, FeatureKey};
pub use inventory::{ImageDigest, ImageSize, Inventory};
pub use look::{SideOrigin, look_at, test_split};
pub use memorization::{MemorizationReport, report_memorization};
pub use per_class::{ClassScore, PerClass, per_class_fid};
pub use plan::{EvaluationConfig, ScoringPlan};
pub use side::{Known, ScoredImages, Side, Statistics};
pub use split::{drawn_places, measure_split};

/// What is known of one set of images after extraction.
#[derive(Debug)]
pub struct Measured {
    /// Features and logits, in the order of the images.
    pub activations: Activations,
    /// Mean and covariance of the features.
    pub gaussian: GaussianStatistics,
    /// Mean and covariance of spatial features, where the extractor gives some.
    pub spatial: Option<GaussianStatistics>,
    /// Sizes of the images, and which are the same.
    pub inventory: Inventory,
}

impl Measured {
    /// Number of images.
    pub fn n(&self) -> u64 {
        self.activations.len() as u64
    }

    /// What metrics are computed from.
    pub fn sample(&self) -> Sample<'_> {
        Sample {
            activations: Some(&self.activations),
            gaussian: Some(&self.gaussian),
            spatial: self.spatial.as_ref(),
        }
    }
}

/// Extracts features batch by batch: images go by, features stay.
pub struct Measurement<'e> {
    extractor: &'e mut OnnxExtractor,
    activations: Activations,
    moments: Moments,
    spatial: Option<Moments>,
    inventory: Inventory,
}

impl<'e> Measurement<'e> {
    /// A measurement of no images yet.
    pub fn new(extractor: &'e mut OnnxExtractor) -> Self {
        Self {
            activations: Activations::empty(extractor.feature_dim(), extractor.class_count()),
            moments: Moments::new(extractor.feature_dim()),
            spatial: spatial_moments(extractor),
            inventory: Inventory::default(),
            extractor,
        }
    }

    /// Adds a batch of images.
    ///
    /// # Errors
    /// Those of the extractor.
    pub fn push(&mut self, images: &ImageBatch) -> Result<(), MetricsError> {
        let batch = self.extractor.extract(images)?;
        self.moments.push(batch.features.view())?;
        if let Some(spatial) = &mut self.spatial {
            spatial.push(batch.spatial.view())?;
        }
        // Of spatial features, which are many, the moments are enough.
        self.activations.append(&batch.without_spatial())?;
        self.inventory.push(images);
        Ok(())
    }

    /// The features and their statistics.
    ///
    /// # Errors
    /// If there are fewer than two images.
    pub fn finish(self) -> Result<Measured, MetricsError> {
        let Self { activations, moments, spatial, inventory, .. } = self;
        let spatial = spatial.map(Moments::finish).transpose()?;
        Ok(Measured { activations, gaussian: moments.finish()?, spatial, inventory })
    }
}

/// Moments of the spatial features of `extractor`, if it gives some.
fn spatial_moments(extractor: &OnnxExtractor) -> Option<Moments> {
    Some(extractor.spatial_dim()).filter(|dim| *dim > 0).map(Moments::new)
}

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

/// [`measure`], unless the features are in the cache; those of a source without bad images are kept there, by the content
/// that `origin` tells.
///
/// # Errors
/// As [`measure`].
pub fn measure_once(
    source: &Source,
    origin: &Origin,
    extractor: &mut OnnxExtractor,
    protocol: Protocol,
    reading: Reading,
    cache: &FeatureCache,
) -> Result<(Measured, Vec<PathBuf>), EvaluationError> {
    // Spatial features are not kept.
    let none = FeatureCache::none();
    let cache = if extractor.spatial_dim() > 0 { &none } else { cache };
    let key = cache.key(&origin.sha256, "all", extractor, protocol.name());
    if let Some(measured) = cache.load(&key) {
        source.release();
        console::line(&format!("features of {}: from the cache", source.describe()));
        return Ok((measured, Vec::new()));
    }
    let (measured, skipped) = measure(source, extractor, reading)?;
    if skipped.is_empty() {
        cache.store(&key, &measured);
    }
    Ok((measured, skipped))
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
