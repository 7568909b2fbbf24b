//! `bench stats`: the mean and covariance of features, to be compared with later.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use bench_data::datasets::ImageCache;
use bench_data::files::{self, FileError};
use bench_data::source::{Origin, Source, is_npz};
use bench_metrics::{Extractor, ExtractorIdentity, Protocol, StatisticsFile};

use super::extraction::{ExtractionArgs, skipped_warning};
use crate::claim::{self, ForceArgs};
use crate::evaluation::{self, Summary};
use crate::exit::Failure;
use crate::output::outln;
use crate::warnings::Warnings;

/// Write the statistics of images to an .npz file, for `bench eval` and pytorch-fid.
///
/// The file holds mu and sigma as pytorch-fid --save-stats writes them, and besides n, extractor,
/// extractor_sha256 and protocol, by which `bench eval` tells whether it fits, and convolutions: own or onnxruntime; under
/// protocol adm also mu_s and sigma_s, for sFID.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench stats cifar10:train cifar10-train.npz --data data\n  \
    bench stats real/ real.npz --weights pt_inception-2015-12-05-6726825d.pth\n  \
    bench eval samples/ real.npz --weights pt_inception-2015-12-05-6726825d.pth")]
pub struct StatsArgs {
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
pub fn run(args: &StatsArgs) -> anyhow::Result<()> {
    let StatsArgs { source, out, force, extraction } = args;
    crate::set_threads(extraction.threads)?;
    if !is_npz(out) {
        let reason = format!("{}: statistics are written to a file called *.npz", out.display());
        return Err(Failure::usage(reason).into());
    }
    // Both places are tried before the work starts, so that a wrong path fails at once.
    let cache = ImageCache::of_user();
    let source = Source::open(source, &extraction.source_options(cache.as_ref(), false))?;
    files::check_writable(out)?;
    let mut extractor = extraction.extractor().load(extraction.threads)?;
    let origin = evaluation::look_at(&source, extraction.bad_images())?;
    claim::check_file(out, is_of(out, &origin, &extractor, extraction.protocol), *force)?;
    let mut warnings = Warnings::default();
    warnings.extend(origin.notes.iter().cloned());
    let Summary { gaussian, spatial, skipped } =
        evaluation::summarize(&source, &mut extractor, extraction.reading())?;
    warnings.extend(skipped_warning(&skipped));
    let statistics = StatisticsFile {
        gaussian,
        spatial,
        activations: None,
        extractor: Some(ExtractorIdentity {
            name: extractor.name().to_owned(),
            sha256: extractor.sha256().to_owned(),
        }),
        protocol: Some(extraction.protocol.name().to_owned()),
        convolutions: Some(extractor.convolutions().name().to_owned()),
        about: about(&origin, skipped.len()),
    };
    let mut bytes = Cursor::new(Vec::new());
    statistics.write(&mut bytes).map_err(|error| FileError::io("write", out, error))?;
    files::write_atomically(out, bytes.get_ref())?;
    outln!(
        "{}: statistics of {} images, {} features, extractor {} ({:.12})",
        out.display(),
        statistics.gaussian.n().unwrap_or_default(),
        statistics.gaussian.dim(),
        extractor.name(),
        extractor.sha256(),
    )?;
    Ok(())
}

/// What the file says of the images.
pub(super) fn about(origin: &Origin, skipped: usize) -> BTreeMap<String, String> {
    let Origin { source, split, sizes, sha256, .. } = origin;
    let sizes: Vec<String> = sizes.iter().map(|(size, n)| format!("{n} of {size}")).collect();
    let texts = [
        ("source", Some(source.clone())),
        ("split", split.clone()),
        ("sizes", Some(sizes.join(", "))),
        ("images_sha256", Some(sha256.clone())),
        ("skipped", Some(skipped.to_string())),
    ];
    let known = texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?)));
    known.collect()
}

/// Whether the file holds statistics of the same images by the same extractor under the same protocol.
pub(super) fn is_of(
    path: &Path,
    origin: &Origin,
    extractor: &dyn Extractor,
    protocol: Protocol,
) -> bool {
    StatisticsFile::read(path).is_ok_and(|file| {
        file.about.get("images_sha256") == Some(&origin.sha256)
            && file.protocol.as_deref() == Some(protocol.name())
            && file.extractor.is_some_and(|own| own.sha256 == extractor.sha256())
    })
}
