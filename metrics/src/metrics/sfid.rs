//! sFID: the Fréchet distance of spatial features.

use super::fid::frechet_distance;
use super::{Bias, Direction, Evidence, Measure, Metric, Settings, Values};
use crate::error::MetricsError;

/// FID of an inner layer's activations at their places in the image.
pub struct Sfid;

const MEASURES: &[Measure] = &[Measure {
    key: "sfid",
    title: "sFID",
    unit: "",
    direction: Direction::LowerIsBetter,
    decimals: 2,
    spread: None,
    further: &[],
}];

impl Metric for Sfid {
    fn name(&self) -> &'static str {
        "sfid"
    }

    fn title(&self) -> &'static str {
        "sFID"
    }

    fn doc(&self) -> &'static str {
        "FID of the first 7 channels of mixed_6 at every place, by InceptionV3 under protocol adm (Nash et al. 2021)"
    }

    fn measures(&self) -> &'static [Measure] {
        MEASURES
    }

    fn bias(&self) -> Bias {
        Bias { by_generated: true, by_reference: true, ..Bias::default() }
    }

    fn needs_activations(&self) -> bool {
        false
    }

    fn needs_spatial(&self) -> bool {
        true
    }

    fn compute(&self, evidence: &Evidence<'_>, _: &Settings) -> Result<Values, MetricsError> {
        let missing = |what| MetricsError::MissingEvidence { metric: self.name(), what };
        let what = "statistics of spatial features, which InceptionV3 gives under protocol adm";
        let generated = evidence.generated.spatial.ok_or_else(|| missing(what))?;
        let reference = evidence.reference.and_then(|reference| reference.spatial);
        let reference = reference.ok_or_else(|| missing(what))?;
        Ok(vec![("sfid", frechet_distance(generated, reference)?)])
    }
}
