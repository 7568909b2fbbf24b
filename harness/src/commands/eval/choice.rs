//! From arguments to the scoring plan: which metrics `bench eval` computes, and with which parameters.

use bench_metrics::{METRICS, Metric, Panel};

use super::EvalArgs;
use crate::evaluation::{ScoringPlan, Side};
use crate::exit::Failure;

/// The plan for two sides: the metrics that were asked for; without any, those that the sides allow and that are
/// cheap.
pub(super) fn plan(
    args: &EvalArgs,
    generated: &Side,
    reference: Option<&Side>,
) -> anyhow::Result<ScoringPlan> {
    let metrics = metrics(args, generated, reference)?;
    args.metrics.check_parameters(&metrics).map_err(Failure::usage)?;
    let images = [Some(generated), reference].into_iter().flatten().filter_map(Side::images);
    if let Some(smallest) = images.map(|source| source.len() as u64).min() {
        args.metrics.check_counts(smallest).map_err(Failure::input)?;
    }
    let protocol = args.extraction.protocol;
    let panel = Panel::new(protocol, &metrics, args.metrics.changes())?;
    Ok(ScoringPlan::of_all(protocol, panel))
}

fn metrics(
    args: &EvalArgs,
    generated: &Side,
    reference: Option<&Side>,
) -> anyhow::Result<Vec<&'static dyn Metric>> {
    let usage = |message: String| anyhow::Error::from(Failure::usage(message));
    let lacking = |metric: &dyn Metric| {
        let is_statistics =
            |side: &Side| side.statistics().is_some_and(|own| !own.has_activations());
        let sides = || [Some(generated), reference].into_iter().flatten();
        let lacks_spatial = |side: &Side| side.statistics().is_some_and(|own| !own.has_spatial());
        if metric.needs_reference() && reference.is_none() {
            Some("reference images; name them after the generated ones")
        } else if metric.needs_held_out() && args.held_out.is_none() {
            Some(
                "images that are like the reference images and none of them; name them by --held-out",
            )
        } else if metric.needs_spatial() && !args.extraction.protocol.has_spatial_features() {
            Some("the spatial features of InceptionV3; add --protocol adm")
        } else if metric.needs_spatial() && sides().any(lacks_spatial) {
            Some("images, or statistics that hold mu_s and sigma_s")
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
    if !args.metrics.are_named() {
        let possible = |metric: &&dyn Metric| metric.by_default() && lacking(*metric).is_none();
        let metrics: Vec<_> = METRICS.iter().copied().filter(possible).collect();
        return match metrics.is_empty() {
            true => {
                Err(usage("statistics alone have no score; name a reference after them".to_owned()))
            }
            false => Ok(metrics),
        };
    }
    let mut named = args.metrics.metrics()?;
    if args.metrics.say_all() {
        named = METRICS.to_vec();
    }
    match named.iter().find_map(|metric| Some((metric.name(), lacking(*metric)?))) {
        // `all` stands for what there is, and so for what can be computed.
        Some(_) if args.metrics.say_all() => {
            Ok(named.into_iter().filter(|metric| lacking(*metric).is_none()).collect())
        }
        Some((name, what)) => Err(usage(format!("{name} needs {what}"))),
        None => Ok(named),
    }
}
