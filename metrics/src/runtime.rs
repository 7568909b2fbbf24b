//! Finding and loading ONNX Runtime's shared library.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use ort::environment::Environment;
use ort::ep::{CUDA, ExecutionProvider as _};

use crate::error::MetricsError;

/// Environment variable that names the library and wins over every other place.
pub const LIBRARY_VARIABLE: &str = "ORT_DYLIB_PATH";

/// Where set-up puts libraries, in the workspace or in a folder above the program.
const DEPENDENCIES: &str = ".deps";
/// Where it puts this one, in there.
const LIBRARY_FOLDER: &str = "onnxruntime";

struct Runtime {
    path: PathBuf,
    environment: Environment,
}

static RUNTIME: OnceLock<Runtime> = OnceLock::new();
static LOADING: Mutex<()> = Mutex::new(());

/// Loads ONNX Runtime unless that is done, and says from where.
///
/// The library is the one that the environment variable `ORT_DYLIB_PATH` names; else the newest
/// `libonnxruntime` in `.deps/onnxruntime` of the workspace that the program was built in, or of a folder above
/// the program; else the system's. Any thread may call this at any time; after a failure the next call tries anew.
///
/// # Errors
/// [`MetricsError::Runtime`] if there is no such library, it cannot be loaded, or it is older than 1.22.
pub fn ensure_loaded() -> Result<&'static Path, MetricsError> {
    runtime().map(|runtime| runtime.path.as_path())
}

/// Loads the newest `libonnxruntime` in `folder`, unless `ORT_DYLIB_PATH` names another, or one is loaded.
///
/// # Errors
/// [`MetricsError::Runtime`] as of [`ensure_loaded`].
pub fn load_from(folder: &Path) -> Result<&'static Path, MetricsError> {
    runtime_of(Some(folder)).map(|runtime| runtime.path.as_path())
}

/// Whether the ONNX Runtime that is loaded was built with its CUDA provider.
///
/// # Errors
/// [`MetricsError::Runtime`] if none can be loaded.
pub fn has_cuda() -> Result<bool, MetricsError> {
    environment()?;
    Ok(CUDA::is_available().unwrap_or(false))
}

/// The folder of this name in `.deps` of the workspace that the program was built in, or of a folder above the program;
/// `None` where set-up made none.
pub fn installed(name: &str) -> Option<PathBuf> {
    dependencies().map(|folder| folder.join(name)).find(|folder| folder.is_dir())
}

/// The process's ONNX Runtime environment; loads the library as [`ensure_loaded`] does.
///
/// # Errors
/// [`MetricsError::Runtime`].
pub fn environment() -> Result<&'static Environment, MetricsError> {
    runtime().map(|runtime| &runtime.environment)
}

fn runtime() -> Result<&'static Runtime, MetricsError> {
    runtime_of(None)
}

/// The runtime that is loaded, else that of `folder`, if one is given.
fn runtime_of(folder: Option<&Path>) -> Result<&'static Runtime, MetricsError> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let _guard = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let loaded = load(library_path(folder)?)?;
    Ok(RUNTIME.get_or_init(|| loaded))
}

fn load(path: PathBuf) -> Result<Runtime, MetricsError> {
    let refuse = |reason: String| MetricsError::Runtime { path: path.clone(), reason };
    let environment = ort::init_from(&path)
        .map_err(|error| refuse(error.to_string()))?
        .with_name("bench")
        .with_telemetry(false)
        .build()
        .map_err(|error| refuse(error.to_string()))?;
    environment.set_log_level(ort::logging::LogLevel::Error);
    Ok(Runtime { path, environment })
}

fn library_path(folder: Option<&Path>) -> Result<PathBuf, MetricsError> {
    if let Some(named) = std::env::var_os(LIBRARY_VARIABLE).filter(|value| !value.is_empty()) {
        let path = PathBuf::from(named);
        // A relative path is meant from the working folder, where the dynamic linker does not look.
        return path
            .canonicalize()
            .map_err(|error| MetricsError::Runtime { path, reason: error.to_string() });
    }
    let found = match folder {
        Some(folder) => newest_library(folder),
        None => dependencies().find_map(|root| newest_library(&root.join(LIBRARY_FOLDER))),
    };
    // A bare file name leaves the search to the dynamic linker.
    Ok(found.unwrap_or_else(|| PathBuf::from(format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}"))))
}

/// Folders that set-up may have put libraries into.
fn dependencies() -> impl Iterator<Item = PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf);
    let program = std::env::current_exe().unwrap_or_default();
    let above: Vec<PathBuf> = program.ancestors().skip(1).map(Path::to_path_buf).collect();
    workspace.into_iter().chain(above).map(|root| root.join(DEPENDENCIES))
}

/// The library of the highest version in `folder`; versions stand in the file names.
fn newest_library(folder: &Path) -> Option<PathBuf> {
    std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            name.starts_with(&format!("{DLL_PREFIX}onnxruntime.")) && name.contains(DLL_SUFFIX)
        })
        .max_by_key(|name| version(name))
        .map(|name| folder.join(name))
}

fn version(file_name: &str) -> Vec<u32> {
    file_name.split('.').filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_library_is_found() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(newest_library(folder.path()), None);
        let name = |version: &str| format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}{version}");
        for file in [name(".1.9.0"), name(".1.31.1"), name(".1.22.0"), "LICENSE".to_owned()] {
            std::fs::write(folder.path().join(file), b"").expect("a written file");
        }
        assert_eq!(newest_library(folder.path()), Some(folder.path().join(name(".1.31.1"))));
    }
}
