//! `bench stats`, and `bench eval` against what it wrote.

use std::path::PathBuf;

use bench_tests::{bench, eval, export_shapes, metric};
use serde_json::{Value, json};

/// Arrays that numpy wrote.
fn numpy_file(name: &str) -> String {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../metrics/formats/tests/golden/npz");
    folder.join(name).display().to_string()
}

fn keys(report: &Value) -> Vec<&str> {
    report["metrics"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn statistics_stand_in_for_their_images() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    for name in ["a", "b"] {
        let text = bench(root, &["stats", name, &format!("made/{name}.npz")]).success();
        assert!(text.contains("60 images"), "{text}");
    }
    let images = eval(root, &["a", "b"]);
    // The statistics are those of the images to the bit; where features are at hand and few, the distance is computed
    // from them, and differs by rounding.
    let fid = metric(&images, "fid");
    let is_same = |report: &Value| (metric(report, "fid") - fid).abs() <= 1e-9 * fid;
    let reference = eval(root, &["a", "made/b.npz"]);
    assert!(is_same(&reference), "{reference}");
    assert_eq!(keys(&reference), ["fid", "is_mean", "is_std"]);
    assert_eq!(reference["n"], json!([60, 60]));
    let generated = eval(root, &["made/a.npz", "b"]);
    assert!(is_same(&generated) && keys(&generated) == ["fid"], "{generated}");
    let both = eval(root, &["made/a.npz", "made/b.npz"]);
    assert!(is_same(&both) && keys(&both) == ["fid"], "{both}");
    for key in ["extractor", "protocol"] {
        assert_eq!(both[key], images[key]);
    }

    // Images and statistics in one file: the statistics count, unless the array is named.
    bench(root, &["eval", "a", "made/b.npz", "--metrics", "kid"]).failure(2, "images");
    bench(root, &["eval", "a", "made/b.npz", "--metrics", "fid,prdc"]).failure(2, "prdc");
    bench(root, &["eval", "made/a.npz", "--metrics", "is"]).failure(2, "images");
    bench(root, &["eval", "made/a.npz"]).failure(2, "reference");
}

#[test]
fn statistics_of_another_extractor_are_refused_and_of_an_unknown_one_noted() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    let stored = numpy_file("stored.npz");
    bench(root, &["eval", "a", &stored]).failure(3, "6 dimensions");
    let unknown = numpy_file("pytorch_fid.npz");
    let report = eval(root, &[&stored, &unknown]);
    assert!(metric(&report, "fid").abs() < 1e-9, "{report}");
    assert_eq!(report["n"], json!([40, null]));
    assert_eq!(report["extractor"], json!({"name": "a net", "sha256": "ab".repeat(32)}));
    assert!(report["warnings"].to_string().contains("does not say"), "{report}");
    let report = eval(root, &[&unknown, &unknown]);
    assert_eq!(report["extractor"], json!({"name": null, "sha256": null}));
    assert!(bench(root, &["eval", &unknown, &unknown]).success().contains("unknown"));
}

#[test]
fn bad_archives_end_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    for (name, expected) in [
        ("nan.npz", "`sigma` holds a value that is not finite"),
        ("indefinite.npz", "positive semi-definite"),
        ("wrong_shape.npz", "instead of [6, 6]"),
        ("no_sigma.npz", "no array `sigma`"),
        ("objects.npz", "python objects"),
    ] {
        let path = numpy_file(&format!("refused/{name}"));
        bench(root, &["eval", "a", &path]).failure(3, expected);
    }
    std::fs::write(root.join("text.npz"), "no archive").unwrap();
    bench(root, &["eval", "a", "text.npz"]).failure(3, "text.npz");
    bench(root, &["eval", "a", "none.npz"]).failure(3, "none.npz");
    bench(root, &["stats", "none", "out.npz"]).failure(3, "none");
    bench(root, &["stats", "a", "out.txt"]).failure(2, "*.npz");
    bench(root, &["stats", "a", "text.npz"]).failure(2, "--force");
    for _ in 0..2 {
        bench(root, &["stats", "a", "own.npz"]).success();
    }
    let protocol = ["stats", "a", "own.npz", "--protocol", "torch-fidelity"];
    bench(root, &protocol).failure(2, "--force");
    bench(root, &["data", "export", "shapes", "other", "--n", "60", "--seed", "7"]).success();
    bench(root, &["stats", "other", "own.npz"]).failure(2, "--force");
    bench(root, &["stats", "other", "own.npz", "--force"]).success();
    bench(root, &["data", "export", "shapes", "other", "--n", "9"]).failure(2, "--force");
    std::fs::write(root.join("file"), "").unwrap();
    bench(root, &["stats", "a", "file/out.npz"]).failure(4, "file");
}

#[test]
fn samples_in_an_array_are_images() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let [stored, deflated] = ["adm_samples.npz", "adm_samples_deflated.npz"].map(numpy_file);
    let report = eval(root, &[&stored, &deflated, "--metrics", "fid"]);
    assert_eq!(report["n"], json!([5, 5]));
    assert!(metric(&report, "fid").abs() < 1e-9, "{report}");
    bench(root, &["stats", &stored, "samples.npz"]).success();
    let batch = format!("{}:arr_0", numpy_file("adm_reference.npz"));
    assert!(metric(&eval(root, &[&batch, "samples.npz", "--metrics", "fid"]), "fid").abs() < 1e-9);
}

#[test]
fn precision_and_coverage_come_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    let report = eval(root, &["a", "b", "--metrics", "prdc"]);
    assert_eq!(keys(&report), ["coverage", "density", "precision", "recall"]);
    assert!(metric(&report, "precision") > 0.2 && metric(&report, "coverage") <= 1.0, "{report}");
    let default = eval(root, &["a", "b"]);
    assert!(default["metrics"].get("precision").is_none());
    assert!(bench(root, &["list", "metrics"]).success().contains("on request"));
}
