//! Precision, recall, density and coverage.

use ndarray::ArrayView2;

use super::nearest::squared_nearest;
use super::{Bias, Direction, Evidence, Measure, Metric, Parameter, Settings, Values};
use crate::distances::{Points, for_each_block};
use crate::error::MetricsError;

/// Fidelity and variety told apart, by balls around the features of either set.
pub struct Prdc;

const MEASURES: &[Measure] = &[
    share("precision", "Precision"),
    share("recall", "Recall"),
    share("density", "Density"),
    share("coverage", "Coverage"),
];

/// A share of images, or a number of balls as a share of the neighbours asked for.
const fn share(key: &'static str, title: &'static str) -> Measure {
    Measure {
        key,
        title,
        unit: "",
        direction: Direction::HigherIsBetter,
        decimals: 3,
        spread: None,
        further: &[],
    }
}

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "k",
        doc: "nearest neighbours of an image that span its ball",
        default: Some(5),
        most: 1000,
        ..Parameter::PLAIN
    },
    Parameter {
        name: "closed",
        doc: "1 if a ball holds its surface (distance <= radius), 0 if not (<)",
        default: Some(0),
        least: 0,
        most: 1,
        ..Parameter::PLAIN
    },
];

impl Metric for Prdc {
    fn name(&self) -> &'static str {
        "prdc"
    }

    fn title(&self) -> &'static str {
        "PRDC"
    }

    fn doc(&self) -> &'static str {
        "precision, recall, density and coverage (Kynkäänniemi et al. 2019, Naeem et al. 2020)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn bias(&self) -> Bias {
        Bias { by_repeats: true, ..Bias::default() }
    }

    /// The work grows with the square of the number of images.
    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let generated = evidence.generated_activations(self.name())?.features.view();
        let reference = evidence.reference_activations(self.name())?.features.view();
        let balls = Balls { k: settings.count("k")?, closed: settings.count("closed")? == 1 };
        let found = precision_and_coverage(generated, reference, balls)?;
        Ok(vec![
            ("precision", found.precision),
            ("recall", found.recall),
            ("density", found.density),
            ("coverage", found.coverage),
        ])
    }
}

/// The balls around the images of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balls {
    /// Which neighbour spans them: the radius is an image's distance to its `k`-th nearest neighbour in its own set,
    /// itself not counted.
    pub k: usize,
    /// Whether a ball holds its surface: the paper's and torch-fidelity's do, those of the program `prdc` do not.
    pub closed: bool,
}

/// How the balls around two sets of features overlap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionAndCoverage {
    /// Share of generated images inside the ball of any reference image, in `[0, 1]`.
    pub precision: f64,
    /// Share of reference images inside the ball of any generated image, in `[0, 1]`.
    pub recall: f64,
    /// Mean number of reference balls around a generated image, divided by k; at least 0, and 1 on average for equal
    /// distributions where k is small beside the number of images.
    pub density: f64,
    /// Share of reference images whose own ball holds a generated image, in `[0, 1]`.
    pub coverage: f64,
}

/// Precision, recall, density and coverage of `generated`, `[n, d]`, against `reference`, `[m, d]`.
///
/// Distances are Euclidean, from products in `f64`; points nearer than a millionth of their norms count as one. Time
/// grows with (n + m)² d, memory with (n + m) k.
///
/// Source: Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models", 2019,
/// section 2; Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020, section 3.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::TooFewImages`] if a side has no more
/// than k images, [`MetricsError::Parameter`] if k is 0, [`MetricsError::NonFinite`].
pub fn precision_and_coverage(
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    balls: Balls,
) -> Result<PrecisionAndCoverage, MetricsError> {
    let Balls { k, closed } = balls;
    if generated.ncols() != reference.ncols() {
        return Err(MetricsError::Dimension {
            what: "the second set of features",
            expected: generated.ncols(),
            found: reference.ncols(),
        });
    }
    if k == 0 {
        let parameter = "the number of nearest neighbours";
        return Err(MetricsError::Parameter {
            parameter,
            value: k.to_string(),
            allowed: "at least 1",
        });
    }
    for side in [generated, reference] {
        if side.nrows() <= k {
            return Err(MetricsError::TooFewImages {
                what: "prdc with its number of nearest neighbours",
                needed: k + 1,
                found: side.nrows(),
                hint: "give more images",
            });
        }
    }
    let (generated, reference) = (Points::new(generated)?, Points::new(reference)?);
    let radii = |points: &Points<'_>| {
        let nearest = squared_nearest(points, k);
        let mut radii: Vec<f64> = nearest.chunks_exact(k).map(|nearest| nearest[k - 1]).collect();
        if closed {
            // A distance up to the radius is one below the next larger number.
            radii.iter_mut().for_each(|radius| *radius = radius.next_up());
        }
        radii
    };
    let (generated_radii, reference_radii) = (radii(&generated), radii(&reference));

    // Reference balls around every generated image.
    let mut balls = vec![0_u64; generated.len()];
    let mut hits = vec![Hits::default(); reference.len()];
    for_each_block(&reference, &generated, |block| {
        block.by_rows(&mut hits, 1, |hits, row, distances, first_column| {
            let radius = reference_radii[row];
            let other_radii = &generated_radii[first_column..];
            for (&distance, &other_radius) in distances.iter().zip(other_radii) {
                hits[0].covered |= distance < radius;
                hits[0].recalled |= distance < other_radius;
            }
        });
        block.by_columns(&mut balls, 1, |balls, row, distances, _| {
            let radius = reference_radii[row];
            for (balls, &distance) in balls.iter_mut().zip(distances) {
                *balls += u64::from(distance < radius);
            }
        });
    });
    let share = |hits: usize, of: usize| hits as f64 / of as f64;
    let count = |flag: fn(&Hits) -> bool| hits.iter().filter(|hits| flag(hits)).count();
    Ok(PrecisionAndCoverage {
        precision: share(balls.iter().filter(|balls| **balls > 0).count(), balls.len()),
        recall: share(count(|hits| hits.recalled), hits.len()),
        density: balls.iter().sum::<u64>() as f64 / (k as f64 * balls.len() as f64),
        coverage: share(count(|hits| hits.covered), hits.len()),
    })
}

/// Where a reference image was found.
#[derive(Clone, Copy, Default)]
struct Hits {
    /// In the ball of a generated image.
    recalled: bool,
    /// With a generated image in its own ball.
    covered: bool,
}
