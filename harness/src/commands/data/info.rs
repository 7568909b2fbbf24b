//! `bench data info`: what a dataset is, what of it is there, and how its two splits score.

use std::ffi::OsString;
use std::path::PathBuf;

use bench_data::dataset_files::DatasetFiles;
use bench_data::datasets::statistics::{absent_classes, class_counts, pixel_statistics};
use bench_data::datasets::{self, DataError, Dataset, Found, ImageCache, LoadOptions, Split};
use bench_data::files::FileError;
use bench_metrics::panel::Changes;
use bench_metrics::{Evidence, Extractor, METRICS, Metric, Panel, Protocol};

use crate::commands::background::BackgroundArgs;
use crate::commands::load_dataset;
use crate::evaluation::{ExtractorArgs, FeatureCache, Measured, measure_split};
use crate::output::outln;

/// Arguments of `bench data info`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench data info cifar10 --data data\n  \
    bench data info cifar10 --data data --scores\n  \
    bench data info my-photos/ --size 64")]
pub struct InfoArgs {
    /// Dataset, see `bench list datasets`; or the path of a folder or .zip of images.
    name: OsString,
    /// Side of the images, in pixels; the dataset's own by default.
    #[arg(long)]
    size: Option<u32>,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    background: BackgroundArgs,
    /// Score the test split against the train split: what a perfect generator would get.
    #[arg(long)]
    scores: bool,
    /// Whose conventions to follow; `bench list protocols` says what they are.
    #[arg(long, default_value_t, requires = "scores")]
    protocol: Protocol,
    /// What scores the images.
    #[command(flatten)]
    extractor: ExtractorArgs,
    /// CPU threads.
    #[arg(long, default_value_t = crate::default_threads(), value_parser = crate::parse_threads)]
    threads: usize,
    /// Decode all images and extract all features anew and keep none.
    #[arg(long)]
    no_cache: bool,
}

/// Runs the command.
pub(super) fn run(args: &InfoArgs) -> anyhow::Result<()> {
    crate::set_threads(args.threads)?;
    let source = datasets::find(&args.name)?;
    outln!("{:<10} {}", source.name(), source.about())?;
    let classes = source.classes();
    match classes.len() {
        0 => outln!("classes    none")?,
        n => outln!("classes    {n}: {}", classes.join(", "))?,
    }
    if let Found::Known(known) = &source
        && let Some(files) = DatasetFiles::find(known.name(), &args.data)?
    {
        print_published(&files)?;
    }
    let mut extractor = match args.scores {
        true => Some(args.extractor.request(args.protocol, None)?.load(args.threads)?),
        false => None,
    };
    let (images, features) = match args.no_cache {
        true => (None, FeatureCache::none()),
        false => (ImageCache::of_user(), FeatureCache::of_user(args.threads)),
    };
    let options = LoadOptions {
        size: args.size,
        background: args.background.background,
        cache: images.as_ref(),
        ..Default::default()
    };
    let mut measured = Vec::new();
    for split in Split::ALL {
        let loaded = load_dataset(&args.name, split, &args.data, &options);
        if let Err(DataError::NotFound { .. }) = loaded {
            outln!("{:<10} not there", split.name())?;
        }
        let dataset = loaded?;
        print_split(&dataset)?;
        if let Some(extractor) = &mut extractor {
            measured.push(measure_split(&dataset, dataset.n, extractor, args.protocol, &features)?);
        }
    }
    if let (Some(extractor), [train, test]) = (extractor, measured.as_slice()) {
        print_scores(args.protocol, &extractor, test, train)?;
    }
    Ok(())
}

fn print_published(files: &DatasetFiles) -> Result<(), FileError> {
    outln!("published  {}", files.publication.page)?;
    outln!("licence    {}", files.publication.licence)?;
    for file in files.present()? {
        outln!("file       {}: {}", file.path.display(), file.standing)?;
    }
    Ok(())
}

fn print_split(dataset: &Dataset) -> Result<(), FileError> {
    let Dataset { split, n, height, width, channels, provenance, sha256, .. } = dataset;
    outln!("{:<10} {n} images of {width}x{height}x{channels} from {provenance}", split.name())?;
    outln!("           SHA-256 {sha256}")?;
    let counts = class_counts(dataset);
    match (counts.iter().min(), counts.iter().max()) {
        (Some(least), Some(most)) if least == most => outln!("           {most} a class")?,
        (Some(_), Some(_)) => {
            let each = dataset.classes.iter().zip(&counts);
            let each: Vec<String> = each.map(|(class, n)| format!("{class} {n}")).collect();
            outln!("           {}", each.join(", "))?;
        }
        _ => outln!("           no labels")?,
    }
    if let Some(warning) = absent_classes(dataset) {
        log::warn!("{warning}");
    }
    let each: Vec<String> = pixel_statistics(dataset)
        .iter()
        .map(|channel| format!("{:.4} ± {:.4}", channel.mean, channel.deviation))
        .collect();
    outln!("           mean ± deviation a channel, of 1: {}", each.join(", "))
}

fn print_scores(
    protocol: Protocol,
    extractor: &dyn Extractor,
    test: &Measured,
    train: &Measured,
) -> anyhow::Result<()> {
    let metrics: Vec<&dyn Metric> = METRICS.iter().copied().filter(|m| m.by_default()).collect();
    let (generated, reference) = (test.sample(), Some(train.sample()));
    let evidence = Evidence { generated, reference, held_out: None };
    let mut panel = Panel::new(protocol, &metrics, &Changes::new())?;
    panel.retain(|metric| extractor.class_count() > 0 || !metric.needs_logits());
    for note in panel.shrink_to(test.n().min(train.n())) {
        outln!("           {note}")?;
    }
    let values = panel.compute(&evidence)?;
    outln!(
        "scores     test ({}) against train ({}), protocol {protocol}, extractor {} ({:.12})",
        test.n(),
        train.n(),
        extractor.name(),
        extractor.sha256()
    )?;
    for (key, value) in values {
        outln!("           {key:<8} {value:.6}")?;
    }
    Ok(())
}
