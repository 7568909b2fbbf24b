//! `bench eval`: score images from any model.

mod choice;
mod comparison;
mod one_pass;
mod report;
mod scored;
mod scorer;
mod sides;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use bench_metrics::panel::Outcome;
use bench_metrics::{Evidence, Metric, MetricsError, Panel};

use super::extraction::ExtractionArgs;
use super::metric_options::MetricOptions;
use crate::claim::{ForceArgs, OutputFolder};
use crate::evaluation::{Known, ScoringPlan, test_split, warnings};
use crate::exit::Failure;
use crate::output::outln;
use crate::warnings::Warnings;
use comparison::Comparison;
use report::Report;
use scored::Scored;
use scorer::Scorer;
use sides::{Model, Sides};

/// Score generated images, alone or against reference images.
///
/// A source is a folder of images, a .zip of images, an .npz with images in arr_0, or a dataset
/// split such as cifar10:test or photos/:train. Either side may be an .npz of statistics as pytorch-fid and `bench
/// stats` write them: then only metrics of mean and covariance can be computed. It may also be features that `bench
/// features` wrote, .npz or .safetensors.
///
/// Features of reference and held-out images, and decoded images of datasets, are kept in the cache
/// folder ($BENCH_CACHE, else $XDG_CACHE_HOME/bench, else ~/.cache/bench) for the next time, up to
/// 20 GB or $BENCH_CACHE_MAX (such as 500MB); it may be deleted at any time.
///
/// With several extractors, separated by commas, every image is read and decoded once and goes through all of them. Each
/// gives the numbers that it gives alone; a metric that it cannot give is left out.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench eval samples/ cifar10:train --data data\n  \
    bench eval samples.zip real/ --metrics fid,kid --json\n  \
    bench eval samples/ real/ --weights pt_inception-2015-12-05-6726825d.pth --metrics fid\n  \
    bench eval samples/ real.npz\n  \
    bench eval samples/ real/ --metrics fid,prdc\n  \
    bench eval samples/ --metrics is\n  \
    bench eval a/ b/ c/ --against real/ --metrics fid,kid --bootstrap 200 --format latex\n  \
    bench eval samples/ real/ --extractor inception,dinov2-vit-l-14\n  \
    bench eval samples/ cifar10:train --data data --per-class\n  \
    bench eval samples/ cifar10:train --data data --held-out cifar10:test --report report")]
pub struct EvalArgs {
    /// Images of the model under evaluation.
    generated: OsString,
    /// Images to compare with.
    reference: Option<OsString>,
    /// With --against: further models.
    #[arg(value_name = "MORE")]
    more: Vec<OsString>,
    /// Images to compare every source before with: a table ranks these by the first metric, best first.
    #[arg(long, value_name = "REFERENCE")]
    against: Option<OsString>,
    #[command(flatten)]
    metrics: MetricOptions,
    #[command(flatten)]
    extraction: ExtractionArgs,
    /// Also score class by class: FID between images of the same class. Classes are a dataset
    /// split's own, folders (DIR/CLASS/IMAGE, plain or zipped), or those of StyleGAN's dataset.json.
    #[arg(long)]
    per_class: bool,
    /// Images like the reference images and none of them, such as a test split: also say which
    /// share of the generated images lies nearer to a reference image than the first percentile of
    /// these do, and so is memorised.
    #[arg(long, value_name = "SOURCE")]
    held_out: Option<OsString>,
    /// Folder for the memorisation report: nearest-pairs.csv and nearest-pairs.png.
    #[arg(long, value_name = "DIR", requires = "held_out")]
    report: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
    /// Decode all images of datasets and extract all features anew, and keep none.
    #[arg(long)]
    no_cache: bool,
    /// Print one JSON object: --format json. Of several extractors, or models with --against, an array of such objects.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// What to print: text, json, or a table in Markdown (md) or LaTeX with booktabs (latex).
    #[arg(long, value_enum, value_name = "NAME")]
    format: Option<Format>,
}

/// How scores are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Md,
    Latex,
}

/// What came of the evaluation of a model by one extractor.
struct Evaluated {
    /// Place of the extractor among those that were asked for.
    place: usize,
    report: Report,
    panel: Panel,
    /// Why a metric that was named has no value.
    refused: Option<MetricsError>,
}

impl EvalArgs {
    fn shown_as(&self) -> Format {
        let asked = self.json.then_some(Format::Json).or(self.format);
        asked.unwrap_or(Format::Text)
    }

    /// The models, and what they are compared with.
    ///
    /// # Errors
    /// If options and sources contradict each other.
    fn named(&self) -> Result<(Vec<&OsString>, Option<&OsString>), Failure> {
        let Self { generated, reference, more, against, .. } = self;
        match against {
            None if more.is_empty() => Ok((vec![generated], reference.as_ref())),
            None => Err(Failure::usage(
                "more than two sources: name the one to compare with by --against REFERENCE",
            )),
            Some(_) if self.report.is_some() => Err(Failure::usage(
                "--report is of one model; leave it out, or name one model and its reference",
            )),
            Some(against) => {
                let models = [Some(generated), reference.as_ref()].into_iter().flatten();
                Ok((models.chain(more).collect(), Some(against)))
            }
        }
    }
}

/// Runs the command.
pub fn run(args: &EvalArgs) -> anyhow::Result<()> {
    crate::set_threads(args.extraction.threads)?;
    let requests = args.extraction.extractors()?;
    if args.report.is_some() && requests.len() > 1 {
        let reason = "--report is of the features of one extractor; leave it out, or name one";
        return Err(Failure::usage(reason).into());
    }
    let several = requests.len() > 1;
    let Sides { models, reference, held_out } = Sides::open(args)?;
    let plan = |model: &Model| choice::plan(args, &model.side, reference.as_ref());
    let plans = models.iter().map(plan).collect::<anyhow::Result<Vec<_>>>()?;
    let mut claimed = claim_report(args)?;
    let mut scorer = Scorer::new(args, requests, reference, held_out);
    let mut found = Vec::new();
    for (model, plan) in models.into_iter().zip(plans) {
        let name = model.name.clone();
        let scored = scorer.score(model, &plan)?.into_iter();
        let evaluated = scored.map(|scored| evaluate(args, scored, &mut claimed));
        found.push((name, evaluated.collect::<anyhow::Result<Vec<_>>>()?));
    }
    let refused = found.iter_mut().flat_map(|(_, own)| own).find_map(|own| own.refused.take());
    let text = shown(args, found, several)?;
    outln!("{}", text.trim_end())?;
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// What is printed of `found`: models with their evaluations, one for each extractor.
fn shown(
    args: &EvalArgs,
    found: Vec<(String, Vec<Evaluated>)>,
    several: bool,
) -> anyhow::Result<String> {
    let format = args.shown_as();
    let of_one = match found.as_slice() {
        [(_, evaluated)] if args.against.is_none() => Some(evaluated),
        _ => None,
    };
    Ok(match (format, of_one.map(Vec::as_slice)) {
        (Format::Json, Some([one])) if !several => one.report.to_json()?,
        (Format::Json, Some(all)) => {
            serde_json::to_string_pretty(&all.iter().map(|own| &own.report).collect::<Vec<_>>())?
        }
        (Format::Text, Some([one])) => one.report.to_text(&one.panel, false),
        (Format::Text, Some(all)) => {
            let texts = all.iter().map(|own| own.report.to_text(&own.panel, true));
            texts.collect::<Vec<_>>().join("\n")
        }
        (format, _) => Comparison::of(found).shown(format)?,
    })
}

/// Computes the metrics of a model that has been scored by one extractor.
fn evaluate(
    args: &EvalArgs,
    mut scored: Scored,
    claimed: &mut Option<OutputFolder>,
) -> anyhow::Result<Evaluated> {
    let mut plan = scored.plan.clone();
    let mut warnings = std::mem::take(&mut scored.warnings);
    warnings.extend(shrink(&mut plan, &scored));
    let extractor = scored.provenance.extractor_name();
    // All are about the features of FID in the place of VGG16's.
    if !extractor.is_some_and(|name| name.starts_with("vgg16/")) {
        warnings.extend(plan.departures());
    }
    let (mut values, refused) = compute(args, &plan, &scored, &mut warnings)?;
    warnings.extend(warnings_of(&plan.panel.metrics(), &scored));

    let per_class = scored.per_class()?;
    warnings.extend(per_class.iter().flat_map(|found| found.warnings.iter().cloned()));
    if let Some(found) = scored.memorization()? {
        values.insert("memorized_share".to_owned(), found.share);
        values.insert("memorization_threshold".to_owned(), found.threshold);
        warnings.extend(scored.held_out_warning(&found));
        if let Some(folder) = &args.report {
            scored.report_memorization(&found, folder)?;
            claimed.take().map_or(Ok(()), OutputFolder::complete)?;
        }
    }
    let report = Report {
        n: (scored.generated.n(), scored.reference.as_ref().and_then(Known::n)),
        has_reference: scored.reference.is_some(),
        n_held_out: scored.n_held_out(),
        sources: scored.origins(),
        provenance: scored.provenance,
        metrics: values,
        parameters: plan.panel.parameters(),
        per_class: per_class.map(|found| found.scores),
        warnings: warnings.into_texts(),
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(Evaluated { place: scored.place, report, panel: plan.panel, refused })
}

/// Takes the folder for the memorisation report, unless it holds something else.
fn claim_report(args: &EvalArgs) -> anyhow::Result<Option<OutputFolder>> {
    let Some(folder) = &args.report else { return Ok(None) };
    let named = |source: Option<&OsString>| source.map(|text| text.display().to_string());
    let made_from = serde_json::json!({
        "command": "eval --report",
        "generated": named(Some(&args.generated)),
        "reference": named(args.reference.as_ref()),
        "held_out": named(args.held_out.as_ref()),
    });
    let names = ["nearest-pairs.csv", "nearest-pairs.png"].map(str::to_owned).to_vec();
    OutputFolder::claim(folder, made_from, names, args.force).map(Some)
}

/// Lowers parameters that count images to the images at hand; one note each. Statistics have no images to count.
fn shrink(plan: &mut ScoringPlan, scored: &Scored) -> Vec<String> {
    let count = |known: &Known| known.sample().activations.map(|own| own.len() as u64);
    let reference = scored.reference.as_ref().and_then(count);
    match count(&scored.generated) {
        Some(generated) => plan.fit_to_images(generated, reference),
        None => reference.map_or_else(Vec::new, |n| plan.fit_to_images(n, None)),
    }
}

/// The values of all metrics that can be computed. One that there are too few images for is warned of; if it was named,
/// its error comes second and ends the command once the others are printed.
///
/// # Errors
/// Any other failure of a metric, or one that leaves no value at all.
fn compute(
    args: &EvalArgs,
    plan: &ScoringPlan,
    scored: &Scored,
    warnings: &mut Warnings,
) -> Result<(BTreeMap<String, f64>, Option<MetricsError>), MetricsError> {
    let evidence = Evidence {
        generated: scored.generated.sample(),
        reference: scored.reference.as_ref().map(Known::sample),
        held_out: scored.held_out(),
    };
    let (mut values, mut refused) = (BTreeMap::new(), None);
    for Outcome { metric, result } in plan.panel.outcomes(&evidence) {
        match result {
            Ok(found) => values.extend(found),
            Err(error @ MetricsError::TooFewImages { .. }) => {
                warnings.push(format!("{} is left out: {error}", metric.title()));
                if args.metrics.name(metric) || plan.panel.metrics().len() == 1 {
                    refused = refused.or(Some(error));
                }
            }
            Err(error) => return Err(error),
        }
    }
    match (values.is_empty(), refused) {
        (true, Some(error)) => Err(error),
        (_, refused) => Ok((values, refused)),
    }
}

/// What is to be said of the images and their numbers.
fn warnings_of(metrics: &[&dyn Metric], scored: &Scored) -> Vec<String> {
    let Scored { generated, reference, .. } = scored;
    let mut found = Vec::new();
    for (name, side) in [("generated", Some(generated)), ("reference", reference.as_ref())] {
        let Some(side) = side else { continue };
        found.extend(warnings::few_images(metrics, name, side.sample()));
        found.extend(match side.images() {
            Some(images) => warnings::repeated_images(metrics, name, &images.measured().inventory),
            None => warnings::repeated_features(metrics, name, side.sample()),
        });
    }
    let counts = (generated.n(), reference.as_ref().and_then(Known::n));
    found.extend(warnings::unusual_counts(metrics, counts.0, counts.1));
    found.extend(reference.as_ref().and_then(test_split));
    let images = (generated.images(), reference.as_ref().and_then(Known::images));
    if let (Some(ours), Some(theirs)) = images {
        let (ours, theirs) = (&ours.measured().inventory, &theirs.measured().inventory);
        found.extend(warnings::shared_images(ours, theirs));
        found.extend(warnings::different_sizes(ours, theirs));
    }
    found
}
