//! `bench data fetch`: the published files of datasets.

use std::path::PathBuf;

use bench_data::dataset_files::{DatasetFiles, FetchOptions, PlacedFile, left_on_disk};
use bench_data::datasets::published::Publication;

use crate::commands::patience::PatienceArgs;
use crate::console;
use crate::exit::Failure;
use crate::output::outln;
use crate::progress::Progress;

/// Download the published files of datasets, or copy in those that are at hand.
///
/// Files that are there are checked and stay. Sizes and checksums are those that the publishers state; nothing is
/// unpacked, since archives are read as they are. A download that broke off goes on where it did when the command is
/// given again. `HTTPS_PROXY` names a proxy.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench data fetch mnist cifar10\n  \
    bench data fetch flowers102 --data /scratch/data --url https://mirror.example/flowers/\n  \
    bench data fetch cifar10 --from ~/Downloads/cifar-10-binary.tar.gz")]
pub struct FetchArgs {
    /// Datasets; see `bench list datasets`.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// File of the dataset that is at hand, known by its checksums: it is copied, and nothing is downloaded. May be given
    /// several times.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["urls", "stall", "retries"])]
    from: Vec<PathBuf>,
    /// Take files that are not the published ones, by their names; the data folder says so from then on, and no number
    /// on them is comparable with published ones.
    #[arg(long, requires = "from")]
    accept_unknown: bool,
    /// Folder of a mirror, or the file itself, to be tried before the publisher's server; several are tried in order.
    #[arg(long = "url", value_name = "URL")]
    urls: Vec<String>,
    /// How long to wait and how often to try.
    #[command(flatten)]
    patience: PatienceArgs,
}

/// Runs the command.
pub(super) fn run(args: &FetchArgs) -> anyhow::Result<()> {
    if args.names.len() > 1 && !(args.from.is_empty() && args.urls.is_empty()) {
        return Err(Failure::usage("--from and --url are of one dataset; name only one").into());
    }
    // Every name is checked before the first download starts.
    let found: Result<Vec<_>, _> =
        args.names.iter().map(|name| DatasetFiles::find(name, &args.data)).collect();
    for (name, files) in args.names.iter().zip(found?) {
        match files {
            None => console::line(&format!("{name} needs no files")),
            Some(files) if args.from.is_empty() => fetch(args, &files)?,
            Some(files) => import(args, &files)?,
        }
    }
    Ok(())
}

fn fetch(args: &FetchArgs, files: &DatasetFiles) -> anyhow::Result<()> {
    let options = FetchOptions {
        mirrors: &args.urls,
        patience: args.patience.patience(),
        free_space: left_on_disk,
        progress: Progress::of_download,
    };
    for placed in files.fetch(&options)? {
        say(&placed, "fetched")?;
    }
    let Publication { licence, page, .. } = files.publication;
    console::line(&format!("{}: licence: {licence} ({page})", files.name));
    Ok(())
}

fn import(args: &FetchArgs, files: &DatasetFiles) -> anyhow::Result<()> {
    for source in &args.from {
        say(&files.import(source, args.accept_unknown, left_on_disk)?, "copied")?;
    }
    let missing: Vec<&str> = files.missing().iter().map(|file| file.name).collect();
    if !missing.is_empty() {
        log::info!("still missing of {}: {}", files.name, missing.join(", "));
    }
    Ok(())
}

fn say(placed: &PlacedFile, arrived: &str) -> anyhow::Result<()> {
    let how = if placed.kept { "was there" } else { arrived };
    outln!("{}  {how}, {}", placed.path.display(), placed.standing)?;
    Ok(())
}
