//! `bench eval`: score images from any model.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_metrics::metrics::find as find_metric;
use bench_metrics::{Extractor, FeatureLayer, METRICS, Metric, Parameters, Protocol};
use serde::Serialize;

use crate::evaluation::{self, ExtractorChoice, Measured};
use crate::exit::Failure;
use crate::source::{BadImages, Source};

/// Score generated images, alone or against reference images.
///
/// A source is a folder of images, a .zip of images, or a dataset split such as cifar10:test.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench eval samples/ cifar10:train --data data\n  \
    bench eval samples.zip real/ --metrics fid,kid --json\n  \
    bench eval samples/ real/ --weights pt_inception-2015-12-05-6726825d.pth --metrics fid\n  \
    bench eval samples/ --metrics is")]
pub struct EvalArgs {
    /// Images of the model under evaluation.
    generated: String,
    /// Images to compare with.
    reference: Option<String>,
    /// Metrics, separated by commas; see `bench list metrics`. Default: all that can be computed.
    #[arg(long, value_delimiter = ',')]
    metrics: Vec<String>,
    /// Whose conventions to follow: pytorch-fid or torch-fidelity.
    #[arg(long, default_value = "pytorch-fid")]
    protocol: Protocol,
    /// Feature extractor: auto, embedded, or an ONNX file that describes itself.
    #[arg(long, default_value = "auto")]
    extractor: ExtractorChoice,
    /// Weights of InceptionV3 (.pth or safetensors): score with it, fed as the protocol does.
    #[arg(long, value_name = "FILE", conflicts_with = "extractor")]
    weights: Option<PathBuf>,
    /// Features of InceptionV3: 2048, 768, 192 or 64. Default: 2048.
    #[arg(long, value_name = "N", requires = "weights")]
    dims: Option<FeatureLayer>,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Subset pairs of KID.
    #[arg(long, value_name = "N")]
    kid_subsets: Option<usize>,
    /// Images of either side in a subset of KID.
    #[arg(long, value_name = "N")]
    kid_subset_size: Option<usize>,
    /// Leave out images that cannot be read; they are counted and named.
    #[arg(long)]
    skip_bad_images: bool,
    /// CPU threads.
    #[arg(long, default_value_t = crate::default_threads())]
    threads: usize,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    protocol: &'static str,
    extractor: ExtractorId,
    /// Generated and reference images.
    n: (u64, Option<u64>),
    metrics: BTreeMap<String, f64>,
    warnings: Vec<String>,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct ExtractorId {
    name: String,
    sha256: String,
}

/// Runs the command.
pub fn run(args: &EvalArgs) -> anyhow::Result<()> {
    crate::set_threads(args.threads);
    let metrics = metrics(args)?;
    // Both sources are opened before the work starts, so that a wrong path fails at once.
    let generated = Source::parse(&args.generated, Some(&args.data))?;
    let reference = match &args.reference {
        Some(text) => Some(Source::parse(text, Some(&args.data))?),
        None => None,
    };
    let mut extractor = extractor(args).load(args.threads)?;
    let bad = if args.skip_bad_images { BadImages::Skip } else { BadImages::Refuse };
    let mut warnings = Vec::new();
    let mut measure = |source: &Source| -> anyhow::Result<Measured> {
        let (measured, skipped) = evaluation::measure(source, &mut extractor, bad)?;
        if !skipped.is_empty() {
            let names: Vec<String> = skipped.iter().map(|p| p.display().to_string()).collect();
            warnings.push(format!(
                "{} bad images were left out: {}",
                names.len(),
                names.join(", ")
            ));
        }
        Ok(measured)
    };
    let generated = measure(&generated)?;
    let reference = reference.as_ref().map(&mut measure).transpose()?;

    let parameters = parameters(args, &metrics, &generated, reference.as_ref(), &mut warnings);
    let few = [Some(&generated), reference.as_ref()];
    let dim = extractor.feature_dim() as u64;
    for n in few.into_iter().flatten().map(Measured::n).filter(|&n| n <= dim) {
        warnings.push(format!(
            "{n} images are too few for a covariance of {dim} dimensions: FID is strongly biased; \
             use more than {dim}, best tens of thousands"
        ));
    }
    let report = Report {
        protocol: args.protocol.name(),
        extractor: ExtractorId {
            name: extractor.name().to_owned(),
            sha256: extractor.sha256().to_owned(),
        },
        n: (generated.n(), reference.as_ref().map(Measured::n)),
        metrics: evaluation::score(&metrics, &generated, reference.as_ref(), &parameters)?,
        warnings,
        version: env!("CARGO_PKG_VERSION"),
    };
    print(args.json, &metrics, &report)
}

fn extractor(args: &EvalArgs) -> ExtractorChoice {
    match &args.weights {
        Some(weights) => ExtractorChoice::Inception {
            weights: weights.clone(),
            protocol: args.protocol,
            layer: args.dims.unwrap_or_default(),
        },
        None => args.extractor.clone(),
    }
}

fn metrics(args: &EvalArgs) -> anyhow::Result<Vec<&'static dyn Metric>> {
    let possible = |metric: &dyn Metric| args.reference.is_some() || !metric.needs_reference();
    if args.metrics.is_empty() {
        return Ok(METRICS.iter().copied().filter(|m| possible(*m)).collect());
    }
    let mut chosen = Vec::new();
    for name in &args.metrics {
        let metric = find_metric(name)?;
        if !possible(metric) {
            return Err(Failure::usage(format!(
                "{name} needs reference images; name them after the generated ones"
            ))
            .into());
        }
        chosen.push(metric);
    }
    Ok(chosen)
}

/// The protocol's parameters with the user's changes; KID's subsets shrink to the images at hand.
fn parameters(
    args: &EvalArgs,
    metrics: &[&dyn Metric],
    generated: &Measured,
    reference: Option<&Measured>,
    warnings: &mut Vec<String>,
) -> Parameters {
    let own = args.protocol.parameters();
    let smallest = reference.map_or(generated.n(), |r| r.n().min(generated.n())) as usize;
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

fn print(json: bool, metrics: &[&dyn Metric], report: &Report) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    for warning in &report.warnings {
        eprintln!("bench: warning: {warning}");
    }
    println!("protocol   {}", report.protocol);
    println!("extractor  {} ({})", report.extractor.name, &report.extractor.sha256[..12]);
    match report.n {
        (generated, Some(reference)) => {
            println!("images     {generated} generated, {reference} reference")
        }
        (generated, None) => println!("images     {generated} generated"),
    }
    for metric in metrics {
        for key in metric.keys() {
            if let Some(value) = report.metrics.get(*key) {
                println!("{key:<10} {value:.6}");
            }
        }
    }
    Ok(())
}
