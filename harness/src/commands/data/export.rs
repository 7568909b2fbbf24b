//! `bench data export`: the images of a dataset as PNG files, for other programs.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Context;
use bench_data::datasets::{self, Dataset, ImageCache, LoadOptions, Split};
use bench_data::files::png;
use bench_metrics::RandomState;
use rayon::prelude::*;

use crate::claim::{ForceArgs, OutputFolder};
use crate::commands::background::BackgroundArgs;
use crate::commands::load_dataset;
use crate::exit::Failure;
use crate::output::outln;
use crate::progress::Progress;

/// Images written between two reports of progress.
const CHUNK: usize = 256;

/// Arguments of `bench data export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Files are called by the image's number in the split and its class, so they sort in the order of \
    the split.\n\nExamples:\n  \
    bench data export cifar10:test cifar10-test --data data\n  \
    bench data export cifar10:train some --data data --limit 1000 --seed 3\n  \
    bench data export shapes shapes-png --limit 200 --seed 1\n  \
    bench data export photos.zip:train photos-64 --size 64"
)]
pub struct ExportArgs {
    /// Dataset and split, such as cifar10:train, or the path of images of your own, such as photos/:train;
    /// without a split, the test split. See `bench list datasets`.
    source: OsString,
    /// Folder for the PNG files.
    out: PathBuf,
    /// At most so many images: with --seed drawn at random, else spread evenly over the classes.
    #[arg(long, visible_alias = "n")]
    limit: Option<usize>,
    /// Seed of the draw of images; of a dataset that the program draws, the seed of the images
    /// themselves.
    #[arg(long)]
    seed: Option<u32>,
    /// Side of the images, in pixels; the dataset's own by default.
    #[arg(long)]
    size: Option<u32>,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    background: BackgroundArgs,
    #[command(flatten)]
    force: ForceArgs,
}

/// Runs the command.
pub(super) fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let (name, split) = datasets::name_and_split(&args.source)?;
    let split = split.unwrap_or(Split::Test);
    let needs_files = datasets::find(name)?.needs_files();
    // A random choice is made among all images.
    let drawn = args.seed.filter(|_| needs_files && args.limit.is_some());
    let cache = ImageCache::of_user();
    let options = LoadOptions {
        cache: cache.as_ref(),
        size: args.size,
        background: args.background.background,
        seed: args.seed.unwrap_or_default().into(),
        limit: args.limit.filter(|_| drawn.is_none()),
        ..Default::default()
    };
    let dataset = load_dataset(name, split, &args.data, &options)?;
    let chosen = match (drawn, args.limit) {
        (Some(seed), Some(limit)) => draw(seed, limit, dataset.n)?,
        _ => (0..dataset.n).collect(),
    };
    let made_from = serde_json::json!({
        "command": "data export",
        "dataset": dataset.name,
        "split": dataset.split.name(),
        "sha256": dataset.sha256,
    });
    let names = chosen.iter().map(|&index| file_name(&dataset, index)).collect();
    let folder = OutputFolder::claim(&args.out, made_from, names, args.force)?;
    let mut progress =
        Progress::new(format!("writing {}", args.out.display()), chosen.len() as u64);
    let mut done = 0;
    for chunk in chosen.chunks(CHUNK) {
        chunk.par_iter().try_for_each(|&index| write(args, &dataset, index))?;
        done += chunk.len() as u64;
        progress.set(done, "");
    }
    folder.complete()?;
    progress.finish(format!("{done} images"));
    outln!("{}", args.out.display())?;
    Ok(())
}

/// `limit` of `n` image numbers, in order.
fn draw(seed: u32, limit: usize, n: usize) -> Result<Vec<usize>, Failure> {
    if limit == 0 {
        return Err(Failure::usage("--limit 0 leaves no image"));
    }
    let mut chosen = RandomState::new(seed).choice(n, limit.min(n));
    chosen.sort_unstable();
    Ok(chosen)
}

fn write(args: &ExportArgs, dataset: &Dataset, index: usize) -> anyhow::Result<()> {
    let path = args.out.join(file_name(dataset, index));
    let pixels = dataset.image(index).context("no such image")?;
    Ok(png::write(&path, pixels, dataset.width, dataset.height)?)
}

/// `00042-circle.png`: sorted by index, the class for people.
fn file_name(dataset: &Dataset, index: usize) -> String {
    let class = dataset
        .labels
        .as_ref()
        .and_then(|labels| dataset.classes.get(labels[index] as usize))
        .map_or(String::new(), |class| format!("-{}", class.replace(['/', '\\', ' '], "_")));
    format!("{index:05}{class}.png")
}
