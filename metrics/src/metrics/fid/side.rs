//! A set of images under the Fréchet distance.

use ndarray::{Array2, ArrayView2};

use crate::statistics::{GaussianStatistics, covariance_root};

/// One side of a Fréchet distance: a Gaussian, and the features that it was fitted to where they are at hand.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    gaussian: &'a GaussianStatistics,
    features: Option<ArrayView2<'a, f32>>,
    /// How often each image counts; once without.
    counts: Option<&'a [u32]>,
}

impl<'a> Side<'a> {
    /// A side whose images count once each. Features of other images than the Gaussian's are not looked at.
    pub(crate) fn new(
        gaussian: &'a GaussianStatistics,
        features: Option<ArrayView2<'a, f32>>,
    ) -> Self {
        let shape = gaussian.n().map(|n| (n, gaussian.dim()));
        let own = |features: &ArrayView2<'_, f32>| {
            shape == Some((features.nrows() as u64, features.ncols()))
        };
        Self { gaussian, features: features.filter(own), counts: None }
    }

    /// A side of which each of `features`, `[images, d]`, counts as often as `counts` says, at least once.
    pub(super) fn counted(
        gaussian: &'a GaussianStatistics,
        features: ArrayView2<'a, f32>,
        counts: &'a [u32],
    ) -> Self {
        Self { gaussian, features: Some(features), counts: Some(counts) }
    }

    /// Mean and covariance.
    pub(super) fn gaussian(&self) -> &'a GaussianStatistics {
        self.gaussian
    }

    /// `R`, `[images - 1, d]`, with `Rᵀ R` the covariance, if there are features and no more of them than dimensions.
    pub(super) fn short_root(&self) -> Option<Array2<f64>> {
        let features = self.features.filter(|features| features.nrows() <= features.ncols())?;
        Some(covariance_root(features, self.counts, self.gaussian.mean()))
    }
}
