//! Images of one's own as a dataset: trained on, described, exported and compared with.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use bench_tests::{Outcome, bench, command, eval, files_below};

/// Puts images of `shapes` into `root/photos/<class>/`, the same for the same number.
fn class_folders(root: &Path, n: &str) {
    bench(root, &["data", "export", "shapes:train", "flat", "--n", n, "--seed", "1"]).success();
    for name in files_below(&root.join("flat")).keys() {
        let class = name.trim_end_matches(".png").split_once('-').unwrap().1;
        fs::create_dir_all(root.join("photos").join(class)).unwrap();
        fs::copy(root.join("flat").join(name), root.join("photos").join(class).join(name)).unwrap();
    }
}

fn run_with(root: &Path, variant: &str, dataset: &str, options: &[&str]) -> bench_tests::Outcome {
    let mut arguments = vec!["run", variant, "--dataset", dataset, "--budget", "smoke"];
    for set in ["steps=2", "batch_size=8", "evaluation.every=2", "evaluation.generated=60"] {
        arguments.extend(["--set", set]);
    }
    arguments.extend([
        "--set",
        "evaluation.reference=60",
        "--set",
        "evaluation.parameters.kid.subset_size=20",
    ]);
    arguments.extend(["--extractor", "embedded"]);
    bench(root, &[&arguments[..], options].concat())
}

#[test]
fn a_folder_is_trained_on_and_a_run_that_has_ended_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    class_folders(root, "80");
    let run = root.join(run_with(root, "dcgan", "photos", &[]).success().trim());
    let config = fs::read_to_string(run.join("config.toml")).unwrap();
    assert!(config.contains("dataset = \"photos\""), "{config}");
    let manifest = fs::read_to_string(run.join("manifest.json")).unwrap();
    assert!(
        manifest.contains("photos (class folders, of every class one image in 10"),
        "{manifest}"
    );
    let again = run_with(root, "dcgan", "photos", &[]);
    assert!(again.stderr.contains("kept: "), "{}", again.stderr);
    // A variant with labels, on the archive of the folder.
    let zipped = std::process::Command::new("python3")
        .args(["-c", "import shutil; shutil.make_archive('photos', 'zip', 'photos')"])
        .current_dir(root)
        .status()
        .unwrap();
    assert!(zipped.success());
    let conditional = root.join(run_with(root, "acgan", "photos.zip", &[]).success().trim());
    let record = fs::read_to_string(conditional.join("record.json")).unwrap();
    assert!(record.contains("\"dataset\": \"photos\""), "{record}");

    // Other images at the same path are another run.
    fs::remove_file(root.join("photos/circle").join("00000-circle.png")).unwrap();
    let other = root.join(run_with(root, "dcgan", "photos", &[]).success().trim());
    assert_ne!(run, other);
}

#[test]
fn images_without_labels_train_what_needs_none() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    bench(root, &["data", "export", "shapes:train", "flat", "--n", "80"]).success();
    run_with(root, "dcgan", "flat", &[]).success();
    run_with(root, "acgan", "flat", &[]).failure(2, "needs labels, and flat has none");
    run_with(root, "dcgan", "nowhere/", &[]).failure(3, "there is no such file or folder");
    run_with(root, "dcgan", "nowhere", &[]).failure(2, "unknown dataset `nowhere`");
    bench(root, &["extractor", "train", "--dataset", "flat", "--epochs", "1", "--out", "e"])
        .failure(2, "flat has no labels");
    fs::write(root.join("flat/00007-x.png"), "a text").unwrap();
    run_with(root, "dcgan", "flat", &[]).failure(3, "00007-x.png");
}

#[test]
fn a_suite_names_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    class_folders(root, "80");
    let suite = r#"
        name = "mine"
        title = "My photos"
        [evaluation]
        generated = 40
        reference = 60
        every = 1
        parameters.kid = { subsets = 5, subset_size = 20 }
        [[runs]]
        variant = "dcgan"
        dataset = "./photos"
        set = { steps = 1, batch_size = 8 }
        [[ground_truths]]
        name = "real"
        dataset = "./photos"
        image_size = 16
        evaluation = { split = "train" }
        [budgets.quick]
    "#;
    fs::write(root.join("mine.toml"), suite).unwrap();
    let all = ["all", "--suite", "mine.toml", "--extractor", "embedded"];
    let outcome = bench(root, &all);
    assert!(!outcome.stderr.contains("stands in"), "{}", outcome.stderr);
    outcome.success();
    let runs = files_below(&root.join("results/mine"));
    assert_eq!(runs.keys().filter(|name| name.ends_with("record.json")).count(), 2);
    fs::write(root.join("mine.toml"), suite.replace("dcgan", "acgan")).unwrap();
    bench(root, &all).success();
    fs::write(root.join("mine.toml"), suite.replace("./photos", "./none")).unwrap();
    bench(root, &all).failure(3, "./none");
}

#[test]
fn paths_are_described_exported_and_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    class_folders(root, "100");
    let text = bench(root, &["data", "info", "photos"]).success();
    for part in ["your own images: 100 in class folders", "classes    10", "90 images of 32x32x3"] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    let text = bench(root, &["data", "info", "photos", "--size", "16"]).success();
    assert!(text.contains("10 images of 16x16x3"), "{text}");
    bench(root, &["data", "export", "photos:train", "train", "--n", "20"]).success();
    let exported = files_below(&root.join("train"));
    assert_eq!(exported.len(), 20);
    assert!(exported.keys().next().unwrap().starts_with("00000-"));
    bench(root, &["data", "export", "photos:validation", "none"]).failure(3, "unknown split");
    bench(root, &["data", "export", "nowhere/:test", "none"]).failure(3, "no such file");

    let report = eval(root, &["flat", "photos:train", "--metrics", "fid"]);
    assert_eq!(report["n"], serde_json::json!([100, 90]));
    let listed = bench(root, &["list", "datasets"]).success();
    assert!(listed.lines().last().unwrap().starts_with("PATH "), "{listed}");
}

#[test]
fn a_path_that_is_no_text_is_a_path() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    bench(root, &["data", "export", "shapes:train", "flat", "--n", "80"]).success();
    let name = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
    fs::rename(root.join("flat"), root.join(name(b"fl\xe4t"))).unwrap();
    let with = |arguments: &[&OsStr]| {
        Outcome::from(command(root, &root.join("cache")).args(arguments).output().unwrap())
    };
    let plain = OsStr::new;
    let info = with(&[plain("data"), plain("info"), &name(b"fl\xe4t")]).success();
    assert!(info.contains("8 images of 32x32x3"), "{info}");
    let export = [plain("data"), plain("export"), &name(b"fl\xe4t:train"), plain("out")];
    with(&export).success();
    assert_eq!(files_below(&root.join("out")).len(), 72);
    let options = ["--extractor", "embedded", "--metrics", "fid", "--json"].map(plain);
    let split = name(b"fl\xe4t:test");
    let report = with(&[&[plain("eval"), plain("out"), &split], &options[..]].concat()).success();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["n"], serde_json::json!([72, 8]));
    // A configuration is text.
    let named = name(b"fl\xe4t");
    with(&[plain("run"), plain("dcgan"), plain("--dataset"), &named]).failure(2, "symbolic link");
}

#[test]
fn a_side_that_cannot_be_is_bad_usage() {
    let folder = tempfile::tempdir().unwrap();
    for size in ["0", "100000"] {
        bench(folder.path(), &["data", "info", "shapes", "--size", size]).failure(2, "this size");
    }
}
