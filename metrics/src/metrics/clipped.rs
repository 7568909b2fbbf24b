//! Clipped density and clipped coverage.

mod expected;

use ndarray::ArrayView2;

use super::nearest::squared_nearest;
use super::{Bias, Direction, Evidence, Measure, Metric, Parameter, Settings, Values, check_sides};
use crate::distances::{Points, for_each_block, for_each_block_of_pairs};
use crate::error::MetricsError;
use expected::ExpectedCoverage;

/// Fidelity and coverage that outliers cannot spoil, on a scale on which 1 is real and 0.5 half of it.
pub struct ClippedDensityCoverage;

const MEASURES: &[Measure] =
    &[share("clipped_density", "Clipped density"), share("clipped_coverage", "Clipped coverage")];

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

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "k",
    doc: "nearest neighbours of a reference image that span its ball",
    default: Some(5),
    most: 1000,
    ..Parameter::PLAIN
}];

impl Metric for ClippedDensityCoverage {
    fn name(&self) -> &'static str {
        "clipped-density-coverage"
    }

    fn title(&self) -> &'static str {
        "Clipped density and coverage"
    }

    fn doc(&self) -> &'static str {
        "density and coverage with clipped balls, calibrated to shares of good images (Salvy et al. 2025)"
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
        let found = clipped_density_and_coverage(generated, reference, settings.count("k")?)?;
        Ok(vec![("clipped_density", found.density), ("clipped_coverage", found.coverage)])
    }
}

/// Clipped density and coverage, each in `[0, 1]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clipped {
    /// Mean number of reference balls around a generated image, of at most k, as a share of that of a reference image.
    pub density: f64,
    /// Share of good generated images at which the balls of the reference images would hold as many as they do.
    pub coverage: f64,
}

/// Clipped density and coverage of `generated`, `[n, d]`, against `reference`, `[m, d]`.
///
/// A reference image's ball reaches to its k-th nearest other reference image; for density no ball reaches further than
/// half of them do (their median). Density counts at most k balls around a generated image and is divided by what the
/// reference images, each without its own ball, come to. Coverage counts at most k generated images in a ball; its mean is put on
/// the scale of the share of good images by what m reference images and n generated ones of the same distribution
/// would give on average.
///
/// Distances are Euclidean, from products in `f64`; points nearer than a millionth of their norms count as one. Time
/// grows with (n + m) m d, memory with n + m k.
///
/// Source: Salvy et al., "Enhanced Generative Model Evaluation with Clipped Density and Coverage", 2025, sections 4 and
/// 5, and the program of its authors.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::TooFewImages`] if a side has no more
/// than k images, [`MetricsError::Parameter`] if k is 0, [`MetricsError::NonFinite`].
pub fn clipped_density_and_coverage(
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    k: usize,
) -> Result<Clipped, MetricsError> {
    if k == 0 {
        let (parameter, allowed) = ("the number of nearest neighbours", "at least 1");
        return Err(MetricsError::Parameter { parameter, value: k.to_string(), allowed });
    }
    check_sides(
        "clipped-density-coverage with its number of neighbours",
        generated,
        reference,
        k + 1,
    )?;
    let (generated, reference) = (Points::new(generated)?, Points::new(reference)?);
    let radii: Vec<f64> =
        squared_nearest(&reference, k).chunks_exact(k).map(|nearest| nearest[k - 1]).collect();
    let clipped = clipped_radii(&radii);

    let mut balls_around = vec![0_u64; generated.len()];
    let mut held = vec![0_u64; reference.len()];
    for_each_block(&reference, &generated, |block| {
        block.by_rows(&mut held, 1, |held, row, distances, _| {
            held[0] += distances.iter().filter(|distance| **distance < radii[row]).count() as u64;
        });
        block.by_columns(&mut balls_around, 1, |balls, row, distances, _| {
            for (balls, distance) in balls.iter_mut().zip(distances) {
                *balls += u64::from(*distance <= clipped[row]);
            }
        });
    });
    let own = balls_around_reference(&reference, &clipped);
    // Where balls have no extent, no copy of a reference image lies in another's ball: there is nothing to divide by.
    let (density, of_reference) = (share_of(&balls_around, k), share_of(&own, k));
    let density = if of_reference > 0.0 { (density / of_reference).min(1.0) } else { 0.0 };
    let expected = ExpectedCoverage { k, reference: reference.len(), generated: generated.len() };
    Ok(Clipped { density, coverage: expected.share_of_good(share_of(&held, k)) })
}

/// Squared radii, none above the square of the median radius.
fn clipped_radii(squared: &[f64]) -> Vec<f64> {
    let mut sorted = squared.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let median = match sorted.len() % 2 {
        1 => sorted[middle],
        _ => ((sorted[middle - 1].sqrt() + sorted[middle].sqrt()) / 2.0).powi(2),
    };
    squared.iter().map(|radius| radius.min(median)).collect()
}

/// How many clipped balls of other reference images every reference image is in.
fn balls_around_reference(reference: &Points<'_>, clipped: &[f64]) -> Vec<u64> {
    let mut balls = vec![0_u64; reference.len()];
    for_each_block_of_pairs(reference, |block| {
        // The image of the column in the ball of the row, and the other way round.
        block.by_columns(&mut balls, 1, |balls, row, distances, first_column| {
            for ((balls, distance), column) in balls.iter_mut().zip(distances).zip(first_column..) {
                *balls += u64::from(column > row && *distance <= clipped[row]);
            }
        });
        block.by_rows(&mut balls, 1, |balls, row, distances, first_column| {
            let pairs = (first_column..).zip(distances);
            let within =
                pairs.filter(|(column, distance)| *column > row && **distance <= clipped[*column]);
            balls[0] += within.count() as u64;
        });
    });
    balls
}

/// The mean of the counts, each cut to k, divided by k.
fn share_of(counts: &[u64], k: usize) -> f64 {
    let sum: u64 = counts.iter().map(|count| (*count).min(k as u64)).sum();
    sum as f64 / (k as f64 * counts.len() as f64)
}
