//! A named protocol does what its program does, and says where it does not.

use std::fs;
use std::ops::Range;
use std::path::Path;

use bench_metrics::RandomState;
use bench_tests::{bench, eval, export_shapes, metric};
use serde_json::Value;

#[expect(dead_code, reason = "the tests of the metrics use all of it")]
#[path = "../../metrics/tests/inception/synthetic.rs"]
mod synthetic;

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
    // Lines end where they are full.
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("[default: 5; torch-fidelity: 3; adm: 3]"), "{help}");
}

/// The scores that the programs gave; `golden/make_protocols.py` made them, and the images.
const GOLDEN: &str = include_str!("../golden/protocols.json");

/// The folders of the golden scores: `plain`, `kinds`, `links`, `nested` and `reference`, and the weights `w.pth`.
fn folders(root: &Path) {
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/images");
    for name in ["plain", "kinds"] {
        copy(&images.join(name), &root.join(name), |_| true);
    }
    let number = |name: &str| name.strip_suffix(".png").and_then(|n| n.parse().ok()).unwrap();
    let plain = |range: Range<usize>| move |name: &str| range.contains(&number(name));
    copy(&images.join("plain"), &root.join("nested"), plain(0..4));
    copy(&images.join("plain"), &root.join("nested/sub"), plain(4..10));
    fs::create_dir(root.join("links")).unwrap();
    for i in 0..12 {
        let target = format!("../plain/{i:02}.png");
        std::os::unix::fs::symlink(target, root.join(format!("links/{:02}.png", 11 - i))).unwrap();
    }
    fs::create_dir(root.join("reference")).unwrap();
    let mut random = RandomState::new(12);
    for i in 0..30 {
        let tiles: Vec<u8> = (0..5 * 5 * 3).map(|_| random.randint(256) as u8).collect();
        let image = image::RgbImage::from_fn(20, 20, |x, y| {
            let tile = ((y / 4 * 5 + x / 4) * 3) as usize;
            image::Rgb([tiles[tile], tiles[tile + 1], tiles[tile + 2]])
        });
        image.save(root.join(format!("reference/{i:02}.png"))).unwrap();
    }
    fs::write(root.join("w.pth"), synthetic::file(7)).unwrap();
}

/// Copies the files of `from` that `takes` says into the new folder `to`.
fn copy(from: &Path, to: &Path, takes: impl Fn(&str) -> bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if takes(entry.file_name().to_str().unwrap()) {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// The scores of two folders under `protocol`, with the counts of the golden ones.
fn score(root: &Path, folders: [&str; 2], protocol: &str, metrics: &str) -> Value {
    let mut arguments = folders.to_vec();
    arguments.extend(["--weights", "w.pth", "--protocol", protocol]);
    // Our own convolutions move FID by 1e-6, as any other order of summation may.
    arguments.extend(["--metrics", metrics, "--convolutions", "onnxruntime"]);
    if metrics.contains("kid") {
        arguments.extend(["--kid-subsets", "20", "--kid-subset-size", "4"]);
    }
    if metrics.contains("is") {
        arguments.extend(["--is-splits", "2"]);
    }
    eval(root, &arguments)
}

/// What is to agree, by the keys of `bench` and of the program, and to which share of the value; of KID, of its spread, as
/// it is a small difference of large numbers.
type Agreement<'a> = (&'a str, &'a str, f64);

/// Compares the scores of `folder` under `protocol` with those of its program, and the number of images.
fn assert_agrees(root: &Path, folder: &str, protocol: &str, metrics: &str, keys: &[Agreement<'_>]) {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let golden = &golden[folder][protocol];
    let report = score(root, [folder, "reference"], protocol, metrics);
    assert_eq!(report["n"][0], golden["n"], "{folder} under {protocol}: {report}");
    for (key, theirs, tolerance) in keys {
        let (found, expected) = (metric(&report, key), golden[theirs].as_f64().unwrap());
        let size = if *key == "kid_mean" { metric(&report, "kid_std") } else { expected.abs() };
        let off = (found - expected).abs() / size;
        assert!(off < *tolerance, "{folder} under {protocol}: {key} {found}, not {expected}");
    }
}

/// FID to 1e-6 of the distance of the program's features: with fewer images than features, scipy's square root is of a
/// singular matrix, and what the program prints of them is right to 1e-5.
#[test]
fn pytorch_fid_takes_the_files_and_the_pixels_that_the_program_takes() {
    let folder = tempfile::tempdir().unwrap();
    folders(folder.path());
    for name in ["kinds", "links", "nested"] {
        let keys = [("fid", "exact_fid", 1e-6), ("fid", "fid", 1e-5)];
        assert_agrees(folder.path(), name, "pytorch-fid", "fid", &keys);
    }
}

/// FID as the program prints it, as above; KID and IS to the f32 of features; precision and recall, whose shares are
/// f32 there.
#[test]
fn torch_fidelity_takes_the_files_the_order_and_the_pixels_that_the_program_takes() {
    let folder = tempfile::tempdir().unwrap();
    folders(folder.path());
    let keys = [
        ("fid", "frechet_inception_distance", 1e-5),
        ("kid_mean", "kernel_inception_distance_mean", 1e-5),
        ("kid_std", "kernel_inception_distance_std", 1e-5),
        ("is_mean", "inception_score_mean", 1e-6),
        ("is_std", "inception_score_std", 1e-4),
        ("precision", "precision", 1e-7),
        ("recall", "recall", 1e-7),
    ];
    for name in ["kinds", "links", "nested"] {
        assert_agrees(folder.path(), name, "torch-fidelity", "fid,kid,is,prdc", &keys);
    }
}

/// FID as above. KID's subsets are drawn of the second set first, and without a seed unless the caller sets one.
#[test]
fn clean_fid_takes_the_files_and_the_pixels_that_the_program_takes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    folders(root);
    for name in ["kinds", "links", "nested"] {
        let keys = [("fid", "exact_fid", 1e-6), ("fid", "fid", 1e-5)];
        assert_agrees(root, name, "clean-fid", "fid", &keys);
    }
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let expected = golden["links"]["clean-fid"]["kid_seed_2020"].as_f64().unwrap();
    let report = score(root, ["reference", "links"], "clean-fid", "kid");
    let off = (metric(&report, "kid_mean") - expected).abs() / metric(&report, "kid_std");
    assert!(off < 1e-5, "{expected} expected: {report}");
}
