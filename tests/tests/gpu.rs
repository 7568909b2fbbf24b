//! What needs a GPU: `make test-gpu` runs it where there is one.

use bench_tests::{command, export_shapes};
use serde_json::Value;

/// What `bench eval` of two folders in `folder` prints on `device`.
fn eval(folder: &std::path::Path, device: &str, extractor: &[&str]) -> Value {
    let mut command = command(folder, &folder.join("cache"));
    command.args(["eval", "a", "b", "--metrics", "fid,kid,prdc", "--json", "--no-cache"]);
    let outcome: bench_tests::Outcome =
        command.args(["--device", device]).args(extractor).output().expect("it starts").into();
    serde_json::from_str(&outcome.success()).expect("one JSON object")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    export_shapes(folder.path(), "a", "1");
    export_shapes(folder.path(), "b", "2");
    folder
}

/// FID of 60 images hangs on differences of large numbers: 1e-3 of its size.
#[test]
#[ignore = "needs a GPU: make test-gpu"]
fn gpu_scores_are_those_of_the_cpu() {
    let folder = folder();
    let [cpu, gpu] =
        ["cpu", "cuda:0"].map(|device| eval(folder.path(), device, &["--extractor", "embedded"]));
    assert_eq!((&cpu["device"], &gpu["device"]), (&"cpu".into(), &"cuda:0".into()));
    assert!(gpu["gpu"].as_str().is_some_and(|name| !name.is_empty()), "{gpu}");
    assert_eq!(gpu["convolutions"], "cudnn");
    for key in ["fid", "kid_mean"] {
        let [cpu, gpu] = [&cpu, &gpu].map(|report| bench_tests::metric(report, key));
        assert!((cpu - gpu).abs() <= 1e-3 * cpu.abs().max(1e-3), "{key}: {cpu}, on the GPU {gpu}");
    }
}

#[test]
#[ignore = "needs a GPU: make test-gpu"]
fn gpu_scores_are_the_same_each_time() {
    let folder = folder();
    let [first, second] =
        [(); 2].map(|()| eval(folder.path(), "cuda:0", &["--extractor", "embedded"]));
    assert_eq!(first["metrics"], second["metrics"]);
}
