//! Metrics of generated images: feature extractors, feature statistics, and the metrics of features.
//!
//! Images go in as `u8` pixels ([`ImageBatch`]), an [`Extractor`] turns them into [`Activations`], these are
//! kept or summed up ([`Moments`], [`GaussianStatistics`]), and every [`Metric`] of [`METRICS`] reads the
//! resulting [`Evidence`]:
//!
//! ```no_run
//! use bench_metrics::{
//!     Evidence, Extractor, GaussianStatistics, ImageBatch, OnnxExtractor, Panel, Protocol, Sample,
//! };
//!
//! # fn main() -> Result<(), bench_metrics::MetricsError> {
//! let pixels = vec![0_u8; 50 * 32 * 32 * 3];
//! let mut extractor = OnnxExtractor::embedded(2)?;
//! let activations = extractor.extract(&ImageBatch::new(&pixels, 50, 32, 32, 3)?)?;
//! let gaussian = GaussianStatistics::from_features(activations.features.view())?;
//! let generated = Sample {
//!     activations: Some(&activations),
//!     gaussian: Some(&gaussian),
//!     ..Sample::default()
//! };
//! let evidence = Evidence { generated, ..Evidence::default() };
//! let panel = Panel::of_names(Protocol::TORCH_FIDELITY, &["is"], &Default::default())?;
//! println!("{:?}", panel.compute(&evidence)?);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(test), warn(clippy::print_stderr, clippy::print_stdout))]

pub mod device;
mod distances;
pub mod error;
pub mod extractor;
pub mod images;
pub mod inception;
pub mod linear_algebra;
pub mod memorization;
pub mod metrics;
pub mod networks;
pub mod panel;
pub mod protocol;
pub mod random_state;
pub mod runtime;
mod sha256;
pub mod statistics;
pub mod torch_generator;
pub mod weights;

pub use device::Device;
pub use error::MetricsError;
pub use extractor::{
    Activations, Computation, ConvolutionEngine, Convolutions, Extractor, OnnxExtractor,
};
pub use images::ImageBatch;
pub use inception::FeatureLayer;
pub use metrics::{Direction, Evidence, METRICS, Measure, Metric, Sample, Settings, Values};
pub use panel::Panel;
pub use protocol::{Departure, FileOrder, PROTOCOLS, Protocol};
pub use random_state::RandomState;
pub use statistics::{ExtractorIdentity, GaussianStatistics, Moments, StatisticsFile};
pub use weights::WeightsFile;
