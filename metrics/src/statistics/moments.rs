//! First and second moments of a stream of features.

use ndarray::{Array1, Array2, ArrayView2, Axis, Zip, s};

use super::GaussianStatistics;
use crate::error::MetricsError;
use crate::linear_algebra::{Between, add_gram, copy_upper_to_lower, write_gram};

/// Features gathered before one rank-k update of the second moments.
const BLOCK: usize = 512;

/// Sums over features, kept in `f64` and in memory that does not grow with their number.
///
/// Features are summed relative to the mean of the first block, so that a large mean does not cancel away a small
/// covariance. Blocks are cut at fixed places: how the features were divided into calls of [`push`](Self::push)
/// does not change a bit of the result.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Images in `sum` and `products`; the pending ones are not among them.
    summed: u64,
    /// What is subtracted from every feature: the mean of the first block.
    shift: Array1<f64>,
    /// Sum of the shifted features, `[d]`.
    sum: Array1<f64>,
    /// Upper triangle of the sum of their outer products, `[d, d]`.
    products: Array2<f64>,
    /// Features that wait for their block to fill, `[BLOCK, d]`, and how often each of them counts.
    pending: Array2<f64>,
    pending_counts: Vec<u32>,
}

impl Moments {
    /// No features yet, of `dim` dimensions.
    pub fn new(dim: usize) -> Self {
        Self {
            summed: 0,
            shift: Array1::zeros(dim),
            sum: Array1::zeros(dim),
            products: Array2::zeros((dim, dim)),
            pending: Array2::zeros((BLOCK, dim)),
            pending_counts: Vec::with_capacity(BLOCK),
        }
    }

    /// Number of features of an image.
    pub fn dim(&self) -> usize {
        self.sum.len()
    }

    /// Number of images so far.
    pub fn n(&self) -> u64 {
        self.summed + self.pending_images()
    }

    /// Adds the features of some images, `[images, dim]`.
    ///
    /// # Errors
    /// [`MetricsError::Dimension`], [`MetricsError::NonFinite`]; nothing is added then.
    pub fn push(&mut self, features: ArrayView2<'_, f32>) -> Result<(), MetricsError> {
        self.push_counted(features, &vec![1; features.nrows()])
    }

    /// Adds every image as often as its count says, `[images]`, at the cost of adding it once.
    ///
    /// # Errors
    /// [`MetricsError::Dimension`] also if there are more or fewer counts than images, [`MetricsError::NonFinite`];
    /// nothing is added then.
    pub fn push_counted(
        &mut self,
        features: ArrayView2<'_, f32>,
        counts: &[u32],
    ) -> Result<(), MetricsError> {
        self.check_dim(features.ncols())?;
        if counts.len() != features.nrows() {
            let (what, expected) = ("a list of counts", features.nrows());
            return Err(MetricsError::Dimension { what, expected, found: counts.len() });
        }
        if !features.iter().all(|value| value.is_finite()) {
            return Err(MetricsError::NonFinite { what: "a feature" });
        }
        let images = features.outer_iter().zip(counts).filter(|(_, count)| **count > 0);
        for (features, &count) in images {
            let mut slot = self.pending.row_mut(self.pending_counts.len());
            slot.zip_mut_with(&features, |slot, &value| *slot = f64::from(value));
            self.pending_counts.push(count);
            if self.pending_counts.len() == BLOCK {
                self.sum_pending();
            }
        }
        Ok(())
    }

    /// Adds the images of `other`, as if they had been pushed here; exact but for rounding.
    ///
    /// # Errors
    /// [`MetricsError::Dimension`].
    pub fn merge(&mut self, mut other: Self) -> Result<(), MetricsError> {
        self.check_dim(other.dim())?;
        self.sum_pending();
        other.sum_pending();
        if self.summed == 0 {
            *self = other;
            return Ok(());
        }
        // With y = x - other.shift and delta = other.shift - self.shift, x - self.shift is y + delta.
        let delta = &other.shift - &self.shift;
        let count = other.summed as f64;
        for (row, mut products) in self.products.outer_iter_mut().enumerate() {
            for column in row..products.len() {
                products[column] += other.products[[row, column]]
                    + delta[row] * other.sum[column]
                    + other.sum[row] * delta[column]
                    + count * delta[row] * delta[column];
            }
        }
        self.sum += &other.sum;
        self.sum.scaled_add(count, &delta);
        self.summed += other.summed;
        Ok(())
    }

    /// Mean and covariance (divisor n - 1) of the images so far.
    ///
    /// # Errors
    /// [`MetricsError::TooFewImages`] if there are fewer than 2, [`MetricsError::NonFinite`] if the sums overflowed.
    pub fn finish(mut self) -> Result<GaussianStatistics, MetricsError> {
        self.sum_pending();
        if self.summed < 2 {
            return Err(MetricsError::TooFewImages {
                what: "a covariance",
                needed: 2,
                found: self.summed as usize,
                hint: "give more images",
            });
        }
        let n = self.summed as f64;
        let offset = &self.sum / n;
        let mut covariance = self.products;
        for (row, mut products) in covariance.outer_iter_mut().enumerate() {
            let own = offset[row];
            let rest = offset.slice(s![row..]);
            Zip::from(products.slice_mut(s![row..])).and(rest).for_each(|product, &other| {
                *product = (*product - n * own * other) / (n - 1.0);
            });
        }
        copy_upper_to_lower(&mut covariance);
        GaussianStatistics::new(self.shift + offset, covariance, Some(self.summed))
    }

    fn check_dim(&self, found: usize) -> Result<(), MetricsError> {
        if found == self.dim() {
            Ok(())
        } else {
            Err(MetricsError::Dimension {
                what: "a batch of features",
                expected: self.dim(),
                found,
            })
        }
    }

    fn pending_images(&self) -> u64 {
        self.pending_counts.iter().map(|count| u64::from(*count)).sum()
    }

    fn sum_pending(&mut self) {
        let images = self.pending_images();
        let mut block = self.pending.slice_mut(s![..self.pending_counts.len(), ..]);
        if self.summed == 0
            && let Some(mean) = block.mean_axis(Axis(0))
        {
            self.shift = mean;
        }
        for (mut features, &count) in block.outer_iter_mut().zip(&self.pending_counts) {
            // The outer product of √count · x is that of x, count times.
            let (count, root) = (f64::from(count), f64::from(count).sqrt());
            Zip::from(&mut features).and(&self.shift).and(&mut self.sum).for_each(
                |value, shift, sum| {
                    let shifted = *value - shift;
                    *sum += count * shifted;
                    *value = root * shifted;
                },
            );
        }
        // The first block is written and not added: to read a page that was never written to costs more than to write it.
        let put = if self.summed == 0 { write_gram } else { add_gram };
        put(1.0, block.view(), Between::Columns, self.products.view_mut());
        self.summed += images;
        self.pending_counts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random_state::RandomState;

    /// Correlated features around `mean` with standard deviation about `spread`.
    fn features(n: usize, d: usize, mean: f64, spread: f64) -> Array2<f32> {
        let mut random = RandomState::new(3);
        let mixing = Array2::from_shape_simple_fn((d, d), || random.randn());
        let white = Array2::from_shape_simple_fn((n, d), || random.randn());
        (white.dot(&mixing) * (spread / (d as f64).sqrt()) + mean).mapv(|value| value as f32)
    }

    /// Mean and covariance in two passes, element by element.
    fn two_pass(features: &Array2<f32>) -> (Array1<f64>, Array2<f64>) {
        let wide = features.mapv(f64::from);
        let n = wide.nrows() as f64;
        let mean = wide.sum_axis(Axis(0)) / n;
        let centred = &wide - &mean;
        let covariance = Array2::from_shape_fn((wide.ncols(), wide.ncols()), |(i, j)| {
            centred.rows().into_iter().map(|row| row[i] * row[j]).sum::<f64>() / (n - 1.0)
        });
        (mean, covariance)
    }

    fn assert_close(
        found: &GaussianStatistics,
        expected: &(Array1<f64>, Array2<f64>),
        tolerance: f64,
    ) {
        let scale = expected.1.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let mean = (&found.mean() - &expected.0)
            .iter()
            .fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let covariance = (&found.covariance() - &expected.1)
            .iter()
            .fold(0.0_f64, |largest, v| largest.max(v.abs()));
        assert!(mean <= tolerance * scale.sqrt().max(expected.0[0].abs()), "mean off by {mean}");
        assert!(covariance <= tolerance * scale, "covariance off by {covariance} of {scale}");
    }

    #[test]
    fn agrees_with_two_passes() {
        for n in [2, 3, BLOCK, BLOCK + 1, 3 * BLOCK + 17] {
            let features = features(n, 7, 0.5, 2.0);
            let found =
                GaussianStatistics::from_features(features.view()).expect("enough features");
            assert_close(&found, &two_pass(&features), 1e-13);
            assert_eq!(found.n(), Some(n as u64));
        }
    }

    #[test]
    fn a_large_mean_does_not_cancel_the_covariance() {
        let features = features(2000, 5, 1e4, 0.1);
        let found = GaussianStatistics::from_features(features.view()).expect("enough features");
        assert_close(&found, &two_pass(&features), 1e-10);
    }

    #[test]
    fn batches_do_not_matter() {
        let features = features(1500, 6, 1.0, 1.0);
        let whole = GaussianStatistics::from_features(features.view()).expect("enough features");
        for size in [1, 7, 64, 700] {
            let mut moments = Moments::new(6);
            for batch in features.axis_chunks_iter(Axis(0), size) {
                moments.push(batch).expect("features that fit");
            }
            assert_eq!(moments.finish().expect("enough features"), whole, "batches of {size}");
        }
    }

    #[test]
    fn counted_images_are_repeated_images() {
        let features = features(900, 6, 3.0, 1.0);
        let counts: Vec<u32> = (0..900).map(|i| i % 4).collect();
        let rows: Vec<usize> = (0..900).flat_map(|i| vec![i; i % 4]).collect();
        let expected = two_pass(&features.select(Axis(0), &rows));
        let mut moments = Moments::new(6);
        moments.push_counted(features.view(), &counts).expect("features that fit");
        assert_eq!(moments.n(), rows.len() as u64);
        assert_close(&moments.finish().expect("enough features"), &expected, 1e-12);
    }

    #[test]
    fn merged_parts_are_the_whole() {
        let features = features(1500, 6, 30.0, 1.0);
        let expected = two_pass(&features);
        for cut in [0, 1, 400, 1100, 1500] {
            let (left, right) = features.view().split_at(Axis(0), cut);
            let (mut first, mut second) = (Moments::new(6), Moments::new(6));
            first.push(left).expect("features that fit");
            second.push(right).expect("features that fit");
            first.merge(second).expect("equal dimensions");
            assert_eq!(first.n(), 1500);
            assert_close(&first.finish().expect("enough features"), &expected, 1e-12);
        }
    }

    #[test]
    fn unusable_features_are_errors() {
        let mut moments = Moments::new(2);
        assert!(matches!(
            moments.push(Array2::zeros((1, 3)).view()),
            Err(MetricsError::Dimension { .. })
        ));
        let infinite = Array2::from_elem((1, 2), f32::INFINITY);
        assert!(matches!(moments.push(infinite.view()), Err(MetricsError::NonFinite { .. })));
        assert!(moments.merge(Moments::new(3)).is_err());
        assert!(matches!(
            moments.push_counted(Array2::zeros((1, 2)).view(), &[1, 1]),
            Err(MetricsError::Dimension { .. })
        ));
        moments.push(Array2::zeros((1, 2)).view()).expect("features that fit");
        assert!(matches!(moments.finish(), Err(MetricsError::TooFewImages { found: 1, .. })));
    }
}
