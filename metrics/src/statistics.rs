//! Means and covariances of features.

mod file;
mod gaussian;
mod moments;
mod quantile;
mod root;
mod unit;

pub use file::{ExtractorIdentity, StatisticsFile};
pub use gaussian::GaussianStatistics;
pub use moments::Moments;
pub(crate) use quantile::quantile;
pub(crate) use root::covariance_root;
pub(crate) use unit::unit_rows;
