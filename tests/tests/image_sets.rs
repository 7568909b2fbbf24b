//! What `bench eval` says of sets of images beyond the metrics: copies, sizes, counts, memorisation and classes.

use std::fs;
use std::path::{Path, PathBuf};

use bench_tests::{bench, eval, export_shapes, metric};
use serde_json::{Value, json};

fn warnings(report: &Value) -> String {
    report["warnings"].to_string()
}

/// The image files of a folder, by name.
fn files(folder: &Path) -> Vec<String> {
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    bench_tests::images_in(folder).into_iter().map(name).collect()
}

fn copy(root: &Path, from: &str, to: &str) {
    fs::copy(root.join(from), root.join(to)).unwrap();
}

#[test]
fn copies_sizes_and_counts_are_warned_of_in_the_report_and_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    let clean = warnings(&eval(root, &["a", "b"]));
    assert!(!clean.contains("pixel for pixel") && !clean.contains("resizing"), "{clean}");
    assert!(clean.contains("60 generated images instead of 50000"), "{clean}");
    assert!(clean.contains("60 reference images instead of at least 10000"), "{clean}");
    let clean = warnings(&eval(root, &["a", "b", "--metrics", "kid"]));
    assert!(!clean.contains("convention") && !clean.contains("too few"), "{clean}");

    // Two images of the reference, one of them twice, under other names.
    let [first, second] = [0, 1].map(|index| format!("b/{}", files(&root.join("b"))[index]));
    for (from, to) in [(&first, "a/x.png"), (&first, "a/y.png"), (&second, "a/z.png")] {
        copy(root, from, to);
    }
    let outcome = bench(root, &["eval", "a", "b", "--json"]);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    for text in [
        "to a reference image: 3 of 63",
        "generated images equal, pixel for pixel, to an earlier one of them: 1 of 63",
    ] {
        assert!(warnings(&report).contains(text), "{report}");
        assert!(outcome.stderr.contains(text), "{}", outcome.stderr);
    }
    for warning in report["warnings"].as_array().unwrap() {
        assert!(outcome.stderr.contains(warning.as_str().unwrap()), "{}", outcome.stderr);
    }

    bench(root, &["data", "export", "shapes", "large", "--n", "60", "--size", "48"]).success();
    let sizes = warnings(&eval(root, &["a", "large"]));
    assert!(sizes.contains("48x48") && sizes.contains("32x32"), "{sizes}");
}

#[test]
fn planted_copies_are_reported_as_memorised() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "generated", "1");
    export_shapes(root, "training", "2");
    export_shapes(root, "test", "3");
    let planted: Vec<String> = files(&root.join("training")).into_iter().step_by(10).collect();
    for (index, name) in planted.iter().enumerate() {
        copy(root, &format!("training/{name}"), &format!("generated/copy {index}, planted.png"));
    }
    let arguments = ["generated", "training", "--held-out", "test", "--report", "report/new"];
    let report = eval(root, &arguments);
    let share = metric(&report, "memorized_share");
    // Six planted of 66, and few of the fresh ones by the definition of a first percentile.
    assert!((6.0 / 66.0..=9.0 / 66.0).contains(&share), "{report}");
    assert!(metric(&report, "memorization_threshold") > 0.0, "{report}");
    assert_eq!(report["n_held_out"], 60);
    assert!(warnings(&report).contains("of 60 held-out images"), "{report}");

    let table = fs::read_to_string(root.join("report/new/nearest-pairs.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!((lines.len(), lines[0]), (67, "generated,training,distance,memorized"));
    for (index, name) in planted.iter().enumerate() {
        let row = format!("\"generated/copy {index}, planted.png\",training/{name},0,true");
        assert!(lines[1..7].contains(&row.as_str()), "no {row} in\n{table}");
    }
    assert!(lines[66].ends_with(",false"), "{}", lines[66]);
    let figure = fs::read(root.join("report/new/nearest-pairs.png")).unwrap();
    assert_eq!(figure[1..4], *b"PNG");

    // Without a report the numbers are the same, and held-out images among the training images are told.
    assert_eq!(metric(&eval(root, &arguments[..4]), "memorized_share"), share);
    let report = eval(root, &["generated", "training", "--held-out", "training"]);
    assert_eq!(metric(&report, "memorized_share"), 0.0);
    assert!(warnings(&report).contains("hold out others"), "{report}");

    bench(root, &["eval", "generated", "--held-out", "test"]).failure(2, "REFERENCE");
    bench(root, &["eval", "generated", "training", "--report", "r"]).failure(2, "held-out");
    bench(root, &["eval", "generated", "training", "--held-out", "none"]).failure(3, "none");
    fs::write(root.join("file"), "").unwrap();
    let blocked = ["eval", "generated", "training", "--held-out", "test", "--report", "file/r"];
    bench(root, &blocked).failure(4, "file");
    bench(root, &["stats", "training", "training.npz"]).success();
    bench(root, &["eval", "generated", "training.npz", "--held-out", "test"])
        .failure(2, "images on both sides");
}

#[test]
fn classes_are_scored_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (name, seed) in [("a", "1"), ("b", "2")] {
        bench(root, &["data", "export", "shapes", name, "--n", "200", "--seed", seed]).success();
        // 00042-circle.png belongs into circle/.
        for file in files(&root.join(name)) {
            let class = file.trim_end_matches(".png").split_once('-').unwrap().1;
            let target = root.join(name).join(class);
            fs::create_dir_all(&target).unwrap();
            fs::rename(root.join(name).join(&file), target.join(&file)).unwrap();
        }
    }
    fs::rename(root.join("a/star"), root.join("a/comet")).unwrap();
    let report = eval(root, &["a", "b", "--metrics", "fid", "--per-class"]);
    assert_eq!(report["n"], json!([200, 200]));
    let classes = report["per_class"].as_object().unwrap();
    assert_eq!(classes.len(), 9);
    assert!(!classes.contains_key("star") && !classes.contains_key("comet"));
    let text = warnings(&report);
    assert!(text.contains("classes comet, star have images on one side alone"), "{text}");
    assert!(text.contains("and 4 more have no more images than the 160 features"), "{text}");

    // The score of a class is that of its folders.
    let circle = eval(root, &["a/circle", "b/circle", "--metrics", "fid"]);
    assert_eq!(classes["circle"]["n"], circle["n"]);
    let (ours, alone) = (classes["circle"]["fid"].as_f64().unwrap(), metric(&circle, "fid"));
    assert!((ours - alone).abs() <= 1e-9 * alone, "{ours} in all, {alone} alone");

    // Bad images that are left out shift no label.
    fs::write(root.join("a/circle/00000.png"), "a text").unwrap();
    let skipped = eval(root, &["a", "b", "--metrics", "fid", "--per-class", "--skip-bad-images"]);
    assert_eq!(skipped["per_class"], report["per_class"]);
    fs::remove_file(root.join("a/circle/00000.png")).unwrap();

    // The folders inside an archive are classes too.
    let zipped = std::process::Command::new("python3")
        .args(["-c", "import shutil; shutil.make_archive('a', 'zip', 'a')"])
        .current_dir(root)
        .status()
        .unwrap();
    assert!(zipped.success());
    let archive = eval(root, &["a.zip", "b", "--metrics", "fid", "--per-class"]);
    assert_eq!(archive["per_class"], report["per_class"]);

    let table = bench(root, &["eval", "a", "b", "--metrics", "fid", "--per-class"]).success();
    assert!(table.contains("\nclass ") && table.contains("\ncircle "), "{table}");

    // Without the option, class folders are no source.
    bench(root, &["eval", "a", "b"]).failure(3, "subfolders");
    bench(root, &["eval", "a/circle", "b", "--per-class"]).failure(3, "classes of its images");
    fs::create_dir(root.join("c")).unwrap();
    fs::rename(root.join("a/comet"), root.join("c/comet")).unwrap();
    bench(root, &["eval", "c", "b", "--per-class"]).failure(3, "no class is on both sides");
    bench(root, &["eval", "c", "--per-class"]).failure(2, "REFERENCE");
}
