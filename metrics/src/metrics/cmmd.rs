//! CMMD: maximum mean discrepancy of unit features under a Gaussian kernel.

use ndarray::ArrayView2;

use super::{Direction, Evidence, Measure, Metric, Parameter, Settings, Values, check_sides};
use crate::distances::{Distances, Points, for_each_block, for_each_block_of_pairs};
use crate::error::MetricsError;
use crate::statistics::unit_rows;

/// What the squared discrepancy is multiplied by, so that people can read it.
const SCALE: f64 = 1000.0;

/// Squared maximum mean discrepancy of the features' directions under a Gaussian kernel.
pub struct Cmmd;

const MEASURES: &[Measure] = &[Measure {
    key: "cmmd",
    title: "CMMD",
    unit: "",
    direction: Direction::LowerIsBetter,
    decimals: 3,
    spread: None,
    further: &[],
}];

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "sigma",
    doc: "width of the Gaussian kernel",
    default: Some(10),
    ..Parameter::PLAIN
}];

impl Metric for Cmmd {
    fn name(&self) -> &'static str {
        "cmmd"
    }

    fn title(&self) -> &'static str {
        "CMMD"
    }

    fn doc(&self) -> &'static str {
        "squared MMD of unit features under a Gaussian kernel, times 1000; meant for CLIP (Jayasumana et al. 2024)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    /// The work grows with the square of the number of images.
    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let generated = evidence.generated_activations(self.name())?.features.view();
        let reference = evidence.reference_activations(self.name())?.features.view();
        let sigma = settings.count("sigma")?;
        Ok(vec![("cmmd", gaussian_discrepancy(generated, reference, sigma as f64)?)])
    }
}

/// 1000 times the squared maximum mean discrepancy of `generated`, `[n, d]`, and `reference`, `[m, d]`, each feature
/// vector scaled to length 1, under the kernel `exp(-|a - b|² / 2 σ²)`: at least 0, and 0 for equal sets.
///
/// The estimator is the biased one, in which every image is compared with itself too, as in the authors' program. Time
/// grows with (n + m)² d; memory holds one more copy of the features.
///
/// Source: Jayasumana et al., "Rethinking FID: Towards a Better Evaluation Metric for Image Generation", 2024,
/// section 5; the estimator: Gretton et al., "A Kernel Two-Sample Test", JMLR 13, 2012, equation 5.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::TooFewImages`] if a side is empty,
/// [`MetricsError::NonFinite`].
pub fn gaussian_discrepancy(
    generated: ArrayView2<'_, f32>,
    reference: ArrayView2<'_, f32>,
    sigma: f64,
) -> Result<f64, MetricsError> {
    check_sides("cmmd", generated, reference, 1)?;
    let (generated, reference) = (unit_rows(generated), unit_rows(reference));
    let (generated, reference) = (Points::new(generated.view())?, Points::new(reference.view())?);
    let (n, m) = (generated.len() as f64, reference.len() as f64);
    let rate = -1.0 / (2.0 * sigma * sigma);
    let within = within(&generated, rate) / (n * n) + self::within(&reference, rate) / (m * m);
    let between = between(&generated, &reference, rate) / (n * m);
    let discrepancy = SCALE * (within - 2.0 * between);
    // Below 0 by rounding alone.
    Ok(discrepancy.max(0.0))
}

/// Sum of the kernel over all pairs of points, in both orders and each with itself.
fn within(points: &Points<'_>, rate: f64) -> f64 {
    let mut sums = vec![0.0; points.len()];
    for_each_block_of_pairs(points, |block| {
        add_kernels(block, &mut sums, rate, |row, first_column| {
            (row + 1).saturating_sub(first_column)
        });
    });
    points.len() as f64 + 2.0 * sums.iter().sum::<f64>()
}

/// Sum of the kernel over all pairs of a point of `left` and one of `right`.
fn between(left: &Points<'_>, right: &Points<'_>, rate: f64) -> f64 {
    let mut sums = vec![0.0; left.len()];
    for_each_block(left, right, |block| add_kernels(block, &mut sums, rate, |_, _| 0));
    sums.iter().sum()
}

/// Adds the kernels of every row to its sum, without the first columns, as many as `left_out(row, first column)`.
fn add_kernels(
    block: &Distances,
    sums: &mut [f64],
    rate: f64,
    left_out: impl Fn(usize, usize) -> usize + Sync,
) {
    block.by_rows(sums, 1, |sum, row, distances, first_column| {
        let left_out = left_out(row, first_column).min(distances.len());
        sum[0] += distances[left_out..].iter().map(|distance| (rate * distance).exp()).sum::<f64>();
    });
}
