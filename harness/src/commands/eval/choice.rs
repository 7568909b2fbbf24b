//! Which metrics `bench eval` computes, and with which parameters.

use bench_metrics::metrics::find as find_metric;
use bench_metrics::{Extractor, METRICS, Metric, MetricsError, Parameters, Sample};

use super::EvalArgs;
use crate::evaluation::Side;
use crate::exit::Failure;

/// The metrics that were asked for; without any, those that the sides allow and that are cheap.
pub(super) fn metrics(
    args: &EvalArgs,
    generated: &Side,
    reference: Option<&Side>,
) -> anyhow::Result<Vec<&'static dyn Metric>> {
    let usage = |message: String| anyhow::Error::from(Failure::usage(message));
    let lacking = |metric: &dyn Metric| {
        let is_statistics = |side: &Side| side.statistics().is_some();
        if metric.needs_reference() && reference.is_none() {
            Some("reference images; name them after the generated ones")
        } else if metric.needs_activations() && is_statistics(generated)
            || metric.needs_reference_activations() && reference.is_some_and(is_statistics)
        {
            Some(
                "images instead of statistics, which hold the mean and covariance of features alone",
            )
        } else {
            None
        }
    };
    if args.metrics.is_empty() {
        let possible = |metric: &&dyn Metric| metric.by_default() && lacking(*metric).is_none();
        let metrics: Vec<_> = METRICS.iter().copied().filter(possible).collect();
        return match metrics.is_empty() {
            true => {
                Err(usage("statistics alone have no score; name a reference after them".to_owned()))
            }
            false => Ok(metrics),
        };
    }
    let mut chosen = Vec::new();
    for name in &args.metrics {
        let metric = find_metric(name)?;
        if let Some(what) = lacking(metric) {
            return Err(usage(format!("{name} needs {what}")));
        }
        chosen.push(metric);
    }
    if args.bootstrap.is_some() && !chosen.iter().any(|metric| metric.name() == "fid") {
        return Err(usage("--bootstrap is of FID; add fid to --metrics".to_owned()));
    }
    Ok(chosen)
}

/// Leaves out what cannot be computed without logits, if `extractor` gives none, unless it was asked for by name.
///
/// # Errors
/// [`MetricsError::MissingLogits`] if it was, or nothing else is left.
pub(super) fn fit_to_extractor(
    metrics: &mut Vec<&'static dyn Metric>,
    args: &EvalArgs,
    extractor: &dyn Extractor,
) -> Result<(), MetricsError> {
    if extractor.class_count() > 0 {
        return Ok(());
    }
    match metrics.iter().find(|metric| metric.needs_logits()) {
        Some(metric) if !args.metrics.is_empty() || metrics.len() == 1 => {
            Err(MetricsError::MissingLogits { metric: metric.name() })
        }
        _ => {
            metrics.retain(|metric| !metric.needs_logits());
            Ok(())
        }
    }
}

/// The protocol's parameters with the user's changes; KID's subsets shrink to the images at hand.
pub(super) fn parameters(
    args: &EvalArgs,
    metrics: &[&dyn Metric],
    (generated, reference): (Sample<'_>, Option<Sample<'_>>),
    warnings: &mut Vec<String>,
) -> Parameters {
    let own = args.extraction.protocol.parameters();
    let sides = [Some(generated), reference].into_iter().flatten();
    let smallest = sides.filter_map(|side| Some(side.activations?.len())).min();
    let smallest = smallest.unwrap_or(own.kid_subset_size);
    let size = args.kid_subset_size.unwrap_or_else(|| {
        if smallest < own.kid_subset_size && metrics.iter().any(|m| m.name() == "kid") {
            warnings.push(format!(
                "KID is computed on subsets of {smallest} images instead of the protocol's {}",
                own.kid_subset_size
            ));
        }
        own.kid_subset_size.min(smallest)
    });
    Parameters {
        kid_subsets: args.kid_subsets.unwrap_or(own.kid_subsets),
        kid_subset_size: size,
        bootstrap: args.bootstrap,
        ..own
    }
}
