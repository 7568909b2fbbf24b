//! Precision and recall as their authors, torch-fidelity and OpenAI's evaluator define them.

use super::prdc::{Balls, precision_and_coverage};
use super::{Bias, Direction, Evidence, Measure, Metric, Parameter, Settings, Values};
use crate::error::MetricsError;

/// Shares of images within the other set's balls, which hold their surface.
pub struct PrecisionRecall;

const MEASURES: &[Measure] = &[
    share("improved_precision", "Precision (k=3)"),
    share("improved_recall", "Recall (k=3)"),
    share("f_score", "F-score"),
];

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
    doc: "nearest neighbours of an image that span its ball",
    default: Some(3),
    most: 1000,
    ..Parameter::PLAIN
}];

/// Sum of precision and recall below which torch-fidelity divides by this instead.
const LEAST_SUM: f64 = 1e-5;

impl Metric for PrecisionRecall {
    fn name(&self) -> &'static str {
        "precision-recall"
    }

    fn title(&self) -> &'static str {
        "Precision and recall"
    }

    fn doc(&self) -> &'static str {
        "precision and recall with closed balls, k = 3, and their F-score (Kynkäänniemi et al. 2019)"
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
        let balls = Balls { k: settings.count("k")?, closed: true };
        let found = precision_and_coverage(generated, reference, balls)?;
        let (precision, recall) = (found.precision, found.recall);
        Ok(vec![
            ("improved_precision", precision),
            ("improved_recall", recall),
            ("f_score", 2.0 * precision * recall / (precision + recall).max(LEAST_SUM)),
        ])
    }
}
