//! `bench eval`: score images from any model.

mod choice;
mod report;
mod sides;

use std::path::PathBuf;

use bench_metrics::Metric;

use super::extraction::ExtractionArgs;
use crate::evaluation::{self, Known, warnings};
use crate::output::outln;
use report::Report;
use sides::{Scored, Sides};

/// Score generated images, alone or against reference images.
///
/// A source is a folder of images, a .zip of images, an .npz with images in arr_0, or a dataset
/// split such as cifar10:test or photos/:train. Either side may be an .npz of statistics as pytorch-fid and `bench
/// stats` write them: then only metrics of mean and covariance can be computed.
///
/// Features of reference and held-out images, and decoded images of datasets, are kept in the cache
/// folder ($BENCH_CACHE, else $XDG_CACHE_HOME/bench, else ~/.cache/bench) for the next time, up to
/// 20 GB or $BENCH_CACHE_MAX (such as 500MB); it may be deleted at any time.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench eval samples/ cifar10:train --data data\n  \
    bench eval samples.zip real/ --metrics fid,kid --json\n  \
    bench eval samples/ real/ --weights pt_inception-2015-12-05-6726825d.pth --metrics fid\n  \
    bench eval samples/ real.npz\n  \
    bench eval samples/ real/ --metrics fid,prdc\n  \
    bench eval samples/ --metrics is\n  \
    bench eval samples/ cifar10:train --data data --per-class\n  \
    bench eval samples/ cifar10:train --data data --held-out cifar10:test --report report")]
pub struct EvalArgs {
    /// Images of the model under evaluation.
    generated: String,
    /// Images to compare with.
    reference: Option<String>,
    /// Metrics, separated by commas; see `bench list metrics`. Default: all that can be computed
    /// but those that `bench list metrics` calls on request, which take long.
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
    /// Resamples of the images behind a 95 % confidence interval of FID (fid_ci_low, fid_ci_high).
    #[arg(long, value_name = "N", requires = "reference")]
    bootstrap: Option<usize>,
    /// Also score class by class: FID between images of the same class. Classes are a dataset
    /// split's own, folders (DIR/CLASS/IMAGE, plain or zipped), or those of StyleGAN's dataset.json.
    #[arg(long, requires = "reference")]
    per_class: bool,
    /// Images like the reference images and none of them, such as a test split: also say which
    /// share of the generated images lies nearer to a reference image than the first percentile of
    /// these do, and so is memorised.
    #[arg(long, value_name = "SOURCE", requires = "reference")]
    held_out: Option<String>,
    /// Folder for the memorisation report: nearest-pairs.csv and nearest-pairs.png.
    #[arg(long, value_name = "DIR", requires = "held_out")]
    report: Option<PathBuf>,
    /// Decode all images of datasets and extract all features anew, and keep none.
    #[arg(long)]
    no_cache: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &EvalArgs) -> anyhow::Result<()> {
    crate::set_threads(args.extraction.threads);
    let sides = Sides::open(args)?;
    let mut metrics = choice::metrics(args, &sides.generated, sides.reference.as_ref())?;
    let mut scored = sides.score(args, &mut metrics)?;
    let mut warnings = std::mem::take(&mut scored.warnings);
    let samples = (scored.generated.sample(), scored.reference.as_ref().map(Known::sample));
    let parameters = choice::parameters(args, &metrics, samples, &mut warnings);
    let mut values = evaluation::score(&metrics, samples.0, samples.1, &parameters)?;
    warnings.extend(warnings_of(&metrics, &scored));

    let per_class = scored.per_class(&parameters)?;
    warnings.extend(per_class.iter().flat_map(|found| found.warnings.iter().cloned()));
    if let Some(found) = scored.memorization()? {
        values.insert("memorized_share".to_owned(), found.share);
        values.insert("memorization_threshold".to_owned(), found.threshold);
        warnings.extend(scored.held_out_warning(&found));
        if let Some(folder) = &args.report {
            scored.report_memorization(&found, folder)?;
        }
    }
    let report = Report {
        n: (scored.generated.n(), scored.reference.as_ref().and_then(Known::n)),
        has_reference: scored.reference.is_some(),
        n_held_out: scored.n_held_out(),
        provenance: scored.provenance,
        metrics: values,
        per_class: per_class.map(|found| found.scores),
        warnings,
        version: env!("CARGO_PKG_VERSION"),
    };
    for warning in &report.warnings {
        eprintln!("bench: warning: {warning}");
    }
    let text = if args.json { report.to_json()? } else { report.to_text(&metrics) };
    outln!("{}", text.trim_end())?;
    Ok(())
}

/// What is to be said of the images and their numbers.
fn warnings_of(metrics: &[&dyn Metric], scored: &Scored) -> Vec<String> {
    let Scored { generated, reference, .. } = scored;
    let mut found = Vec::new();
    for (name, side) in [("generated", Some(generated)), ("reference", reference.as_ref())] {
        let Some(side) = side else { continue };
        found.extend(warnings::few_images(metrics, name, side.sample()));
        let inventory = side.images().map(|images| &images.measured().inventory);
        found.extend(inventory.and_then(|images| warnings::repeated_images(name, images)));
    }
    let counts = (generated.n(), reference.as_ref().and_then(Known::n));
    found.extend(warnings::unusual_counts(metrics, counts.0, counts.1));
    let images = (generated.images(), reference.as_ref().and_then(Known::images));
    if let (Some(ours), Some(theirs)) = images {
        let (ours, theirs) = (&ours.measured().inventory, &theirs.measured().inventory);
        found.extend(warnings::shared_images(ours, theirs));
        found.extend(warnings::different_sizes(ours, theirs));
    }
    found
}
