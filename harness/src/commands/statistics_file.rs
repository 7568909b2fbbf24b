//! What `bench stats` and `bench features` share: a file of statistics, made from images, with its provenance.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use bench_data::datasets::ImageCache;
use bench_data::files::{self, FileError};
use bench_data::source::{Origin, Source, is_npz};
use bench_metrics::{
    Activations, Extractor, ExtractorIdentity, GaussianStatistics, OnnxExtractor, Protocol,
    StatisticsFile,
};

use super::extraction::{ExtractionArgs, skipped_warning};
use crate::claim::{self, ForceArgs};
use crate::device;
use crate::evaluation::{self, EvaluationError, Reading};
use crate::exit::Failure;
use crate::warnings::Warnings;

/// From what to make a file, and where.
#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// Images: a folder, a .zip, an .npz with arr_0, or a dataset split such as cifar10:train.
    source: OsString,
    /// File to write, called *.npz; of features also *.safetensors.
    pub(super) out: PathBuf,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    extraction: ExtractionArgs,
}

/// What a file holds of the images.
pub(super) struct Contents {
    pub(super) gaussian: GaussianStatistics,
    pub(super) spatial: Option<GaussianStatistics>,
    pub(super) activations: Option<Activations>,
    /// Paths of bad images that were left out.
    pub(super) skipped: Vec<PathBuf>,
}

/// A kind of such files.
pub(super) struct Kind {
    /// What it is a file of.
    pub(super) what: &'static str,
    /// Whether it holds features of every image.
    pub(super) holds_activations: bool,
    /// Finds out what it holds.
    pub(super) contents:
        fn(&Source, &mut OnnxExtractor, Reading) -> Result<Contents, EvaluationError>,
}

/// Writes a file, unless a foreign one is in its place, and gives what stands in it.
///
/// # Errors
/// If the images or the extractor cannot be had, or the file cannot be written or is not to be written over.
pub(super) fn write(args: &FileArgs, kind: &Kind) -> anyhow::Result<StatisticsFile> {
    let FileArgs { source, out, force, extraction } = args;
    crate::set_threads(extraction.threads)?;
    let may_be_tensors = kind.holds_activations;
    let fits = is_npz(out) || may_be_tensors && StatisticsFile::is_of_tensors(out);
    if !fits {
        let names = if may_be_tensors { "*.npz or *.safetensors" } else { "*.npz" };
        let reason =
            format!("{}: {} are written to a file called {names}", out.display(), kind.what);
        return Err(Failure::usage(reason).into());
    }
    let extractor = extraction.extractor()?;
    // Both places are tried before the work starts, so that a wrong path fails at once.
    let cache = ImageCache::of_user();
    let source = Source::open(source, &extraction.source_options(cache.as_ref(), false))?;
    files::check_writable(out)?;
    let mut extractor = extraction.load(extractor)?;
    let origin = evaluation::look_at(&source, extraction.bad_images())?;
    let is_own = is_of(out, &origin, &extractor, extraction.protocol, kind);
    claim::check_file(out, is_own, *force)?;
    let mut warnings = Warnings::default();
    warnings.extend(origin.notes.iter().cloned());
    let Contents { gaussian, spatial, activations, skipped } =
        (kind.contents)(&source, &mut extractor, extraction.reading())?;
    warnings.extend(skipped_warning(&skipped));
    let file = StatisticsFile {
        gaussian,
        spatial,
        activations,
        extractor: Some(ExtractorIdentity {
            name: extractor.name().to_owned(),
            sha256: extractor.sha256().to_owned(),
        }),
        protocol: Some(extraction.protocol.name().to_owned()),
        convolutions: Some(extractor.convolutions().name().to_owned()),
        about: about(&origin, skipped.len(), &extractor),
    };
    let mut bytes = Cursor::new(Vec::new());
    file.write_as(out, &mut bytes).map_err(|error| FileError::io("write", out, error))?;
    files::write_atomically(out, bytes.get_ref())?;
    Ok(file)
}

/// The extractor of a file, for people.
pub(super) fn extractor_of(file: &StatisticsFile) -> String {
    let shown = |own: &ExtractorIdentity| format!("{} ({:.12})", own.name, own.sha256);
    file.extractor.as_ref().map_or_else(|| "unknown".to_owned(), shown)
}

/// What the file says of the images.
fn about(origin: &Origin, skipped: usize, extractor: &dyn Extractor) -> BTreeMap<String, String> {
    let Origin { source, split, sizes, sha256, .. } = origin;
    let sizes: Vec<String> = sizes.iter().map(|(size, n)| format!("{n} of {size}")).collect();
    let texts = [
        ("source", Some(source.clone())),
        ("split", split.clone()),
        ("sizes", Some(sizes.join(", "))),
        ("images_sha256", Some(sha256.clone())),
        ("skipped", Some(skipped.to_string())),
        // Of a GPU alone: files that the processor makes are what they were.
        ("device", device::gpu_name(extractor.device())),
    ];
    let known = texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?)));
    known.collect()
}

/// Whether a file of this kind is there, of the same images by the same extractor under the same protocol.
fn is_of(
    path: &Path,
    origin: &Origin,
    extractor: &dyn Extractor,
    protocol: Protocol,
    kind: &Kind,
) -> bool {
    StatisticsFile::read(path).is_ok_and(|file| {
        file.about.get("images_sha256") == Some(&origin.sha256)
            && file.protocol.as_deref() == Some(protocol.name())
            && file.activations.is_some() == kind.holds_activations
            && file.extractor.is_some_and(|own| own.sha256 == extractor.sha256())
    })
}
