//! A named protocol does what its program does, and says where it does not.

use bench_tests::{bench, eval, export_shapes};

#[test]
fn a_protocol_sets_parameters_and_warns_where_its_program_gives_another_number() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    let score =
        |more: &[&str]| eval(root, &[&["a", "b", "--extractor", "embedded"], more].concat());

    let fidelity = score(&["--metrics", "fid,prdc", "--protocol", "torch-fidelity"]);
    assert_eq!(fidelity["parameters"]["prdc"], serde_json::json!({"k": 3, "closed": 1}));
    assert!(fidelity["warnings"].to_string().contains("VGG16"), "{fidelity}");
    let stated = ["--metrics", "prdc", "--prdc-k", "3", "--prdc-closed", "1"];
    let same = score(&stated);
    let own = score(&["--metrics", "prdc"]);
    assert_eq!(own["parameters"]["prdc"], serde_json::json!({"k": 5, "closed": 0}));
    for key in ["precision", "recall", "density", "coverage"] {
        assert_eq!(fidelity["metrics"][key], same["metrics"][key], "{key}");
        assert_ne!(fidelity["metrics"]["coverage"], own["metrics"]["coverage"]);
    }
    // Metrics that a protocol's program does not have are no news in every evaluation.
    for report in [own, same, score(&[]), score(&["--protocol", "torch-fidelity"])] {
        let warnings = report["warnings"].to_string();
        assert!(!warnings.contains("pytorch-fid") && !warnings.contains("VGG16"), "{warnings}");
    }
}

#[test]
fn the_list_of_protocols_says_all_that_each_owns() {
    let folder = tempfile::tempdir().unwrap();
    let listed = bench(folder.path(), &["list", "protocols"]).success();
    for part in [
        "files: bmp, jpg, jpeg, pgm, png, ppm, tif, tiff, webp, in these letters alone",
        "files: png, jpg, jpeg in any case; without subfolders; by real path",
        "tf1-bilinear",
        "(x - 128) / 128",
        "prdc.k = 3, prdc.closed = 1",
        "kid: pytorch-fid has no KID",
        "VGG16",
        "(warned of)",
    ] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    let help = bench(folder.path(), &["eval", "--help"]).success();
    assert!(help.contains("[default: 5; torch-fidelity: 3]"), "{help}");
}
