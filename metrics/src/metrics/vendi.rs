//! Vendi score: how many different images there are.

use ndarray::{Array2, ArrayView2, Axis};

use super::{Bias, Direction, Evidence, Measure, Metric, Parameter, Settings, Values};
use crate::error::MetricsError;
use crate::linear_algebra::{
    Between, add_gram, copy_upper_to_lower, symmetric_eigenvalues, write_gram,
};
use crate::statistics::unit_rows;

/// Features that are converted to `f64` at a time.
const PART: usize = 1024;

/// The effective number of different images, by the similarity of their features.
pub struct Vendi;

const MEASURES: &[Measure] = &[Measure {
    key: "vendi",
    title: "Vendi",
    unit: "",
    direction: Direction::HigherIsBetter,
    decimals: 2,
    spread: None,
    further: &[],
}];

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "order",
    doc: "order of the entropy: 1 is Shannon's, larger ones look at common images more",
    default: Some(1),
    most: 100,
    ..Parameter::PLAIN
}];

impl Metric for Vendi {
    fn name(&self) -> &'static str {
        "vendi"
    }

    fn title(&self) -> &'static str {
        "Vendi"
    }

    fn doc(&self) -> &'static str {
        "effective number of different generated images, by cosine similarity (Friedman and Dieng 2023)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn bias(&self) -> Bias {
        Bias { by_generated: true, ..Bias::default() }
    }

    fn needs_reference(&self) -> bool {
        false
    }

    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let generated = evidence.generated_activations(self.name())?.features.view();
        Ok(vec![("vendi", vendi_score(generated, settings.count("order")?)?)])
    }
}

/// The Vendi score of `features`, `[n, d]`, in `[1, min(n, d)]`: `exp` of the entropy of the eigenvalues of K / n, with K
/// the cosine similarities of all pairs of images. The entropy is Shannon's for `order` 1, else Rényi's.
///
/// K / n has the same eigenvalues, apart from noughts, as the d x d matrix of products of the unit features, which is
/// taken where there are more images than features. Memory holds one more copy of the features and the smaller of the
/// two matrices.
///
/// Source: Friedman and Dieng, "The Vendi Score: A Diversity Evaluation Metric for Machine Learning", 2023, section 3;
/// orders: Pasarkar and Dieng, "Cousins Of The Vendi Score", 2024.
///
/// # Errors
/// [`MetricsError::TooFewImages`] without images, [`MetricsError::NonFinite`], [`MetricsError::LinearAlgebra`].
pub fn vendi_score(features: ArrayView2<'_, f32>, order: usize) -> Result<f64, MetricsError> {
    let n = features.nrows();
    if n == 0 {
        let (what, hint) = ("vendi", "give more images");
        return Err(MetricsError::TooFewImages { what, needed: 1, found: 0, hint });
    }
    if !features.iter().all(|value| value.is_finite()) {
        return Err(MetricsError::NonFinite { what: "a feature" });
    }
    let matrix = similarity(unit_rows(features).view());
    let eigenvalues = symmetric_eigenvalues(matrix.view())?;
    let shares = eigenvalues.iter().copied().filter(|share| *share > 0.0);
    let entropy = match order {
        1 => -shares.map(|share| share * share.ln()).sum::<f64>(),
        order => {
            let order = order as f64;
            shares.map(|share| share.powf(order)).sum::<f64>().ln() / (1.0 - order)
        }
    };
    Ok(entropy.exp())
}

/// The smaller of the two matrices of products of unit features, divided by their number.
fn similarity(units: ArrayView2<'_, f32>) -> Array2<f64> {
    let (n, d) = units.dim();
    let scale = 1.0 / n as f64;
    let mut matrix = Array2::zeros((n.min(d), n.min(d)));
    if n <= d {
        write_gram(scale, units.mapv(f64::from).view(), Between::Rows, matrix.view_mut());
    } else {
        for part in units.axis_chunks_iter(Axis(0), PART) {
            let part = part.mapv(f64::from);
            add_gram(scale, part.view(), Between::Columns, matrix.view_mut());
        }
    }
    copy_upper_to_lower(&mut matrix);
    matrix
}
