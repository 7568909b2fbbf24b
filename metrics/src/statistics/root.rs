//! Covariances as products of their own features.

use ndarray::{Array2, ArrayView1, ArrayView2};

/// A square root of a covariance in the images' own coordinates: `R`, `[images - 1, d]`, with `Rᵀ R` the covariance
/// (divisor n - 1) of `features`, `[images, d]`, where image i counts `counts[i]` times, at least once and without any
/// `counts` just once, n is the sum of the counts and `mean` the mean.
///
/// The centred features, each times the root of its count, have that product as well, but one row too many: with u_i
/// the root of count i over n, they sum to nought when weighted by u. The reflection that takes u to the first axis
/// makes the first row nought, and it is left out, so that the root of a covariance of full rank has full rank.
pub(crate) fn covariance_root(
    features: ArrayView2<'_, f32>,
    counts: Option<&[u32]>,
    mean: ArrayView1<'_, f64>,
) -> Array2<f64> {
    let images = features.nrows();
    let count = |image: usize| counts.map_or(1.0, |counts| f64::from(counts[image]));
    let n: f64 = (0..images).map(count).sum();
    if images < 2 {
        return Array2::zeros((0, features.ncols()));
    }
    let centred = |image: usize| &features.row(image).mapv(f64::from) - &mean;
    let direction = |image: usize| (count(image) / n).sqrt();
    let first = centred(0) * (count(0).sqrt() / (1.0 - direction(0)));
    let mut root = Array2::zeros((images - 1, features.ncols()));
    for (mut row, image) in root.outer_iter_mut().zip(1..) {
        row.assign(&centred(image));
        row *= count(image).sqrt();
        row.scaled_add(direction(image), &first);
        row /= (n - 1.0).sqrt();
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random_state::RandomState;
    use crate::statistics::Moments;

    #[test]
    fn the_root_rebuilds_the_covariance() {
        let mut random = RandomState::new(8);
        let features = Array2::from_shape_simple_fn((9, 14), || random.randn() as f32 + 3.0);
        for counts in [[1; 9], [3, 1, 2, 1, 1, 5, 1, 1, 2]] {
            let mut moments = Moments::new(14);
            moments.push_counted(features.view(), &counts).expect("features that fit");
            let gaussian = moments.finish().expect("enough features");
            let root = covariance_root(features.view(), Some(&counts), gaussian.mean());
            assert_eq!(root.dim(), (8, 14));
            let difference = root.t().dot(&root) - gaussian.covariance();
            assert!(difference.iter().all(|value| value.abs() < 1e-12), "{counts:?}");
        }
    }

    #[test]
    fn one_image_has_no_spread() {
        let features = Array2::from_elem((1, 3), 2.0_f32);
        let root = covariance_root(features.view(), None, features.mapv(f64::from).row(0));
        assert_eq!(root.dim(), (0, 3));
    }
}
