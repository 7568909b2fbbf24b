//! `--device`: what a machine has, and what is said where that is not enough. The drivers are made up: a small library stands
//! in the place of NVIDIA's.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use bench_tests::{Outcome, command, export_shapes};
use serde_json::Value;

/// A driver for CUDA `VERSION` that shows `GPUS` GPUs of compute capability 8.6, or fails with `CODE`.
const DRIVER: &str = r#"
#include <stddef.h>
#include <stdio.h>
int cuInit(unsigned flags) { (void)flags; return CODE; }
int cuDriverGetVersion(int *version) { *version = VERSION; return 0; }
int cuDeviceGetCount(int *count) { *count = GPUS; return 0; }
int cuDeviceGet(int *device, int index) { *device = index; return 0; }
int cuDeviceGetName(char *name, int length, int device) { snprintf(name, length, "Model %d", device); return 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { (void)device; *bytes = (size_t)24 << 30; return 0; }
int cuDeviceGetAttribute(int *value, int what, int device) { (void)device; *value = what == 75 ? 8 : 6; return 0; }
"#;

/// A folder with images to score, and perhaps a driver.
struct Machine(tempfile::TempDir);

impl Machine {
    /// One with the driver that `definitions` make, such as `-DGPUS=1`; with none where there are none.
    fn with_driver(definitions: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path();
        if !definitions.is_empty() {
            std::fs::create_dir(path.join("driver")).expect("a folder");
            std::fs::write(path.join("driver.c"), DRIVER).expect("a written file");
            let mut cc = Command::new("cc");
            cc.args(["-shared", "-fPIC", "-o", "driver/libcuda.so.1", "driver.c"]);
            let made = cc.args(definitions).current_dir(path).status().expect("a C compiler");
            assert!(made.success(), "{definitions:?}");
        }
        export_shapes(path, "a", "1");
        export_shapes(path, "b", "2");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn bench(&self, arguments: &[&str]) -> Outcome {
        let mut command = command(self.path(), &self.path().join("cache"));
        command.env("LD_LIBRARY_PATH", self.path().join("driver"));
        command.args(arguments).output().expect("the program starts").into()
    }

    /// What `bench eval` of its images does, with further arguments.
    fn eval(&self, arguments: &[&str]) -> Outcome {
        let eval = ["eval", "a", "b", "--extractor", "embedded", "--json", "--no-cache"];
        self.bench(&[&eval, arguments].concat())
    }
}

/// Whether the libraries for GPUs are set up: then a driver that is made up would meet them.
fn is_set_up() -> bool {
    let set_up = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.deps/cuda").exists();
    if set_up {
        eprintln!("skipped: .deps/cuda is there, and would be loaded with a driver that is none");
    }
    set_up
}

#[test]
fn without_a_driver_auto_is_the_cpu_and_changes_nothing() {
    // Whatever this machine has, none of it is shown.
    let machine = Machine::with_driver(&["-DCODE=100", "-DVERSION=13000", "-DGPUS=0"]);
    let auto = machine.eval(&[]);
    assert!(auto.stderr.contains("device: cpu"), "{}", auto.stderr);
    let named = machine.eval(&["--device", "cpu"]);
    assert!(!named.stderr.contains("device:"), "what was asked for is not said: {}", named.stderr);
    let quiet = machine.eval(&["--quiet"]);
    assert!(!quiet.stderr.contains("device:"), "{}", quiet.stderr);
    let text = auto.success();
    assert_eq!(text, named.success());
    let report: Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!(report["device"], "cpu");
    assert!(report["threads"].as_u64().is_some_and(|threads| threads > 0), "{text}");
    assert!(report.get("gpu").is_none(), "{text}");
}

#[test]
fn gpus_that_are_not_there_say_so() {
    let none = Machine::with_driver(&["-DCODE=100", "-DVERSION=13000", "-DGPUS=0"]);
    none.eval(&["--device", "cuda"])
        .failure(4, "cannot compute on cuda:0: the driver shows no GPU");
    for arguments in [
        &["run", "dcgan", "--dataset", "shapes", "--budget", "smoke", "--offline"][..],
        &["stats", "a", "a.npz"],
        &["features", "a", "a.npz"],
        &["extractor", "validate", "--dataset", "shapes"],
        &["extractor", "train", "--dataset", "shapes"],
    ] {
        none.bench(&[arguments, &["--device", "cuda:1"]].concat()).failure(4, "cuda:1");
    }
    none.bench(&["all", "--offline", "--budget", "smoke", "--device", "cpu,cuda:3"])
        .failure(4, "cuda:3");
    none.bench(&["run", "dcgan", "--offline", "--device", "cpu,cpu"]).failure(2, "names several");
    let two = Machine::with_driver(&["-DCODE=0", "-DVERSION=13000", "-DGPUS=2"]);
    two.eval(&["--device", "cuda:2"]).failure(4, "cuda:0 Model 0, cuda:1 Model 1");
    two.eval(&["--device", "cuda:x"]).failure(2, "choose one of auto, cpu, cuda, cuda:N");
}

#[test]
fn a_driver_that_fails_is_named_with_its_code() {
    let machine = Machine::with_driver(&["-DCODE=803", "-DVERSION=13000", "-DGPUS=1"]);
    machine.eval(&["--device", "cuda"]).failure(4, "cuInit gives 803");
    let auto = machine.eval(&[]);
    assert!(auto.stderr.contains("cuInit gives 803"), "{}", auto.stderr);
    auto.success();
    let doctor = machine.bench(&["doctor"]);
    assert!(doctor.stdout.contains("broken   driver"), "{}", doctor.stdout);
}

#[test]
fn a_gpu_without_libraries_is_told_how_to_get_them() {
    if is_set_up() {
        return;
    }
    let machine = Machine::with_driver(&["-DCODE=0", "-DVERSION=13000", "-DGPUS=1"]);
    machine.eval(&["--device", "cuda"]).failure(4, "scripts/setup.sh --cuda");
    let auto = machine.eval(&[]);
    assert!(auto.stderr.contains("device: cpu, and not cuda:0"), "{}", auto.stderr);
    let report: Value = serde_json::from_str(&auto.success()).expect("one JSON object");
    assert_eq!(report["device"], "cpu");
    let doctor = machine.bench(&["doctor", "--device", "cuda:0"]);
    let driver =
        "driver         NVIDIA's, for CUDA 13.0: cuda:0 Model 0, 24.0 GiB, compute capability 8.6";
    assert!(doctor.stdout.contains(driver), "{}", doctor.stdout);
    doctor.failure(4, "broken: device");
}

#[test]
fn own_convolutions_are_the_processors() {
    let machine = Machine::with_driver(&["-DCODE=0", "-DVERSION=13000", "-DGPUS=1"]);
    // An open choice is settled by them, before any library is looked for.
    let outcome = machine.eval(&["--convolutions", "own"]);
    assert!(!outcome.stderr.contains("device:"), "{}", outcome.stderr);
    outcome.failure(4, "too small to gain");
}
