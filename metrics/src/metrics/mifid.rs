//! MiFID: FID that counts memorisation against a model.

use ndarray::{Array2, ArrayView2, Axis};

use super::fid::{Side, distance};
use super::{Bias, Direction, Evidence, Measure, Metric, Parameter, Settings, Values, check_sides};
use crate::distances::{Points, for_each_block};
use crate::error::MetricsError;
use crate::statistics::unit_rows;

/// Mean cosine distance from which on nothing counts as memorised.
const THRESHOLD: f64 = 0.1;

/// What is added to the distance, so that copies give a large number and no infinite one.
const LEAST: f64 = 1e-14;

/// FID up to which the result is 0.
const NOTHING: f64 = 1e-8;

/// FID divided by how far generated images are from their nearest reference images.
pub struct Mifid;

const MEASURES: &[Measure] = &[Measure {
    key: "mifid",
    title: "MiFID",
    unit: "",
    direction: Direction::LowerIsBetter,
    decimals: 2,
    spread: None,
    further: &["mifid_distance"],
}];

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "over_reference",
    doc: "1 to average the distance over reference images, as torchmetrics does, 0 over generated ones",
    default: Some(0),
    least: 0,
    most: 1,
    ..Parameter::PLAIN
}];

impl Metric for Mifid {
    fn name(&self) -> &'static str {
        "mifid"
    }

    fn title(&self) -> &'static str {
        "MiFID"
    }

    fn doc(&self) -> &'static str {
        "FID divided by the cosine distance to the nearest reference image, if that is small (Bai et al. 2021)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn bias(&self) -> Bias {
        Bias { by_generated: true, by_reference: true, by_covariance: true, ..Bias::default() }
    }

    /// The work grows with the product of the numbers of images.
    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let generated = evidence.generated_activations(self.name())?.features.view();
        let reference = evidence.reference_activations(self.name())?.features.view();
        let (ours, theirs) = evidence.gaussians(self.name())?;
        let fid = distance(&Side::new(ours, Some(generated)), &Side::new(theirs, Some(reference)))?;
        let nearest = match settings.count("over_reference")? {
            0 => nearest_cosine_distance(generated, reference)?,
            _ => nearest_cosine_distance(reference, generated)?,
        };
        Ok(vec![("mifid", memorization_informed(fid, nearest)), ("mifid_distance", nearest)])
    }
}

/// FID divided by `nearest`, the [mean distance](nearest_cosine_distance), unless that is at least 0.1.
///
/// Source: Bai et al., "On Training Sample Memorization: Lessons from Benchmarking Generative Modeling with a Large-scale
/// Competition", 2021, section 3; the constants: torchmetrics 1.9, `image/mifid.py`.
pub fn memorization_informed(fid: f64, nearest: f64) -> f64 {
    match (fid > NOTHING, nearest < THRESHOLD) {
        (false, _) => 0.0,
        (true, true) => fid / (nearest + LEAST),
        (true, false) => fid / (1.0 + LEAST),
    }
}

/// The mean, over `queries`, `[n, d]`, of the least `1 - |cos|` of a query and one of `points`, `[m, d]`, in `[0, 1]`.
/// Features that are all nought have no direction and are left out.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::TooFewImages`] if a side has no
/// feature with a direction, [`MetricsError::NonFinite`].
pub fn nearest_cosine_distance(
    queries: ArrayView2<'_, f32>,
    points: ArrayView2<'_, f32>,
) -> Result<f64, MetricsError> {
    let (queries, points) = (directions(queries), directions(points));
    check_sides("mifid", queries.view(), points.view(), 1)?;
    let (queries, points) = (Points::new(queries.view())?, Points::new(points.view())?);
    let mut nearest = vec![f64::INFINITY; queries.len()];
    for_each_block(&queries, &points, |block| {
        block.by_rows(&mut nearest, 1, |nearest, _, distances, _| {
            // |a - b|² = 2 - 2 cos.
            let cosine_distances =
                distances.iter().map(|squared| 1.0 - (1.0 - squared / 2.0).abs());
            nearest[0] = cosine_distances.fold(nearest[0], f64::min);
        });
    });
    Ok(nearest.iter().map(|distance| distance.max(0.0)).sum::<f64>() / nearest.len() as f64)
}

/// The directions of the features that have one.
fn directions(features: ArrayView2<'_, f32>) -> Array2<f32> {
    let rows = features.outer_iter().enumerate();
    let rows: Vec<usize> = rows
        .filter(|(_, row)| row.iter().any(|value| *value != 0.0))
        .map(|(index, _)| index)
        .collect();
    unit_rows(features.select(Axis(0), &rows).view())
}
