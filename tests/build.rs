//! Tells the tests where libtorch lies, and whether Python can read TensorBoard's event files here.

#[path = "../scripts/link_libtorch.rs"]
mod link_libtorch;

use std::process::Command;

fn main() {
    link_libtorch::main();
    println!("cargo::rustc-check-cfg=cfg(tensorboard)");
    println!("cargo::rerun-if-env-changed=BENCH_TEST_PYTHON");
    let python = std::env::var("BENCH_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    println!("cargo::rustc-env=BENCH_TEST_PYTHON={python}");
    let import = "import tensorboard.backend.event_processing.event_accumulator";
    let found = Command::new(python).args(["-c", import]).output();
    if found.is_ok_and(|output| output.status.success()) {
        println!("cargo::rustc-cfg=tensorboard");
    }
}
