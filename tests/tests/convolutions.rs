//! `--convolutions`: who computes InceptionV3, and what is said of it.

use std::path::Path;

use bench_tests::{Outcome, bench, bench_with_cache, export_shapes, metric};
use serde_json::Value;

#[expect(dead_code, reason = "the tests of the metrics use all of it")]
#[path = "../../metrics/tests/inception/synthetic.rs"]
mod synthetic;

/// Whether the processor has what own convolutions are written for.
fn is_fit() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512f")
        || (std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("fma"));
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// Scores `a` against `b` by InceptionV3's first layers, with a cache that stays.
fn eval(root: &Path, more: &[&str]) -> Outcome {
    let inner = ["eval", "a", "b", "--metrics", "fid", "--dims", "64", "--weights", "w.pth"];
    bench_with_cache(root, &root.join("cache"), &[&inner, more, &["--json"]].concat())
}

#[test]
fn who_computes_is_chosen_and_stands_in_the_provenance() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    std::fs::write(root.join("w.pth"), synthetic::file(7)).unwrap();
    let engine = if is_fit() { "own" } else { "onnxruntime" };

    let auto = eval(root, &[]);
    // The reason is told where ONNX Runtime computes alone, and only there.
    assert_eq!(auto.stderr.matches("AVX2").count(), usize::from(!is_fit()));
    let auto: Value = serde_json::from_str(&auto.success()).unwrap();
    assert_eq!(auto["convolutions"], engine);

    // Features by the other are extracted for themselves, and are nearly the same.
    let other = eval(root, &["--convolutions", "onnxruntime"]);
    assert_eq!(other.stderr.contains("from the cache"), !is_fit(), "{}", other.stderr);
    let other: Value = serde_json::from_str(&other.success()).unwrap();
    assert_eq!(other["convolutions"], "onnxruntime");
    let [own, alone] = [&auto, &other].map(|report| metric(report, "fid"));
    assert!((own - alone).abs() <= 1e-4 * alone, "{own} and {alone}");
    assert_eq!(own != alone, is_fit(), "{own} and {alone}");

    let own = eval(root, &["--convolutions", "own"]);
    if is_fit() {
        assert!(own.stderr.contains("from the cache"), "{}", own.stderr);
        assert_eq!(serde_json::from_str::<Value>(&own.success()).unwrap(), auto);
    } else {
        own.failure(4, "AVX2");
    }

    let stats = ["stats", "b", "b.npz", "--dims", "64", "--weights", "w.pth"];
    bench(root, &stats).success();
    let written = std::fs::read(root.join("b.npz")).unwrap();
    let wide: Vec<u8> = engine.bytes().flat_map(|byte| [byte, 0, 0, 0]).collect();
    assert!(written.windows(wide.len()).any(|bytes| bytes == wide), "no {engine} in the npz");
}

#[test]
fn own_convolutions_that_cannot_be_are_an_environment_error() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    let embedded = ["--extractor", "embedded", "--convolutions"];
    let with = |command: &[&str], choice: &str| {
        bench(root, &[command, embedded.as_slice(), &[choice]].concat())
    };
    for command in [
        &["eval", "a"][..],
        &["stats", "a", "a.npz"],
        &["data", "info", "shapes", "--scores"],
        &["run", "dcgan", "--dataset", "shapes", "--budget", "smoke"],
        &["all", "--budget", "smoke"],
    ] {
        with(command, "own").failure(4, "32 x 32 pixels are too small");
    }
    let validate = ["extractor", "validate", "embedded", "--dataset", "shapes"];
    bench(root, &[&validate[..], &["--convolutions", "own"]].concat())
        .failure(4, "32 x 32 pixels are too small");
    with(&["eval", "a"], "winograd").failure(2, "auto, own, onnxruntime");

    // Where nothing was to be gained, nothing is said.
    let auto = with(&["eval", "a", "--json"], "auto");
    assert!(!auto.stderr.contains("convolutions"), "{}", auto.stderr);
    let report: Value = serde_json::from_str(&auto.success()).unwrap();
    assert_eq!(report["convolutions"], "onnxruntime");
    // Where no network ran, there are none.
    bench(root, &["stats", "a", "a.npz"]).success();
    let report = bench_tests::eval(root, &["a.npz", "a.npz"]);
    assert!(report.get("convolutions").is_none(), "{report}");
}
