//! The libraries that compute on a GPU: loaded when they are asked for, so that one program runs with and without them.

#[cfg(feature = "train")]
use std::path::Path;
use std::path::PathBuf;

use bench_metrics::{
    Computation, Device, Extractor as _, ImageBatch, MetricsError, OnnxExtractor, runtime,
};

use super::{Work, linker};

/// Why the libraries that compute on a GPU cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LibraryError {
    /// One is not there.
    #[error(
        "{what} is not there; run `scripts/setup.sh --cuda`, or let {variable} name one of your own (docs/gpu.md), or use \
         --device cpu"
    )]
    Missing {
        /// What is missing.
        what: &'static str,
        /// The variable that names another.
        variable: &'static str,
    },
    /// One is there and cannot be loaded.
    #[error(
        "{} does not load: {reason}; remove .deps/cuda and run `scripts/setup.sh --cuda` again, or use --device cpu",
        path.display()
    )]
    Broken {
        /// Its file.
        path: PathBuf,
        /// What the system's linker says.
        reason: String,
    },
    /// The GPU half of libtorch is of another version than the program's.
    #[error(
        "{} is of version {found} and the program was built with {built}; run `scripts/setup.sh --cuda` and build again",
        path.display()
    )]
    OtherVersion {
        /// The folder of the GPU half.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The version of libtorch that the program was built with.
        built: String,
    },
    /// ONNX Runtime is there and was built without CUDA.
    #[error(
        "onnx runtime {} was built without CUDA; run `scripts/setup.sh --cuda`, and unset ORT_DYLIB_PATH or let it name a \
         build with CUDA, or use --device cpu",
        path.display()
    )]
    WithoutCuda {
        /// Its file.
        path: PathBuf,
    },
    /// ONNX Runtime was built with CUDA, and computes nothing on the GPU.
    #[error(
        "onnx runtime computes nothing there: {0}; remove .deps/cuda and run `scripts/setup.sh --cuda` again, see whether \
         `nvidia-smi` works, or use --device cpu"
    )]
    Idle(String),
    /// ONNX Runtime itself is missing or broken.
    #[error("{0}")]
    Runtime(String),
    /// libtorch finds fewer GPUs than the driver shows.
    #[error(
        "libtorch sees {seen} GPUs, fewer than the driver shows; see `bench doctor --device cuda`, or use --device cpu"
    )]
    Blind {
        /// The GPUs that it sees.
        seen: usize,
    },
}

/// Where set-up puts the libraries, in `.deps`.
const FOLDER: &str = "cuda/lib";
/// The file beside that folder that tells the version of libtorch.
#[cfg(feature = "train")]
const VERSION_FILE: &str = "build-version";
/// The GPU half of libtorch.
#[cfg(feature = "train")]
const LIBTORCH_CUDA: &str = "libtorch_cuda.so";
/// What ONNX Runtime's CUDA provider needs and looks for where the system's libraries lie, what others need first.
const NEEDED_BY_ONNX_RUNTIME: [&str; 8] = [
    "libcudart.so.13",
    "libcublasLt.so.13",
    "libcublas.so.13",
    "libnvJitLink.so.13",
    "libnvrtc.so.13",
    "libcurand.so.10",
    "libcufft.so.12",
    "libcudnn.so.9",
];

/// Whether other libraries are used than those of set-up.
pub(super) fn are_own() -> bool {
    runtime::installed(FOLDER).is_none() || names_a_runtime()
}

/// Whether the user names an ONNX Runtime.
fn names_a_runtime() -> bool {
    std::env::var_os(runtime::LIBRARY_VARIABLE).is_some_and(|value| !value.is_empty())
}

/// Loads the libraries that do `work` on the GPU of number `index`. libtorch comes first: it brings most of what the other
/// needs.
///
/// # Errors
/// If one is missing, does not load, or does not see the GPU.
pub(super) fn load(work: Work, index: usize) -> Result<(), LibraryError> {
    #[cfg(feature = "train")]
    if work.trains() {
        libtorch(index)?;
    }
    if work.scores() {
        onnx_runtime(index)?;
    }
    Ok(())
}

/// Loads ONNX Runtime with its CUDA provider, and computes a small network there.
fn onnx_runtime(index: usize) -> Result<(), LibraryError> {
    let of_runtime = |error: MetricsError| LibraryError::Runtime(error.to_string());
    let path = match runtime::installed(FOLDER) {
        Some(folder) => {
            for name in NEEDED_BY_ONNX_RUNTIME {
                let path = folder.join(name);
                linker::open(&path).map_err(|reason| LibraryError::Broken { path, reason })?;
            }
            runtime::load_from(&folder)
        }
        None => runtime::ensure_loaded(),
    };
    let path = path.map_err(of_runtime)?;
    if runtime::has_cuda().map_err(of_runtime)? {
        return try_out(Device::Cuda(index)).map_err(LibraryError::Idle);
    }
    match names_a_runtime() {
        true => Err(LibraryError::WithoutCuda { path: path.to_owned() }),
        false => Err(LibraryError::Missing {
            what: "an onnx runtime that computes on GPUs",
            variable: runtime::LIBRARY_VARIABLE,
        }),
    }
}

/// Extracts the features of one grey pixel on `device`; the reason if that fails.
fn try_out(device: Device) -> Result<(), String> {
    let computation = Computation { threads: 1, device, ..Computation::default() };
    let tried = OnnxExtractor::embedded(computation)
        .and_then(|mut extractor| extractor.extract(&ImageBatch::new(&[128], 1, 1, 1, 1)?));
    match tried {
        Ok(_) => Ok(()),
        Err(MetricsError::Device { reason, .. } | MetricsError::DeviceMemory { reason, .. }) => {
            Err(reason)
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Loads the GPU half of libtorch, unless the program is linked with it.
#[cfg(feature = "train")]
fn libtorch(index: usize) -> Result<(), LibraryError> {
    if !linker::is_loaded(LIBTORCH_CUDA) {
        let path = libtorch_cuda().ok_or(LibraryError::Missing {
            what: "the half of libtorch that computes on GPUs",
            variable: "LIBTORCH",
        })?;
        check_version(&path)?;
        linker::open(&path).map_err(|reason| LibraryError::Broken { path, reason })?;
    }
    match bench_models::device::gpus() {
        seen if index < seen => Ok(()),
        seen => Err(LibraryError::Blind { seen }),
    }
}

/// Where the GPU half of libtorch lies: in the folder that `LIBTORCH` names, else where set-up put it.
#[cfg(feature = "train")]
fn libtorch_cuda() -> Option<PathBuf> {
    let own = std::env::var_os("LIBTORCH").map(|folder| Path::new(&folder).join("lib"));
    let folders = own.into_iter().chain(runtime::installed(FOLDER));
    folders.map(|folder| folder.join(LIBTORCH_CUDA)).find(|path| path.exists())
}

/// Refuses the other half of another version, as far as both tell their versions: its symbols may be the same and its
/// structures not.
#[cfg(feature = "train")]
fn check_version(library: &Path) -> Result<(), LibraryError> {
    let path = library.ancestors().nth(2).unwrap_or(library);
    let found = std::fs::read_to_string(path.join(VERSION_FILE)).ok();
    let built = option_env!("BENCH_LIBTORCH").map(str::trim);
    match found.as_deref().map(str::trim).zip(built) {
        Some((found, built)) if found != built => Err(LibraryError::OtherVersion {
            path: path.to_owned(),
            found: found.to_owned(),
            built: built.to_owned(),
        }),
        _ => Ok(()),
    }
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;

    #[test]
    fn another_version_of_libtorch_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("lib").join(LIBTORCH_CUDA);
        assert_eq!(check_version(&library), Ok(()), "a folder that tells no version");
        std::fs::write(folder.path().join(VERSION_FILE), "0.1.0\n").unwrap();
        let error = check_version(&library).unwrap_err().to_string();
        assert!(error.contains("0.1.0") && error.contains("build again"), "{error}");
    }
}
