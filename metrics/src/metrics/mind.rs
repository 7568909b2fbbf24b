//! MIND: sliced Wasserstein distance of the features.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::{
    Bias, Direction, Evidence, Measure, Metric, Parameter, SEED, Settings, Values, check_sides,
};
use crate::error::MetricsError;
use crate::torch_generator::TorchGenerator;

/// Directions that are projected onto at a time: two sides of 50 000 images take 51 MB.
const TILE: usize = 128;

/// Fewest directions: fewer numbers than these come from another branch of torch's generator.
const FEWEST: u64 = 16;

/// Squared Wasserstein distance of the features along random directions.
pub struct Mind;

const MEASURES: &[Measure] = &[Measure {
    key: "mind",
    title: "MIND",
    unit: "",
    direction: Direction::LowerIsBetter,
    decimals: 2,
    spread: None,
    further: &[],
}];

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "directions",
        doc: "random directions that the distance is averaged over",
        default: Some(1000),
        least: FEWEST,
        most: 100_000,
        ..Parameter::PLAIN
    },
    Parameter { doc: "seed of the random draws (torch's generator)", ..SEED },
];

impl Metric for Mind {
    fn name(&self) -> &'static str {
        "mind"
    }

    fn title(&self) -> &'static str {
        "MIND"
    }

    fn doc(&self) -> &'static str {
        "sliced squared Wasserstein distance of the features, times 3 d (Berthet et al. 2026)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn bias(&self) -> Bias {
        Bias { by_generated: true, by_reference: true, ..Bias::default() }
    }

    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let generated = evidence.generated_activations(self.name())?.features.view();
        let reference = evidence.reference_activations(self.name())?.features.view();
        let directions = settings.count("directions")?;
        let mind = sliced_distance(generated, reference, directions, settings.seed()?)?;
        Ok(vec![("mind", mind)])
    }
}

/// MIND of `generated`, `[n, d]`, against `reference`, `[m, d]`: 3 d times the mean, over random directions of length
/// 1, of the squared 2-Wasserstein distance of the features' projections, which is the mean squared difference of the
/// sorted projections. At least 0, and 0 for equal sets; for Gaussians N(a, s² I) and N(b, t² I) it tends to
/// `3 |a - b|² + 3 d (s - t)²`.
///
/// The side with more images gives as many of them as the other has. Its images and then the directions are drawn by
/// torch's generator as torch-fidelity draws them. Projections are computed in `f32`, as there, and everything after
/// them in `f64`, in an order that does not depend on the number of threads. Time grows with the number of
/// directions times (n d + n log n), memory holds the projections onto 128 directions.
///
/// Source: Berthet et al., "MIND: Monge Inception Distance for Generative Models Evaluation", 2026 (arXiv 2605.06797).
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number or there are none, [`MetricsError::TooFewImages`] if a
/// side is empty, [`MetricsError::Parameter`] for fewer than 16 directions, [`MetricsError::NonFinite`].
pub fn sliced_distance(
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    directions: usize,
    seed: u32,
) -> Result<f64, MetricsError> {
    check_sides("mind", generated, reference, 1)?;
    if (directions as u64) < FEWEST {
        return Err(MetricsError::Parameter {
            parameter: "the number of directions of mind",
            value: directions.to_string(),
            allowed: "at least 16",
        });
    }
    let d = generated.ncols();
    let n = generated.nrows().min(reference.nrows());
    let mut generator = TorchGenerator::new(seed);
    let chosen = [generated, reference].map(|side| {
        (side.nrows() > n).then(|| {
            let mut rows = generator.permutation(side.nrows());
            rows.truncate(n);
            side.select(Axis(0), &rows)
        })
    });
    let sides = [generated, reference];
    let sides = [0, 1].map(|i| chosen[i].as_ref().map_or(sides[i], |chosen| chosen.view()));
    let directions = unit_directions(&mut generator, directions, d);
    let mut of_directions = Vec::with_capacity(directions.nrows());
    for tile in directions.axis_chunks_iter(Axis(0), TILE) {
        let projections = sides.map(|side| sorted_projections(tile, side));
        let pairs = projections[0].axis_iter(Axis(0)).zip(projections[1].axis_iter(Axis(0)));
        of_directions.extend(pairs.map(|(ours, theirs)| {
            let squares = ours.iter().zip(theirs).map(|(x, y)| f64::from(x - y).powi(2));
            squares.sum::<f64>() / n as f64
        }));
    }
    let mean = of_directions.iter().sum::<f64>() / of_directions.len() as f64;
    let mind = 3.0 * d as f64 * mean;
    if mind.is_finite() { Ok(mind) } else { Err(MetricsError::NonFinite { what: "a feature" }) }
}

/// Directions evenly spread over the sphere, `[count, d]`, each of length 1.
fn unit_directions(generator: &mut TorchGenerator, count: usize, d: usize) -> Array2<f32> {
    let mut directions = Array2::from_shape_vec((count, d), generator.normals(count * d))
        .expect("as many numbers as asked for");
    for mut direction in directions.outer_iter_mut() {
        let length = direction.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt() as f32;
        direction.mapv_inplace(|x| x / length.max(1e-12));
    }
    directions
}

/// The projections of all features onto each direction, ascending: `[directions, n]`.
fn sorted_projections(
    directions: ArrayView2<'_, f32>,
    features: ArrayView2<'_, f32>,
) -> Array2<f32> {
    let mut projections = Array2::zeros((directions.nrows(), features.nrows()));
    general_mat_mul(1.0, &directions, &features.t(), 0.0, &mut projections);
    let values = projections.as_slice_mut().expect("a row-major matrix");
    let rows = values.par_chunks_mut(features.nrows().max(1));
    rows.for_each(|row| row.sort_unstable_by(f32::total_cmp));
    projections
}
