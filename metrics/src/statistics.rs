//! Means and covariances of features.

mod file;
mod gaussian;
mod moments;

pub use file::{ExtractorIdentity, StatisticsFile};
pub use gaussian::GaussianStatistics;
pub use moments::Moments;
