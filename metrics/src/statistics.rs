//! Means and covariances of features.

mod gaussian;
mod moments;

pub use gaussian::GaussianStatistics;
pub use moments::Moments;
