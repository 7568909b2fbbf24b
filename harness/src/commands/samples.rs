//! `bench samples`: images from the generator of a run.

mod picture;

use std::path::{Path, PathBuf};

use bench_data::datasets;
use bench_data::files::{self, png};
use bench_models::{Sampler, TrainedGenerator};
use bench_reports::Status;
use bench_reports::grid::sample_grid;
use rayon::prelude::*;

use crate::claim::{self, ForceArgs, OutputFolder};
use crate::device::{self, DeviceArgs, Work};
use crate::exit::Failure;
use crate::output::outln;
use crate::progress::Progress;
use crate::training::config::RunConfig;
use crate::training::folder::RunFolder;

/// Name of the file that tells the classes of the images, in the form of StyleGAN's datasets.
const LABELS: &str = "dataset.json";

/// Most images of a grid, and how many of them stand side by side.
const GRID: (u64, usize) = (100, 10);

/// Images where no number is asked for.
const N: u64 = 50;

/// Draw images from the generator of a run.
///
/// The run is named by its folder and may be stopped, or still going on: its last checkpoint counts, or with
/// `--step best` that of its best evaluation. The generator is
/// the one that the run is scored by, averaged if the recipe says so. Files are called 000000.png and so on. Those of a
/// variant with labels show the classes in their shares of the training images; dataset.json says which shows which, as
/// in StyleGAN's datasets: [file, class] for every image. With `--picture` one PNG is written that shows images side by side,
/// and beside it a JSON file that says what is where. The same run, seed and options give the same bytes; fewer images are the first of more.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench samples results/single/dcgan-s0-1a2b3c4d --n 50 --out samples\n  \
    bench samples results/single/dcgan-s0-1a2b3c4d --step best --out best\n  \
    bench samples results/sngan/sngan-proj-s0-1a2b3c4d --n 10000 --truncation 0.85 --out truncated\n  \
    bench samples results/sngan/cdcgan-s0-1a2b3c4d --n 100 --class cat --seed 7 --grid cats.png --out cats\n  \
    bench samples results/sngan/cdcgan-s0-1a2b3c4d --picture classes --n 20 --out classes.png\n  \
    bench samples results/sngan/cdcgan-s0-1a2b3c4d --picture nearest --data data --out nearest.png")]
pub struct SamplesArgs {
    /// Folder of the run.
    run: PathBuf,
    /// Which checkpoint: last, or best, by the measure that the run's record names first.
    #[arg(long, value_enum, default_value_t)]
    step: Step,
    /// Number of images; 50 unless given. A picture has a number of its own.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    n: Option<u64>,
    /// Folder for the images: new, empty, or of the same samples. Of a picture, its PNG file.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Draw this picture instead, such as classes, interpolations or nearest; see `bench list pictures`.
    #[arg(long, value_name = "NAME", conflicts_with = "grid")]
    picture: Option<String>,
    /// Draw latents from N(0, 1) cut to [-2, 2], times this threshold in (0, 2]: lower is less varied.
    #[arg(long, value_name = "THRESHOLD", value_parser = threshold)]
    truncation: Option<f64>,
    /// Seed of the latents; by default the run's own, which gives the images that it was scored by.
    #[arg(long)]
    seed: Option<u64>,
    /// Draw this class only, by its name or its number from 0.
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// Also write the first 100 images, ten in a row, to one PNG file.
    #[arg(long, value_name = "FILE.png")]
    grid: Option<PathBuf>,
    #[command(flatten)]
    beside: picture::BesideArgs,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// CPU threads.
    #[arg(long, default_value_t = crate::default_threads(), value_parser = crate::parse_threads)]
    threads: usize,
}

/// Which checkpoint of a run.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Step {
    /// The last one.
    #[default]
    Last,
    /// The one with the best score.
    Best,
}

fn threshold(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    use crate::pictures::MAX_TRUNCATION;
    if value > 0.0 && value <= MAX_TRUNCATION {
        return Ok(value);
    }
    Err(format!("{value} is not above 0 and at most {MAX_TRUNCATION}"))
}

/// Runs the command.
pub fn run(args: &SamplesArgs) -> anyhow::Result<()> {
    crate::set_threads(args.threads)?;
    let folder = RunFolder::at(&args.run);
    let config = RunConfig::read(&folder.config())?;
    let checkpoint = match args.step {
        Step::Last => folder.checkpoint(),
        Step::Best => folder.best(),
    };
    if !checkpoint.is_file() {
        let path = checkpoint.display();
        let record = folder.record_if_any().ok().flatten();
        let reason = match record.is_some_and(|record| record.status == Status::Diverged) {
            true => format!(
                "no checkpoint at {path}: the run diverged; take its best one, if there is one, by --step best"
            ),
            false => format!(
                "no checkpoint yet at {path}; let the run go on until its first evaluation after step 0"
            ),
        };
        return Err(Failure::input(reason).into());
    }
    let variant = config.variant()?;
    if args.class.is_some() && !variant.conditional {
        let reason = format!("--class: {} is trained without labels", variant.name);
        return Err(Failure::usage(reason).into());
    }
    let trained = TrainedGenerator::load(
        variant,
        config.recipe.clone(),
        &checkpoint,
        device::of_libtorch(device::select(args.device.device, Work::Training)?),
    )?;
    let class =
        args.class.as_ref().map(|class| class_number(class, &config.dataset)).transpose()?;
    if let Some(name) = &args.picture {
        return picture::write(args, name, (&folder, &config), (&trained, class));
    }
    let n = args.n.unwrap_or(N);
    let mut sampler = trained.sampler(args.seed.unwrap_or(config.seed));
    if let Some(threshold) = args.truncation {
        sampler = sampler.truncated(threshold)?;
    }
    if let Some(class) = class {
        sampler = sampler.of_class(class)?;
    }
    let folder = claim_outputs(args, n, &config, trained.step())?;
    let label = format!("samples of {} after {} steps", config.variant, trained.step());
    write_images(args, n, &sampler, label)?;
    if variant.conditional {
        let labels: Vec<_> = (0..n).map(|i| (file_name(i), sampler.label(i))).collect();
        let json = serde_json::json!({ "labels": labels }).to_string();
        files::write_atomically(&args.out.join(LABELS), json.as_bytes())?;
    }
    folder.complete()?;
    outln!("{}", args.out.display())?;
    Ok(())
}

/// The number of the class that is called `text`, or has it for its number.
fn class_number(text: &str, dataset: &str) -> Result<u32, Failure> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let found = datasets::find(dataset).ok();
    let classes = found.as_ref().map(|source| source.classes()).unwrap_or_default();
    let number = (0..).zip(classes.iter()).find(|(_, class)| **class == text);
    number.map(|(number, _)| number).ok_or_else(|| {
        Failure::usage(format!(
            "--class: `{text}` is no class of {dataset}; give a number from 0{}{}",
            if classes.is_empty() { "" } else { ", or one of " },
            classes.join(", ")
        ))
    })
}

/// Takes the places to write to, unless they hold something else.
fn claim_outputs(
    args: &SamplesArgs,
    n: u64,
    config: &RunConfig,
    step: u64,
) -> anyhow::Result<OutputFolder> {
    if let Some(grid) = &args.grid {
        files::check_writable(grid)?;
        // A grid of the same images lies beside a folder of them.
        claim::check_file(grid, args.out.join(files::NOTE_FILE).exists(), args.force)?;
    }
    let made_from = serde_json::json!({
        "command": "samples",
        "experiment": config.experiment()?,
        "run_seed": config.seed,
        "step": step,
        "seed": args.seed,
        "truncation": args.truncation,
        "class": args.class,
    });
    let names = (0..n).map(file_name).collect();
    OutputFolder::claim(&args.out, made_from, names, args.force)
}

fn write_images(
    args: &SamplesArgs,
    n: u64,
    sampler: &Sampler,
    label: String,
) -> anyhow::Result<()> {
    let shape = sampler.shape();
    let mut progress = Progress::of_images(label, n);
    let (most, columns) = GRID;
    let shown = n.min(most) as usize;
    let mut for_grid = Vec::new();
    let mut done = 0;
    sampler.sample(n, |pixels| -> anyhow::Result<()> {
        let missing = shown * shape.len() - for_grid.len();
        for_grid.extend_from_slice(&pixels[..missing.min(pixels.len())]);
        pixels.par_chunks(shape.len()).enumerate().try_for_each(|(offset, image)| {
            let path = args.out.join(file_name(done + offset as u64));
            png::write(&path, image, shape.width, shape.height)
        })?;
        done += (pixels.len() / shape.len()) as u64;
        progress.set(done, "");
        Ok(())
    })?;
    if let Some(path) = &args.grid {
        write_grid(path, &for_grid, shown, columns, sampler)?;
    }
    progress.finish(format!("{done} images"));
    Ok(())
}

fn write_grid(
    path: &Path,
    pixels: &[u8],
    n: usize,
    columns: usize,
    sampler: &Sampler,
) -> anyhow::Result<()> {
    let shape = sampler.shape();
    let grid = sample_grid(pixels, n, shape.height, shape.width, shape.channels, columns)?;
    Ok(files::write_atomically(path, &grid)?)
}

fn file_name(index: u64) -> String {
    format!("{index:06}.png")
}
