//! Memorisation: generated images that lie nearer to a training image than unseen real images do.

use ndarray::ArrayView2;

use crate::distances::{Points, for_each_block};
use crate::error::MetricsError;
use crate::statistics::quantile;

/// Quantile of the held-out images' distances below which an image counts as memorised.
pub const QUANTILE: f64 = 0.01;

/// The point nearest to another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its row.
    pub index: usize,
    /// Euclidean distance; exactly 0 to a copy.
    pub distance: f64,
}

/// How near generated images lie to the training images.
#[derive(Clone, Debug, PartialEq)]
pub struct Memorization {
    /// Distance to the nearest training image that all but [`QUANTILE`] of the held-out images reach. Where held-out
    /// images are among the training images it may be 0, and then nothing is below it.
    pub threshold: f64,
    /// Share of generated images nearer to a training image than `threshold`, in `[0, 1]`; about [`QUANTILE`] for
    /// images like the held-out ones.
    pub share: f64,
    /// The nearest training image of every generated image, in their order.
    pub nearest: Vec<Neighbour>,
}

impl Memorization {
    /// Whether generated image `index` counts as memorised; an image that is not there does not.
    pub fn is_memorized(&self, index: usize) -> bool {
        self.nearest.get(index).is_some_and(|neighbour| neighbour.distance < self.threshold)
    }
}

/// Compares the distances of generated images, `[n, d]`, to their nearest training images, `[m, d]`, with those of
/// held-out images, `[h, d]`, which come from where the training images come from and are none of them.
///
/// The threshold is the first percentile of the held-out distances, interpolated as `numpy.percentile` does.
/// Time grows with (n + h) m d, memory with n + h.
///
/// Source: the comparison of held-out and generated distances to training images is that of Meehan, Chaudhuri and
/// Dasgupta, "A Non-Parametric Test to Detect Data-Copying in Generative Models", 2020, section 3, at one quantile.
///
/// # Errors
/// As [`nearest_neighbours`], and [`MetricsError::TooFewImages`] if there are no generated or no held-out images.
pub fn memorization(
    generated: ArrayView2<'_, f32>,
    training: ArrayView2<'_, f32>,
    held_out: ArrayView2<'_, f32>,
) -> Result<Memorization, MetricsError> {
    for side in [generated, held_out] {
        if side.nrows() == 0 {
            return Err(too_few("memorisation"));
        }
    }
    let distances = nearest_neighbours(held_out, training)?;
    let distances: Vec<f64> = distances.iter().map(|neighbour| neighbour.distance).collect();
    let threshold = quantile(&distances, QUANTILE);
    let nearest = nearest_neighbours(generated, training)?;
    let memorized = nearest.iter().filter(|neighbour| neighbour.distance < threshold).count();
    Ok(Memorization { threshold, share: memorized as f64 / nearest.len() as f64, nearest })
}

/// The nearest of `points`, `[m, d]`, to every one of `queries`, `[n, d]`, in their order; of several at the same
/// distance the first. Distances come from products in `f64`; points nearer than a millionth of their norms count as
/// one. Time grows with n m d, memory with n.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::TooFewImages`] if there are no points,
/// [`MetricsError::NonFinite`].
pub fn nearest_neighbours(
    queries: ArrayView2<'_, f32>,
    points: ArrayView2<'_, f32>,
) -> Result<Vec<Neighbour>, MetricsError> {
    if queries.ncols() != points.ncols() {
        return Err(MetricsError::Dimension {
            what: "the second set of features",
            expected: queries.ncols(),
            found: points.ncols(),
        });
    }
    if points.nrows() == 0 {
        return Err(too_few("a nearest neighbour"));
    }
    let (queries, points) = (Points::new(queries)?, Points::new(points)?);
    let mut nearest = vec![Neighbour { index: 0, distance: f64::INFINITY }; queries.len()];
    for_each_block(&queries, &points, |block| {
        block.by_rows(&mut nearest, 1, |nearest, _, distances, first_column| {
            for (index, &distance) in (first_column..).zip(distances) {
                // Squared until all have been seen.
                if distance < nearest[0].distance {
                    nearest[0] = Neighbour { index, distance };
                }
            }
        });
    });
    for neighbour in &mut nearest {
        neighbour.distance = neighbour.distance.sqrt();
    }
    Ok(nearest)
}

fn too_few(what: &'static str) -> MetricsError {
    MetricsError::TooFewImages { what, needed: 1, found: 0, hint: "give more images" }
}
