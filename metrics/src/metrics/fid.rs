//! Fréchet Inception Distance.

mod bootstrap;
mod side;
mod trace_of_root;

use super::{Bias, Direction, Evidence, Measure, Metric, Parameter, SEED, Settings, Values};
use crate::error::MetricsError;
use crate::statistics::GaussianStatistics;

pub use bootstrap::{Interval, confidence_interval};
pub(super) use side::Side;
use trace_of_root::trace_of_root;

/// Fréchet distance between Gaussians fitted to the features of generated and reference images.
pub struct Fid;

const MEASURES: &[Measure] = &[Measure {
    key: "fid",
    title: "FID",
    unit: "",
    direction: Direction::LowerIsBetter,
    decimals: 2,
    spread: None,
    further: &["fid_ci_low", "fid_ci_high"],
}];

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "bootstrap",
        doc: "resamples of the images behind a 95 % confidence interval",
        least: 2,
        needs_images: true,
        option: Some("bootstrap"),
        ..Parameter::PLAIN
    },
    SEED,
];

impl Metric for Fid {
    fn name(&self) -> &'static str {
        "fid"
    }

    fn title(&self) -> &'static str {
        "FID"
    }

    fn doc(&self) -> &'static str {
        "distance of Gaussians fitted to generated and reference features (Heusel et al. 2017)"
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

    /// They are needed for the confidence interval alone; where there are few, they make the distance cheaper.
    fn needs_activations(&self) -> bool {
        false
    }

    fn by_default(&self) -> bool {
        true
    }

    fn compute(
        &self,
        evidence: &Evidence<'_>,
        settings: &Settings,
    ) -> Result<Values, MetricsError> {
        let (generated, reference) = evidence.gaussians(self.name())?;
        let reference_features = evidence.reference.and_then(|sample| sample.features());
        let fid = distance(
            &Side::new(generated, evidence.generated.features()),
            &Side::new(reference, reference_features),
        )?;
        let mut values = vec![("fid", fid)];
        if settings.get("bootstrap").is_some() {
            let Interval { low, high } = confidence_interval(
                evidence.generated_activations(self.name())?.features.view(),
                evidence.reference_activations(self.name())?.features.view(),
                fid,
                settings.count("bootstrap")?,
                settings.seed()?,
            )?;
            values.extend([("fid_ci_low", low), ("fid_ci_high", high)]);
        }
        Ok(values)
    }
}

/// The squared Fréchet (2-Wasserstein) distance of two Gaussians,
/// `|m1 - m2|² + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)`: at least 0, and finite for singular covariances too.
///
/// With `S1 = Rᵀ R`, the trace of the root is the sum of the square roots of the eigenvalues of the symmetric matrix
/// `R S2 Rᵀ`, real by construction; eigenvalues that rounding made negative count as 0.
///
/// Source: Dowson and Landau, "The Fréchet distance between multivariate normal distributions", 1982; Heusel et al.,
/// "GANs Trained by a Two Time-Scale Update Rule", 2017, section 4.
///
/// # Errors
/// [`MetricsError::Dimension`] if the features differ in number, [`MetricsError::NonFinite`] if the distance
/// overflows, [`MetricsError::LinearAlgebra`].
pub fn frechet_distance(
    first: &GaussianStatistics,
    second: &GaussianStatistics,
) -> Result<f64, MetricsError> {
    distance(&Side::new(first, None), &Side::new(second, None))
}

/// [`frechet_distance`] of sets of images whose features may be at hand.
pub(super) fn distance(first: &Side<'_>, second: &Side<'_>) -> Result<f64, MetricsError> {
    let (one, other) = (first.gaussian(), second.gaussian());
    if one.dim() != other.dim() {
        return Err(MetricsError::Dimension {
            what: "the second set of features",
            expected: one.dim(),
            found: other.dim(),
        });
    }
    let shift = &one.mean() - &other.mean();
    let traces = one.covariance().diag().sum() + other.covariance().diag().sum();
    let distance = shift.dot(&shift) + traces - 2.0 * trace_of_root(first, second)?;
    if distance.is_finite() {
        Ok(distance.max(0.0))
    } else {
        Err(MetricsError::NonFinite { what: "the fid" })
    }
}
