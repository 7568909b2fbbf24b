//! `bench samples --picture`: one PNG of images side by side, and a note of what is where.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_data::datasets::ImageCache;
use bench_data::files;
use bench_models::TrainedGenerator;
use bench_reports::figures;
use bench_reports::picture::{AskedPicture, Picture as Drawn};
use bench_reports::published::Reports;

use super::{SamplesArgs, Step};
use crate::claim;
use crate::commands::background::BackgroundArgs;
use crate::device::{self, Work};
use crate::evaluation::{ExtractorArgs, FeatureCache};
use crate::exit::Failure;
use crate::output::outln;
use crate::pictures::{self, Needs, Subject};
use crate::training::config::RunConfig;
use crate::training::error::{ConfigError, RunError};
use crate::training::extractors::Extractors;
use crate::training::folder::RunFolder;
use crate::training::queue::Queue;
use crate::training::reference::{DataFolder, Reference};
use crate::training::runner::Workbench;

/// What some pictures need beside the run.
#[derive(Debug, clap::Args)]
pub(super) struct BesideArgs {
    /// Folder that holds the datasets' files, for pictures with training images.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    background: BackgroundArgs,
    /// What tells images apart, for pictures by distance or score: the run's own.
    #[command(flatten)]
    extractor: ExtractorArgs,
}

/// Draws the picture called `name` of a run, by the generator of one of its checkpoints, of `class` alone if that is given.
pub(super) fn write(
    args: &SamplesArgs,
    name: &str,
    (folder, config): (&RunFolder, &RunConfig),
    (trained, class): (&TrainedGenerator, Option<u32>),
) -> anyhow::Result<()> {
    let picture = pictures::find(name)?;
    let asked = AskedPicture { name: name.to_owned(), n: args.n, truncation: args.truncation };
    pictures::check(&asked)?;
    if args.out.extension().is_none_or(|extension| extension != "png") {
        let reason = format!("--out: {} is no PNG file, as a picture is", args.out.display());
        return Err(Failure::usage(reason).into());
    }
    files::check_writable(&args.out)?;
    claim::check_file(&args.out, false, args.force)?;
    let mut subject = Subject {
        config,
        trained: Some(trained),
        checkpoint: match args.step {
            Step::Last => Reports::Last,
            Step::Best => Reports::Best,
        },
        seed: args.seed.unwrap_or(config.seed),
        class,
        reference: None,
        lab: None,
    };
    if let Some(reason) = picture.refusal(&subject, &asked) {
        return Err(Failure::usage(format!("--picture {name}: {reason}")).into());
    }
    let drawn = match picture.needs() {
        Needs::Generator => picture.draw(&mut subject, &asked)?,
        Needs::TrainingImages => {
            let reference = training_images(args, folder, config)?;
            subject.reference = Some(&reference);
            match picture.refusal(&subject, &asked) {
                Some(reason) => {
                    return Err(Failure::usage(format!("--picture {name}: {reason}")).into());
                }
                None => picture.draw(&mut subject, &asked)?,
            }
        }
        Needs::Extractor => queue(args)?.draw(subject, folder, picture, &asked)?,
    };
    let missing = || Failure::usage(format!("--picture {name}: the generator has none"));
    write_files(&args.out, config, &drawn.ok_or_else(missing)?)?;
    outln!("{}", args.out.display())?;
    Ok(())
}

/// What the run was trained on.
fn training_images(
    args: &SamplesArgs,
    folder: &RunFolder,
    config: &RunConfig,
) -> Result<Reference, RunError> {
    let reference = Reference::load(&config.dataset, config.image_size, &data(args))?;
    if reference.dataset.sha256 != config.inputs.dataset_sha256 {
        let reason = "the dataset at hand is not that of the run";
        return Err(ConfigError::unusable(&folder.config(), reason, "name it by --data").into());
    }
    Ok(reference)
}

/// What computes features and scores.
fn queue(args: &SamplesArgs) -> anyhow::Result<Queue> {
    let extractor = &args.beside.extractor;
    let asked = args.device.device.for_convolutions(extractor.convolutions());
    let device = device::select(asked, Work::Scoring)?;
    let request = extractor.request(Default::default(), None)?.on(device);
    let bench = Workbench {
        device: device::of_libtorch(device),
        device_name: device.to_string(),
        fast: false,
        threads: args.threads,
        extractors: Extractors::load(&request, args.threads)?,
        // It trains nothing.
        checkpoint_every: Duration::MAX,
    };
    Ok(Queue::new(bench, data(args), FeatureCache::of_user(args.threads), Path::new("")))
}

fn data(args: &SamplesArgs) -> DataFolder {
    DataFolder {
        path: args.beside.data.clone(),
        cache: ImageCache::of_user(),
        background: args.beside.background.background,
    }
}

/// Writes the picture under its title, and its note beside it.
fn write_files(out: &Path, config: &RunConfig, drawn: &Drawn) -> anyhow::Result<()> {
    let png = figures::picture(drawn, &pictures::provenance(config, &drawn.note))?;
    files::write_atomically(out, &png)?;
    let note = out.with_extension("json");
    Ok(files::write_atomically(&note, &drawn.note.to_json(&note)?)?)
}
