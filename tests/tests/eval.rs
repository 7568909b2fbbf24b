//! `bench eval` and the exit codes, as a user meets them.

use bench_tests::{bench, eval, export_shapes, metric};

#[test]
fn two_folders_are_scored_with_their_provenance() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    let report = eval(root, &["a", "b"]);
    assert_eq!(report["protocol"], "pytorch-fid");
    assert_eq!(report["n"], serde_json::json!([60, 60]));
    assert_eq!(report["extractor"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert!(metric(&report, "fid") > 0.1);
    assert!(metric(&report, "is_mean") >= 1.0);
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("too few"), "{warnings}");
    assert!(warnings.contains("KID"), "{warnings}");

    // A metric alone gives what it gives with the others, and so does one thread.
    let alone = eval(root, &["a", "b", "--metrics", "fid", "--threads", "1"]);
    let (alone, together) = (metric(&alone, "fid"), metric(&report, "fid"));
    assert!((alone - together).abs() <= 1e-9 * together, "{alone} alone, {together} together");
    let kid = eval(
        root,
        &["a", "b", "--metrics", "kid", "--kid-subsets", "3", "--kid-subset-size", "20"],
    );
    assert!(metric(&kid, "kid_std") > 0.0 && kid["metrics"].get("fid").is_none());

    // A set has no distance from itself.
    assert!(metric(&eval(root, &["a", "a", "--metrics", "fid"]), "fid").abs() < 1e-6);

    // The Inception Score needs no reference, and comes alone then.
    let alone = eval(root, &["a"]);
    assert_eq!(metric(&alone, "is_mean"), metric(&report, "is_mean"));
    assert!(alone["metrics"].get("fid").is_none());
}

#[test]
fn a_confidence_interval_comes_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    export_shapes(root, "b", "2");
    let report = eval(root, &["a", "b", "--metrics", "fid", "--bootstrap", "20"]);
    let [low, fid, high] = ["fid_ci_low", "fid", "fid_ci_high"].map(|key| metric(&report, key));
    assert!(low < fid && fid < high, "{report}");
    assert!(eval(root, &["a", "b", "--metrics", "fid"])["metrics"].get("fid_ci_low").is_none());
    bench(root, &["eval", "a", "b", "--bootstrap", "20", "--metrics", "kid"]).failure(2, "fid");
    bench(root, &["eval", "a", "--bootstrap", "20"]).failure(2, "REFERENCE");
    bench(root, &["stats", "b", "b.npz"]).success();
    bench(root, &["eval", "a", "b.npz", "--bootstrap", "20"]).failure(2, "images on both sides");
}

#[test]
fn folders_archives_and_splits_of_the_same_images_agree() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    bench(root, &["data", "export", "shapes", "a", "--n", "40"]).success();
    let status = std::process::Command::new("python3")
        .args(["-c", "import shutil; shutil.make_archive('a', 'zip', 'a')"])
        .current_dir(root)
        .status()
        .unwrap();
    assert!(status.success());
    let distance = eval(root, &["a", "a.zip", "--metrics", "fid"]);
    assert!(metric(&distance, "fid").abs() < 1e-9, "{distance}");
}

#[test]
fn bad_input_ends_with_3_and_bad_usage_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    std::fs::create_dir(root.join("empty")).unwrap();

    bench(root, &["eval", "nowhere", "a"]).failure(3, "nowhere");
    bench(root, &["eval", "empty", "a"]).failure(3, "empty");
    bench(root, &["eval", "a", "cifar10:test"]).failure(3, "cifar10");
    bench(root, &["eval", "a", "a", "--extractor", "none.onnx"]).failure(3, "none.onnx");
    std::fs::write(root.join("text.onnx"), "no model").unwrap();
    bench(root, &["eval", "a", "a", "--extractor", "text.onnx"]).failure(3, "text.onnx");
    std::fs::write(root.join("text.pth"), "no weights").unwrap();
    bench(root, &["eval", "a", "a", "--weights", "text.pth"]).failure(3, "text.pth");
    bench(root, &["eval", "a", "a", "--weights", "none.pth"]).failure(3, "none.pth");
    bench(root, &["eval", "a", "a", "--weights", "text.pth", "--dims", "100"]).failure(2, "2048");
    bench(root, &["eval", "a", "a", "--metrics", "fidd"]).failure(2, "fid, kid, is");
    bench(root, &["eval", "a", "--metrics", "fid"]).failure(2, "reference");
    bench(root, &["eval", "a", "a", "--protocol", "cleanfid"]).failure(2, "clean-fid");
    bench(root, &["eval", "a", "a", "--kid-subset-size", "61"]).failure(3, "61");
    for threads in ["0", "100000", "two"] {
        bench(root, &["eval", "a", "a", "--threads", threads]).failure(2, "--threads");
    }
    bench(root, &["eval", "a", "a", "--kid-subsets", "18446744073709551615"]).failure(2, "1000000");
    bench(root, &["run", "dcgn"]).failure(2, "did you mean `dcgan`");
    bench(root, &["run", "dcgan", "--dataset", "shapes", "--set", "batch_sise=3"])
        .failure(2, "did you mean `batch_size`");
    bench(root, &["run", "dcgan", "--device", "tpu"]).failure(2, "tpu");
    bench(root, &["run", "dcgan", "--dataset", "cifar10", "--data", "none", "--budget", "smoke"])
        .failure(3, "cifar10");
    bench(root, &["all", "--suite", "sagn"]).failure(2, "did you mean `sagan`");
    bench(root, &["all", "--budget", "endless"]).failure(2, "smoke");
    bench(root, &["report", "nowhere"]).failure(3, "nowhere");
    bench(root, &["frobnicate"]).failure(2, "frobnicate");
}

#[test]
fn bad_images_are_refused_by_name_or_left_out_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    let clean = eval(root, &["a", "--metrics", "is"]);
    std::fs::write(root.join("a/00000-aaa.png"), "a text").unwrap();
    std::fs::write(root.join("a/zzz.jpg"), "").unwrap();
    bench(root, &["eval", "a"]).failure(3, "00000-aaa.png");
    let skipped = eval(root, &["a", "--metrics", "is", "--skip-bad-images"]);
    assert_eq!(skipped["n"][0], 60);
    assert_eq!(metric(&skipped, "is_mean"), metric(&clean, "is_mean"));
    let warnings = skipped["warnings"].to_string();
    assert!(warnings.contains("2 bad images") && warnings.contains("zzz.jpg"), "{warnings}");
}

#[test]
fn a_missing_onnx_runtime_is_an_environment_error() {
    let folder = tempfile::tempdir().unwrap();
    export_shapes(folder.path(), "a", "1");
    let output = bench_tests::command(folder.path(), &folder.path().join("cache"))
        .args(["eval", "a"])
        .env("ORT_DYLIB_PATH", folder.path().join("libnothing.so"))
        .output()
        .unwrap();
    bench_tests::Outcome::from(output).failure(4, "libnothing.so");
}

#[test]
fn listings_name_every_registry_entry() {
    let folder = tempfile::tempdir().unwrap();
    for (registry, names) in [
        ("variants", vec!["dcgan", "wgan-gp", "acgan"]),
        ("suites", vec!["dcgan-wgan", "quick"]),
        ("metrics", vec!["fid", "kid", "is", "lower is better"]),
        ("datasets", vec!["shapes", "cifar10", "mnist", "fashion-mnist"]),
    ] {
        let text = bench(folder.path(), &["list", registry]).success();
        assert!(names.iter().all(|name| text.contains(name)), "{text}");
    }
}

#[test]
fn too_few_images_for_a_metric_cost_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    bench(root, &["data", "export", "shapes", "six", "--n", "6"]).success();
    export_shapes(root, "b", "2");
    let report = eval(root, &["six", "b", "--extractor", "embedded"]);
    assert!(metric(&report, "fid").is_finite() && metric(&report, "kid_mean").is_finite());
    assert!(report["warnings"].to_string().contains("IS is left out"), "{report}");
    bench(root, &["eval", "six", "b", "--metrics", "is"]).failure(3, "needs at least 10 images");
    let named = bench(root, &["eval", "six", "b", "--metrics", "fid, is,"]);
    assert!(named.stdout.contains("fid "), "{}", named.stdout);
    named.failure(3, "needs at least 10 images");
}

#[test]
fn images_that_are_all_the_same_make_neighbours_meaningless() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    let image = bench_tests::images_in(&root.join("a")).remove(0);
    std::fs::create_dir(root.join("same")).unwrap();
    for index in 0..20 {
        std::fs::copy(&image, root.join("same").join(format!("{index}.png"))).unwrap();
    }
    let report = eval(root, &["same", "a", "--metrics", "prdc"]);
    assert!(report["warnings"].to_string().contains("PRDC is meaningless"), "{report}");
}
