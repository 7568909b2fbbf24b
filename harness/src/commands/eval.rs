//! `bench eval`: score images from any model.

use std::collections::BTreeMap;

use bench_metrics::metrics::find as find_metric;
use bench_metrics::{
    Extractor, METRICS, Metric, MetricsError, OnnxExtractor, Parameters, Protocol, Sample,
};
use serde::Serialize;

use super::extraction::{ExtractionArgs, skipped_warning};
use crate::evaluation::{self, Known, Side, Statistics};
use crate::exit::Failure;

/// Score generated images, alone or against reference images.
///
/// A source is a folder of images, a .zip of images, an .npz with images in arr_0, or a dataset
/// split such as cifar10:test. Either side may be an .npz of statistics as pytorch-fid and `bench
/// stats` write them: then only metrics of mean and covariance can be computed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench eval samples/ cifar10:train --data data\n  \
    bench eval samples.zip real/ --metrics fid,kid --json\n  \
    bench eval samples/ real/ --weights pt_inception-2015-12-05-6726825d.pth --metrics fid\n  \
    bench eval samples/ real.npz\n  \
    bench eval samples/ real/ --metrics fid,prdc\n  \
    bench eval samples/ --metrics is")]
pub struct EvalArgs {
    /// Images of the model under evaluation.
    generated: String,
    /// Images to compare with.
    reference: Option<String>,
    /// Metrics, separated by commas; see `bench list metrics`. Default: all that can be computed
    /// but prdc, whose work grows with the square of the number of images.
    #[arg(long, value_delimiter = ',')]
    metrics: Vec<String>,
    #[command(flatten)]
    extraction: ExtractionArgs,
    /// Subset pairs of KID.
    #[arg(long, value_name = "N")]
    kid_subsets: Option<usize>,
    /// Images of either side in a subset of KID.
    #[arg(long, value_name = "N")]
    kid_subset_size: Option<usize>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    provenance: Provenance,
    /// Generated and reference images, as far as known.
    n: (Option<u64>, Option<u64>),
    metrics: BTreeMap<String, f64>,
    warnings: Vec<String>,
    version: &'static str,
}

/// Where the features come from; unknown where both sides are statistics that do not say.
#[derive(Debug, Serialize)]
struct Provenance {
    protocol: Option<String>,
    extractor: ExtractorId,
}

#[derive(Debug, Serialize)]
struct ExtractorId {
    name: Option<String>,
    sha256: Option<String>,
}

/// Runs the command.
pub fn run(args: &EvalArgs) -> anyhow::Result<()> {
    let EvalArgs { extraction, json, .. } = args;
    crate::set_threads(extraction.threads);
    // Both sides are opened before the work starts, so that a wrong path fails at once.
    let open = |text: &String| Side::parse(text, Some(&extraction.data));
    let generated = open(&args.generated)?;
    let reference = args.reference.as_ref().map(open).transpose()?;
    let mut metrics = metrics(args, &generated, reference.as_ref())?;
    let mut warnings = Vec::new();
    let (provenance, generated, reference) = match (generated, reference) {
        (Side::Statistics(generated), Some(Side::Statistics(reference))) => {
            warnings.extend(generated.check_against(&reference)?);
            if !extraction.extractor().is_open() {
                warnings.push("no images are scored: the extractor is not used".to_owned());
            }
            let provenance = Provenance::of_statistics(&generated, &reference);
            (provenance, Known::Statistics(generated), Some(Known::Statistics(reference)))
        }
        (generated, reference) => {
            let mut extractor = extraction.extractor().load(extraction.threads)?;
            drop_metrics_of_logits(args, &extractor, &mut metrics)?;
            let sides = [Some(&generated), reference.as_ref()];
            for statistics in sides.into_iter().flatten().filter_map(Side::statistics) {
                warnings.extend(statistics.check_extractor(&extractor)?);
            }
            let mut know = |side| know(side, &mut extractor, extraction, &mut warnings);
            let (generated, reference) = (know(generated)?, reference.map(know).transpose()?);
            (Provenance::of_extractor(&extractor, extraction.protocol), generated, reference)
        }
    };

    let samples = (generated.sample(), reference.as_ref().map(Known::sample));
    let parameters = parameters(args, &metrics, samples, &mut warnings);
    for sample in [Some(samples.0), samples.1].into_iter().flatten() {
        warnings.extend(few_images_warning(&sample));
    }
    let report = Report {
        provenance,
        n: (generated.n(), reference.as_ref().and_then(Known::n)),
        metrics: evaluation::score(&metrics, samples.0, samples.1, &parameters)?,
        warnings,
        version: env!("CARGO_PKG_VERSION"),
    };
    print(*json, reference.is_some(), &metrics, &report)
}

/// Scores a side's images; statistics are known already.
fn know(
    side: Side,
    extractor: &mut OnnxExtractor,
    args: &ExtractionArgs,
    warnings: &mut Vec<String>,
) -> anyhow::Result<Known> {
    match side {
        Side::Statistics(statistics) => Ok(Known::Statistics(statistics)),
        Side::Images(source) => {
            let (measured, skipped) = evaluation::measure(&source, extractor, args.bad_images())?;
            warnings.extend(skipped_warning(&skipped));
            Ok(Known::Images(measured))
        }
    }
}

/// The metrics that were asked for; without any, those that the sides allow and that are cheap.
fn metrics(
    args: &EvalArgs,
    generated: &Side,
    reference: Option<&Side>,
) -> anyhow::Result<Vec<&'static dyn Metric>> {
    let usage = |message: String| anyhow::Error::from(Failure::usage(message));
    let lacking = |metric: &dyn Metric| {
        let needs_images = |side: &Side| metric.needs_activations() && side.statistics().is_some();
        if metric.needs_reference() && reference.is_none() {
            Some("reference images; name them after the generated ones")
        } else if needs_images(generated)
            || metric.needs_reference() && reference.is_some_and(needs_images)
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
    Ok(chosen)
}

/// Leaves out what cannot be computed without logits, if the extractor gives none; unless it was asked for by name.
fn drop_metrics_of_logits(
    args: &EvalArgs,
    extractor: &dyn Extractor,
    metrics: &mut Vec<&'static dyn Metric>,
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
fn parameters(
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
        ..own
    }
}

/// A covariance of no more images than dimensions is singular.
fn few_images_warning(sample: &Sample<'_>) -> Option<String> {
    let (n, dim) = sample.gaussian.and_then(|gaussian| Some((gaussian.n()?, gaussian.dim())))?;
    (n <= dim as u64).then(|| {
        format!(
            "{n} images are too few for a covariance of {dim} dimensions: FID is strongly biased; \
             use more than {dim}, best tens of thousands"
        )
    })
}

impl Provenance {
    fn of_extractor(extractor: &dyn Extractor, protocol: Protocol) -> Self {
        let (name, sha256) = (extractor.name().to_owned(), extractor.sha256().to_owned());
        Self {
            protocol: Some(protocol.name().to_owned()),
            extractor: ExtractorId { name: Some(name), sha256: Some(sha256) },
        }
    }

    /// What either file says; that they agree where both do has been checked.
    fn of_statistics(generated: &Statistics, reference: &Statistics) -> Self {
        let identity = generated.extractor().or(reference.extractor()).cloned();
        let (name, sha256) = identity.map(|own| (own.name, own.sha256)).unzip();
        let protocol = generated.protocol().or(reference.protocol()).map(str::to_owned);
        Self { protocol, extractor: ExtractorId { name, sha256 } }
    }
}

fn print(
    json: bool,
    has_reference: bool,
    metrics: &[&dyn Metric],
    report: &Report,
) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    for warning in &report.warnings {
        eprintln!("bench: warning: {warning}");
    }
    let Provenance { protocol, extractor } = &report.provenance;
    println!("protocol   {}", protocol.as_deref().unwrap_or("unknown"));
    match (&extractor.name, &extractor.sha256) {
        (Some(name), Some(sha256)) => println!("extractor  {name} ({sha256:.12})"),
        _ => println!("extractor  unknown"),
    }
    let count = |n: Option<u64>| n.map_or("unknown".to_owned(), |n| n.to_string());
    let reference = match has_reference {
        true => format!(", {} reference", count(report.n.1)),
        false => String::new(),
    };
    println!("images     {} generated{reference}", count(report.n.0));
    for metric in metrics {
        for key in metric.keys() {
            if let Some(value) = report.metrics.get(*key) {
                println!("{key:<10} {value:.6}");
            }
        }
    }
    Ok(())
}
