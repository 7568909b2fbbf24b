//! `bench data …`: look at datasets and write their images out.

use std::path::PathBuf;

use anyhow::Context;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use crate::datasets::{self, DataError, Dataset, LoadOptions, Split};
use crate::files;
use crate::output::outln;
use crate::progress::Progress;

/// What to do with a dataset.
#[derive(Debug, clap::Subcommand)]
pub enum DataCommand {
    /// Say what a dataset is and what of it is there.
    Info(InfoArgs),
    /// Write images of a dataset as PNG files.
    Export(ExportArgs),
}

/// Arguments of `bench data info`.
#[derive(Debug, clap::Args)]
pub struct InfoArgs {
    /// Dataset; see `bench list datasets`.
    name: String,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Arguments of `bench data export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bench data export shapes shapes-png --n 200 --seed 1")]
pub struct ExportArgs {
    /// Dataset; see `bench list datasets`.
    name: String,
    /// Folder for the PNG files.
    out: PathBuf,
    /// Split: train or test.
    #[arg(long, default_value = "test")]
    split: Split,
    /// Number of images; all of the split by default.
    #[arg(long)]
    n: Option<usize>,
    /// Seed of datasets that are drawn.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Side of the images, in pixels; the dataset's own by default.
    #[arg(long)]
    size: Option<u32>,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Runs the command.
pub fn run(command: &DataCommand) -> anyhow::Result<()> {
    match command {
        DataCommand::Info(args) => info(args),
        DataCommand::Export(args) => export(args),
    }
}

fn info(args: &InfoArgs) -> anyhow::Result<()> {
    let source = datasets::find(&args.name)?;
    outln!("{:<10} {}", source.name(), source.about())?;
    outln!("classes    {}", source.classes().join(", "))?;
    for split in Split::ALL {
        match super::load_dataset(&args.name, split, &args.data, &LoadOptions::default()) {
            Ok(Dataset { n, provenance, sha256, .. }) => {
                outln!("{split:<10} {n} images from {provenance}, SHA-256 {sha256}")?;
            }
            Err(error @ DataError::NotFound { .. }) => {
                outln!("{split:<10} not there")?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let options =
        LoadOptions { size: args.size, seed: args.seed, limit: args.n, ..Default::default() };
    let dataset = super::load_dataset(&args.name, args.split, &args.data, &options)?;
    let mut progress = Progress::new(format!("writing {}", args.out.display()), dataset.n as u64);
    for i in 0..dataset.n {
        let path = args.out.join(file_name(&dataset, i));
        let png =
            png(&dataset, i).with_context(|| format!("failed to encode {}", path.display()))?;
        files::write_atomically(&path, &png)?;
        progress.set(i as u64 + 1, "");
    }
    progress.finish(format!("{} images", dataset.n));
    outln!("{}", args.out.display())?;
    Ok(())
}

/// `00042-circle.png`: sorted by index, the class for people.
fn file_name(dataset: &Dataset, i: usize) -> String {
    let class = dataset
        .labels
        .as_ref()
        .and_then(|labels| dataset.classes.get(labels[i] as usize))
        .map_or(String::new(), |class| format!("-{}", class.replace(['/', ' '], "_")));
    format!("{i:05}{class}.png")
}

fn png(dataset: &Dataset, i: usize) -> anyhow::Result<Vec<u8>> {
    let pixels = dataset.image(i).context("no such image")?;
    let color = if dataset.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(
        pixels,
        dataset.width as u32,
        dataset.height as u32,
        color,
    )?;
    Ok(bytes)
}
