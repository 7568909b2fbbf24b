//! `bench doctor`: what of the program works on this machine.

use std::fmt;
use std::path::{Path, PathBuf};

use bench_data::cache::{CACHE_VARIABLE, cache_dir};
use bench_data::datasets::{self, DATASETS, DataError, DatasetSource, LoadOptions, Split};
use bench_data::files;
use bench_metrics::{
    Computation, Device, Extractor, ImageBatch, MetricsError, OnnxExtractor, extractor, runtime,
};

use crate::device::{
    self, DeviceArgs, DeviceChoice, DeviceError, Driver, DriverError, Gpu, Machine, ThisMachine,
    Work,
};
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
    bench doctor --device cuda:0"
)]
pub struct DoctorArgs {
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    #[command(flatten)]
    device: DeviceArgs,
}

/// What a device is tried for.
#[cfg(feature = "train")]
const WORK: Work = Work::All;
#[cfg(not(feature = "train"))]
const WORK: Work = Work::Scoring;

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
    tell("driver", driver(&ThisMachine, args.device.device))?;
    // Before any library is asked for anything.
    let device = device::select(args.device.device, WORK);
    tell("device", selected(&device))?;
    let device = device.unwrap_or_default();
    tell("ONNX Runtime", found(onnx_runtime()))?;
    tell("extractor", found(embedded_extractor(device)))?;
    #[cfg(feature = "train")]
    tell("libtorch", found(libtorch(device)))?;
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
    let cuda = if runtime::has_cuda()? { "with" } else { "without" };
    let convolutions = match extractor::own_convolutions()? {
        Ok(()) => "InceptionV3 with convolutions of our own".to_owned(),
        Err(reason) => format!("InceptionV3 without convolutions of our own: {reason}"),
    };
    let threads = crate::default_threads();
    Ok(format!("{}, {cuda} CUDA; {threads} threads, {convolutions}", path.display()))
}

/// The driver of `machine`, which has to work where a GPU is asked for.
fn driver(machine: &dyn Machine, choice: DeviceChoice) -> Finding {
    let needed = matches!(choice, DeviceChoice::On(Device::Cuda(_)));
    match machine.driver() {
        Ok(Driver { cuda, gpus }) if gpus.is_empty() => {
            (Standing::Missing, format!("NVIDIA's, for CUDA {cuda}, shows no GPU"))
        }
        Ok(Driver { cuda, gpus }) => {
            let shown = |(index, gpu): (usize, &Gpu)| {
                let gib = gpu.memory as f64 / f64::from(1 << 30);
                format!(
                    "cuda:{index} {}, {gib:.1} GiB, compute capability {}",
                    gpu.name, gpu.capability
                )
            };
            let gpus: Vec<String> = gpus.iter().enumerate().map(shown).collect();
            (Standing::Works, format!("NVIDIA's, for CUDA {cuda}: {}", gpus.join("; ")))
        }
        Err(DriverError::Missing) if !needed => {
            (Standing::Missing, "NVIDIA's; only needed to compute on its GPUs".to_owned())
        }
        Err(error) => (Standing::Broken, error.to_string()),
    }
}

/// What computes: what was asked for, or what that came to.
fn selected(device: &Result<Device, DeviceError>) -> Finding {
    match device {
        Ok(device) => match device::gpu_name(*device) {
            Some(name) => (Standing::Works, format!("{device}, {name}")),
            None => (Standing::Works, device.to_string()),
        },
        Err(error) => (Standing::Broken, error.to_string()),
    }
}

/// Extracts the features of one image.
fn embedded_extractor(device: Device) -> Result<String, MetricsError> {
    let computation = Computation { threads: 1, device, ..Computation::default() };
    let mut extractor = OnnxExtractor::embedded(computation)?;
    let side = extractor.input_size();
    let pixels = vec![128; side * side * 3];
    let activations = extractor.extract(&ImageBatch::new(&pixels, 1, side, side, 3)?)?;
    let features = activations.features.ncols();
    Ok(format!("{} on {device}, {features} features", extractor.name()))
}

#[cfg(feature = "train")]
fn libtorch(device: Device) -> Result<String, bench_models::ModelError> {
    bench_models::device::check(device::of_libtorch(device))?;
    Ok(format!("computes on {device}"))
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
