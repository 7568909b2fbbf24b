//! `bench extractor validate`: does the distance rise with every disturbance?

use std::fmt::Write as _;
use std::path::PathBuf;

use bench_data::datasets::{Dataset, ImageCache, LoadOptions, Split};
use bench_data::files;
use bench_metrics::metrics::fid::{Fid, frechet_distance};
use bench_metrics::{
    Computation, Extractor, GaussianStatistics, ImageBatch, Metric as _, OnnxExtractor,
};
use bench_reports::figures::{DisturbanceCurve, disturbance_curves};
use rayon::prelude::*;

use crate::commands::load_dataset;
use crate::console;
use crate::device::{self, DeviceArgs, Work};
use crate::disturbances::{DISTURBANCES, Disturbance};
use crate::evaluation::{ConvolutionArgs, ExtractorChoice, Measurement};
use crate::exit::Failure;
use crate::output::outln;
use crate::progress::Progress;

/// Images disturbed and handed to the extractor at a time.
const BATCH: usize = 500;

/// Check that the Fréchet distance of an extractor's features behaves like a metric.
///
/// Test images are disturbed in five ways at five levels each (Heusel et al. 2017, Figure 3); the
/// distance to the train split must rise strictly with every level. It is FID for InceptionV3.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  bench extractor validate --dataset cifar10 --data data --out validation"
)]
pub struct ValidateArgs {
    /// embedded, inception, or an ONNX file that describes itself.
    #[arg(default_value = "embedded")]
    extractor: ExtractorChoice,
    /// Dataset whose images are disturbed.
    #[arg(long, default_value = "cifar10")]
    dataset: String,
    /// Folder that holds the dataset's files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// At most so many images of either split.
    #[arg(long)]
    n: Option<usize>,
    /// Folder for the table (disturbances.md), its values (.csv) and the figure (.png).
    #[arg(long, default_value = "validation")]
    out: PathBuf,
    #[command(flatten)]
    convolutions: ConvolutionArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// CPU threads.
    #[arg(long, default_value_t = crate::default_threads(), value_parser = crate::parse_threads)]
    threads: usize,
}

/// Runs the command.
pub fn run(args: &ValidateArgs) -> anyhow::Result<()> {
    crate::set_threads(args.threads)?;
    let ValidateArgs { threads, convolutions: ConvolutionArgs { convolutions }, .. } = *args;
    let device = device::select(args.device.device.for_convolutions(convolutions), Work::Scoring)?;
    let computation = Computation { threads, convolutions, device, ..Computation::default() };
    let mut extractor = args.extractor.load(computation)?;
    let cache = ImageCache::of_user();
    let load = |split| {
        let options = LoadOptions { limit: args.n, cache: cache.as_ref(), ..Default::default() };
        load_dataset(&args.dataset, split, &args.data, &options)
    };
    let train = load(Split::Train)?;
    let reference = measure(&train, None, &mut extractor)?;
    let test = load(Split::Test)?;
    let clean = frechet_distance(&measure(&test, None, &mut extractor)?, &reference)?;

    let mut curves = Vec::new();
    for disturbance in &DISTURBANCES {
        let mut distances = vec![clean];
        for &level in &disturbance.levels {
            let disturbed = measure(&test, Some((disturbance, level)), &mut extractor)?;
            distances.push(frechet_distance(&disturbed, &reference)?);
        }
        let levels = std::iter::once(0.0).chain(disturbance.levels).map(|l| l.to_string());
        curves.push(DisturbanceCurve {
            name: disturbance.name.to_owned(),
            levels: levels.collect(),
            distances,
        });
    }

    let title = Fid.measures()[0].title_below(extractor.name());
    let subtitle = format!(
        "{title} ({}) of {} disturbed test images against {} train images of {}",
        extractor.name(),
        test.n,
        train.n,
        args.dataset
    );
    let table = table(&curves, &title, &subtitle);
    files::write_atomically(&args.out.join("disturbances.md"), table.as_bytes())?;
    files::write_atomically(&args.out.join("disturbances.csv"), csv(&curves).as_bytes())?;
    files::write_atomically(
        &args.out.join("disturbances.png"),
        &disturbance_curves(&curves, &title, &subtitle)?,
    )?;
    outln!("{table}")?;
    console::line(&format!("table, values and figure in {}", args.out.display()));
    let falling: Vec<&str> = curves
        .iter()
        .filter(|curve| !curve.distances.is_sorted_by(|a, b| a < b))
        .map(|curve| curve.name.as_str())
        .collect();
    if falling.is_empty() {
        return Ok(());
    }
    Err(Failure::run(format!("{title} does not rise strictly with {}", falling.join(", "))).into())
}

fn measure(
    dataset: &Dataset,
    disturbance: Option<(&Disturbance, f64)>,
    extractor: &mut OnnxExtractor,
) -> anyhow::Result<GaussianStatistics> {
    let shape = (dataset.height, dataset.width, dataset.channels);
    let label = match disturbance {
        Some((disturbance, level)) => format!("{} {level}", disturbance.name),
        None => format!("{} split", dataset.split),
    };
    let mut progress = Progress::new(label, dataset.n as u64);
    let mut measurement = Measurement::new(extractor);
    let indices: Vec<usize> = (0..dataset.n).collect();
    for chunk in indices.chunks(BATCH) {
        let pixels: Vec<u8> = chunk
            .par_iter()
            .map(|&i| {
                let image = dataset.image(i).unwrap_or_default();
                match disturbance {
                    Some((disturbance, level)) => {
                        disturbance.disturb(image, shape, level, i as u64)
                    }
                    None => image.to_vec(),
                }
            })
            .flatten()
            .collect();
        measurement.push(&ImageBatch::new(&pixels, chunk.len(), shape.0, shape.1, shape.2)?)?;
        progress.set(chunk.last().map_or(0, |&i| i as u64 + 1), "");
    }
    progress.finish("done");
    Ok(measurement.finish()?.gaussian)
}

fn table(curves: &[DisturbanceCurve], title: &str, heading: &str) -> String {
    let mut text =
        format!("{heading}\n\n| disturbance | level | {title} |\n| --- | ---: | ---: |\n");
    for curve in curves {
        for (level, distance) in curve.levels.iter().zip(&curve.distances) {
            let _ = writeln!(text, "| {} | {level} | {distance:.3} |", curve.name);
        }
    }
    text.push('\n');
    for disturbance in &DISTURBANCES {
        let _ = writeln!(text, "- {}: {}", disturbance.name, disturbance.level_meaning);
    }
    text
}

/// Every value at full precision, below the metric's key.
fn csv(curves: &[DisturbanceCurve]) -> String {
    let mut text = "disturbance,level,fid\n".to_owned();
    for curve in curves {
        for (level, distance) in curve.levels.iter().zip(&curve.distances) {
            let _ = writeln!(text, "{},{level},{distance}", curve.name);
        }
    }
    text
}
