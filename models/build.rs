//! Tells where libtorch lies, and compiles the calls into it that its binding does not have.

#[path = "../scripts/link_libtorch.rs"]
mod link_libtorch;

use std::env;
use std::path::PathBuf;

fn main() {
    link_libtorch::main();
    println!("cargo::rerun-if-changed=src/context.cpp");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").file("src/context.cpp").includes(headers());
    // They are not ours to warn of.
    build.warnings(false).compile("bench_context");
}

/// The folder of libtorch's headers, as torch-sys finds it.
fn headers() -> Option<PathBuf> {
    for name in ["LIBTORCH_INCLUDE", "LIBTORCH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let stated = ["LIBTORCH_INCLUDE", "LIBTORCH"].into_iter().find_map(env::var_os);
    // A PyTorch has them beside its libraries.
    let beside = || Some(PathBuf::from(env::var_os("DEP_TCH_LIBTORCH_LIB")?).join(".."));
    Some(stated.map(PathBuf::from).or_else(beside)?.join("include"))
}
