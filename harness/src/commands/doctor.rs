//! `bench doctor`: what of the program works on this machine.

use std::fmt;
use std::path::{Path, PathBuf};

use bench_data::cache::{CACHE_VARIABLE, cache_dir};
use bench_data::datasets::{self, DATASETS, DataError, DatasetSource, LoadOptions, Split};
use bench_data::files;
use bench_metrics::{Extractor, ImageBatch, MetricsError, OnnxExtractor, extractor, runtime};

use crate::exit::Failure;
use crate::inception;
use crate::output::outln;

/// Try the libraries, the device, the cache, the weights and the datasets, and say what does not work.
///
/// What is merely not there is `missing`: without weights the embedded extractor scores, and the dataset `shapes` needs no
/// files.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 all that is there works; 4 something is broken.\n\nExamples:\n  \
    bench doctor --data data\n  \
    bench doctor --device cuda"
)]
pub struct DoctorArgs {
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Device to try: cpu, cuda or cuda:N.
    #[cfg(feature = "train")]
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// How something was found.
enum Standing {
    Works,
    Missing,
    Broken,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Works => "ok",
            Self::Missing => "missing",
            Self::Broken => "broken",
        })
    }
}

/// How something was found, and what is to be said of it.
type Finding = (Standing, String);

/// Runs the command.
///
/// # Errors
/// If anything is broken, or standard output cannot be written.
pub fn run(args: &DoctorArgs) -> anyhow::Result<()> {
    let mut broken = Vec::new();
    let mut tell = |subject: &'static str, (standing, text): Finding| {
        if matches!(standing, Standing::Broken) {
            broken.push(subject);
        }
        outln!("{standing:<8} {subject:<14} {text}")
    };
    tell("ONNX Runtime", found(onnx_runtime()))?;
    tell("extractor", found(embedded_extractor()))?;
    #[cfg(feature = "train")]
    tell("libtorch", found(libtorch(&args.device)))?;
    tell("cache", cache())?;
    tell("weights", weights())?;
    for source in DATASETS {
        tell(source.name(), dataset(*source, &args.data))?;
    }
    match broken[..] {
        [] => Ok(()),
        _ => Err(Failure::environment(format!("broken: {}", broken.join(", "))).into()),
    }
}

fn found<E: fmt::Display>(result: Result<String, E>) -> Finding {
    match result {
        Ok(text) => (Standing::Works, text),
        Err(error) => (Standing::Broken, format!("{error:#}")),
    }
}

fn onnx_runtime() -> Result<String, MetricsError> {
    let path = runtime::ensure_loaded()?;
    let convolutions = match extractor::own_convolutions()? {
        Ok(()) => "InceptionV3 with convolutions of our own".to_owned(),
        Err(reason) => format!("InceptionV3 without convolutions of our own: {reason}"),
    };
    Ok(format!("{}; {} threads, {convolutions}", path.display(), crate::default_threads()))
}

/// Extracts the features of one image.
fn embedded_extractor() -> Result<String, MetricsError> {
    let mut extractor = OnnxExtractor::embedded(1)?;
    let side = extractor.input_size();
    let pixels = vec![128; side * side * 3];
    let activations = extractor.extract(&ImageBatch::new(&pixels, 1, side, side, 3)?)?;
    Ok(format!("{}, {} features", extractor.name(), activations.features.ncols()))
}

#[cfg(feature = "train")]
fn libtorch(device: &str) -> Result<String, bench_models::ModelError> {
    use bench_models::device;
    device::check(device::select(device)?)?;
    Ok(format!("computes on {device}; {} GPUs", device::gpus()))
}

fn cache() -> Finding {
    let Some(folder) = cache_dir() else {
        let text = format!(
            "there is no home folder to keep anything in; let {CACHE_VARIABLE} name a folder"
        );
        return (Standing::Broken, text);
    };
    found(files::check_writable(&folder.join("doctor")).map(|()| folder.display().to_string()))
}

fn weights() -> Finding {
    let described = inception::read_stored().map(|stored| {
        let stored = stored?;
        let standing = if stored.is_published() { "published" } else { "not the published file" };
        Some(format!("{}, {standing}, SHA-256 {}", stored.path.display(), stored.sha256))
    });
    match described.transpose() {
        Some(described) => found(described),
        None => (Standing::Missing, "InceptionV3's; `bench weights fetch`".to_owned()),
    }
}

/// Loads some images.
fn dataset(source: &dyn DatasetSource, data: &Path) -> Finding {
    let options = LoadOptions { limit: Some(10), ..Default::default() };
    match datasets::load(source.name(), Split::Test, Some(data), &options) {
        Err(DataError::NotFound { .. }) => {
            (Standing::Missing, format!("`bench data fetch {}`", source.name()))
        }
        loaded => found(loaded.map(|dataset| dataset.provenance)),
    }
}
