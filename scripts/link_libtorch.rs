//! Build script of every package whose programs or tests load libtorch: tells them where it lies, so that they start
//! without an `LD_LIBRARY_PATH`.
//!
//! torch-sys, a direct dependency of those packages for this reason only, passes on the library folder that it linked
//! against (from `LIBTORCH`, `LIBTORCH_LIB` or the PyTorch of `LIBTORCH_USE_PYTORCH`). Without torch-sys, as in the
//! harness without its feature `train`, there is nothing to do.

use std::env;
use std::path::{Path, PathBuf};

/// Says it to cargo.
pub(crate) fn main() {
    println!("cargo::rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let Some(libraries) = env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from) else {
        return;
    };
    tell_version(&libraries);
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("windows") => {} // the loader knows no such path; PATH has to name the folder
        Ok("macos") => run_path(&libraries, "@loader_path"),
        _ => {
            run_path(&libraries, "$ORIGIN");
            keep_cuda(&libraries);
        }
    }
}

/// The version of libtorch for the manifests of runs, where its folder tells.
fn tell_version(libraries: &Path) {
    let file = libraries.join("../build-version");
    println!("cargo::rerun-if-changed={}", file.display());
    if let Ok(version) = std::fs::read_to_string(file) {
        println!("cargo::rustc-env=BENCH_LIBTORCH={}", version.trim());
    }
}

/// Two run paths: from the program to the library if both lie in the workspace, which holds when the checkout is moved,
/// and the plain one, which holds when the program is.
fn run_path(libraries: &Path, origin: &str) {
    for depth in from_workspace(libraries).unwrap_or_default() {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{origin}/{}", depth.display());
    }
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", libraries.display());
}

/// The library folder as seen from where cargo puts programs (`target/release`) and tests (`target/release/deps`).
fn from_workspace(libraries: &Path) -> Option<[PathBuf; 2]> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let workspace = package.parent()?;
    let out = PathBuf::from(env::var_os("OUT_DIR")?);
    let programs = out.ancestors().find(|folder| folder.ends_with("build"))?.parent()?;
    let up: PathBuf = programs.strip_prefix(workspace).ok()?.components().map(|_| "..").collect();
    let down = libraries.strip_prefix(workspace).ok()?;
    Some([up.join(down), Path::new("..").join(&up).join(down)])
}

/// Keeps the CUDA half of libtorch, if there is one: no symbol of it is named in a program, so a linker told
/// `--as-needed` would drop it and every CUDA device with it.
fn keep_cuda(libraries: &Path) {
    let cuda = libraries.join("libtorch_cuda.so");
    if cuda.exists() {
        println!(
            "cargo::rustc-link-arg=-Wl,--push-state,--no-as-needed,{},--pop-state",
            cuda.display()
        );
    }
}
