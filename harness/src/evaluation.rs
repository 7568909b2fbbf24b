//! From images to metric values: extraction in batches, then every metric from one pass.

mod extractor_choice;
mod side;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_metrics::{
    Activations, Evidence, Extractor, GaussianStatistics, ImageBatch, Metric, MetricsError,
    Moments, OnnxExtractor, Parameters, Sample,
};

use crate::files::DecodedImage;
use crate::progress::Progress;
use crate::source::{BadImages, Source};

pub use extractor_choice::{ExtractorArgs, ExtractorChoice, ExtractorRequest};
pub use side::{Known, Side, Statistics};

/// What is known of one set of images after extraction.
pub struct Measured {
    /// Features and logits, in the order of the images.
    pub activations: Activations,
    /// Mean and covariance of the features.
    pub gaussian: GaussianStatistics,
}

impl Measured {
    /// Number of images.
    pub fn n(&self) -> u64 {
        self.activations.len() as u64
    }

    /// What metrics are computed from.
    pub fn sample(&self) -> Sample<'_> {
        Sample { activations: Some(&self.activations), gaussian: Some(&self.gaussian) }
    }
}

/// Extracts features batch by batch: images go by, features stay.
pub struct Measurement<'e> {
    extractor: &'e mut OnnxExtractor,
    activations: Activations,
    moments: Moments,
}

impl<'e> Measurement<'e> {
    /// A measurement of no images yet.
    pub fn new(extractor: &'e mut OnnxExtractor) -> Self {
        Self {
            activations: Activations::empty(extractor.feature_dim(), extractor.class_count()),
            moments: Moments::new(extractor.feature_dim()),
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
        self.activations.append(&batch)
    }

    /// The features and their statistics.
    ///
    /// # Errors
    /// If there are fewer than two images.
    pub fn finish(self) -> Result<Measured, MetricsError> {
        Ok(Measured { activations: self.activations, gaussian: self.moments.finish()? })
    }
}

/// The values of `metrics`, by key.
///
/// # Errors
/// If a metric lacks its evidence or cannot be computed.
pub fn score(
    metrics: &[&dyn Metric],
    generated: Sample<'_>,
    reference: Option<Sample<'_>>,
    parameters: &Parameters,
) -> Result<BTreeMap<String, f64>, MetricsError> {
    let evidence = Evidence { generated, reference };
    let mut values = BTreeMap::new();
    for metric in metrics {
        for (key, value) in metric.compute(&evidence, parameters)? {
            values.insert(key.to_owned(), value);
        }
    }
    Ok(values)
}

/// Images decoded and handed to the extractor at a time.
const BATCH: usize = 256;

/// The features of every image of a source and their statistics, with a progress bar, and the
/// paths of bad images that were left out.
///
/// # Errors
/// If an image cannot be read and is not to be skipped, or the extractor fails.
pub fn measure(
    source: &Source,
    extractor: &mut OnnxExtractor,
    bad_images: BadImages,
) -> anyhow::Result<(Measured, Vec<PathBuf>)> {
    let mut activations = Activations::empty(extractor.feature_dim(), extractor.class_count());
    let mut moments = Moments::new(extractor.feature_dim());
    let skipped = for_each_extracted(source, extractor, bad_images, |batch| {
        moments.push(batch.features.view())?;
        activations.append(batch)
    })?;
    Ok((Measured { activations, gaussian: moments.finish()? }, skipped))
}

/// The statistics of a source's features alone, as [`measure`], in memory that does not grow with
/// the number of images.
///
/// # Errors
/// As [`measure`].
pub fn summarize(
    source: &Source,
    extractor: &mut OnnxExtractor,
    bad_images: BadImages,
) -> anyhow::Result<(GaussianStatistics, Vec<PathBuf>)> {
    let mut moments = Moments::new(extractor.feature_dim());
    let add = |batch: &Activations| moments.push(batch.features.view());
    let skipped = for_each_extracted(source, extractor, bad_images, add)?;
    Ok((moments.finish()?, skipped))
}

fn for_each_extracted(
    source: &Source,
    extractor: &mut OnnxExtractor,
    bad_images: BadImages,
    mut consume: impl FnMut(&Activations) -> Result<(), MetricsError>,
) -> anyhow::Result<Vec<PathBuf>> {
    let mut progress =
        Progress::new(format!("features of {}", source.describe()), source.len() as u64);
    let mut done = 0;
    let skipped = source.for_each_batch(BATCH, bad_images, |images| -> anyhow::Result<()> {
        // Images of one size go to the extractor together.
        for same in images.chunk_by(|a, b| (a.width, a.height) == (b.width, b.height)) {
            consume(&extract(extractor, same)?)?;
        }
        done += images.len() as u64;
        progress.set(done, "");
        Ok(())
    })?;
    progress.finish(format!("{done} done, {} skipped", skipped.len()));
    Ok(skipped)
}

/// The activations of images of one size, at least one.
fn extract(
    extractor: &mut OnnxExtractor,
    images: &[DecodedImage],
) -> Result<Activations, MetricsError> {
    let (width, height) = (images[0].width as usize, images[0].height as usize);
    let pixels: Vec<u8> = images.iter().flat_map(|image| &image.pixels).copied().collect();
    extractor.extract(&ImageBatch::new(&pixels, images.len(), height, width, 3)?)
}
