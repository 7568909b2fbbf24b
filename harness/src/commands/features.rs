//! `bench features`: features of images, to be scored later and again.

use std::ffi::OsString;
use std::io::Cursor;
use std::path::PathBuf;

use bench_data::datasets::ImageCache;
use bench_data::files::{self, FileError};
use bench_data::source::{Source, is_npz};
use bench_metrics::{Extractor, ExtractorIdentity, StatisticsFile};

use super::extraction::{ExtractionArgs, skipped_warning};
use super::stats;
use crate::claim::{self, ForceArgs};
use crate::evaluation::{self, Measured};
use crate::exit::Failure;
use crate::output::outln;
use crate::warnings::Warnings;

/// Write the features of images to an .npz file, which `bench eval` takes in the place of the images.
///
/// The file is one of statistics as `bench stats` writes it, with mu and sigma, and holds besides features and logits
/// of every image, float32: every metric can be computed from it, and nothing is extracted again. What needs the images
/// themselves, such as --per-class and --held-out, does not take it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench features samples/ samples.npz\n  \
    bench features cifar10:train cifar10-dinov2.npz --data data --extractor dinov2-vit-l-14\n  \
    bench eval samples.npz real.npz --metrics all")]
pub struct FeaturesArgs {
    /// Images: a folder, a .zip, an .npz with arr_0, or a dataset split such as cifar10:train.
    source: OsString,
    /// File to write, called *.npz.
    out: PathBuf,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    extraction: ExtractionArgs,
}

/// Runs the command.
pub fn run(args: &FeaturesArgs) -> anyhow::Result<()> {
    let FeaturesArgs { source, out, force, extraction } = args;
    crate::set_threads(extraction.threads)?;
    if !is_npz(out) {
        let reason = format!("{}: features are written to a file called *.npz", out.display());
        return Err(Failure::usage(reason).into());
    }
    // Both places are tried before the work starts, so that a wrong path fails at once.
    let cache = ImageCache::of_user();
    let source = Source::open(source, &extraction.source_options(cache.as_ref(), false))?;
    files::check_writable(out)?;
    let mut extractor = extraction.extractor().load(extraction.threads)?;
    let origin = evaluation::look_at(&source, extraction.bad_images())?;
    claim::check_file(out, stats::is_of(out, &origin, &extractor, extraction.protocol), *force)?;
    let mut warnings = Warnings::default();
    warnings.extend(origin.notes.iter().cloned());
    let (measured, skipped) = evaluation::measure(&source, &mut extractor, extraction.reading())?;
    warnings.extend(skipped_warning(&skipped));
    let Measured { activations, gaussian, spatial, .. } = measured;
    let file = StatisticsFile {
        gaussian,
        spatial,
        activations: Some(activations),
        extractor: Some(ExtractorIdentity {
            name: extractor.name().to_owned(),
            sha256: extractor.sha256().to_owned(),
        }),
        protocol: Some(extraction.protocol.name().to_owned()),
        convolutions: Some(extractor.convolutions().name().to_owned()),
        about: stats::about(&origin, skipped.len()),
    };
    let mut bytes = Cursor::new(Vec::new());
    file.write(&mut bytes).map_err(|error| FileError::io("write", out, error))?;
    files::write_atomically(out, bytes.get_ref())?;
    outln!(
        "{}: {} features of {} images, extractor {} ({:.12})",
        out.display(),
        file.gaussian.dim(),
        file.gaussian.n().unwrap_or_default(),
        extractor.name(),
        extractor.sha256(),
    )?;
    Ok(())
}
