//! `bench verify`: results that are as they were, and results that are not.

use super::*;

#[test]
fn a_run_is_scored_again_to_the_same_numbers_and_what_was_changed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    run(root, &arguments("done", &[])).success();
    let results = root.join("done");
    let before = files_below(&results);
    for step in ["last", "best"] {
        let said = run(root, &["verify", "done", "--step", step]).success();
        assert!(said.contains(": ok, ") && !said.contains("note:"), "{said}");
    }
    let run_folder = run_folder(&results).unwrap();
    let one = run_folder.to_str().unwrap();
    assert!(run(root, &["verify", one, "--no-score"]).success().contains(": ok, "));
    assert!(before == files_below(&results), "it wrote something");
    // With another number of threads, sums may be others in their last digits.
    let said = run(root, &["verify", one, "--threads", "2"]).success();
    assert!(said.contains("with 2 threads instead of cpu with 1"), "{said}");

    let changed = |name: &str, change: &dyn Fn(String) -> String, part: &str| {
        let path = run_folder.join(name);
        let bytes = fs::read(&path).unwrap();
        let text = change(String::from_utf8(bytes.clone()).unwrap());
        assert!(text.as_bytes() != bytes, "{name} was not changed");
        fs::write(&path, text).unwrap();
        let outcome = run(root, &["verify", one]);
        assert!(outcome.stdout.contains(part), "`{part}` is not in {}", outcome.stdout);
        outcome.failure(3, "1 of 1 runs are not what they should be");
        fs::write(&path, bytes).unwrap();
    };
    changed(
        "config.toml",
        &|text| text.replace("steps = 12", "steps = 13"),
        "manifest.json: config_sha256 is ",
    );
    let metrics = fs::read_to_string(run_folder.join("record.json")).unwrap();
    let record: Value = serde_json::from_str(&metrics).unwrap();
    let fid = record["metrics"]["fid"].to_string();
    changed("record.json", &|text| text.replace(&fid, "1.25"), "instead of 1.25");
    let images = record["generated_sha256"].as_str().unwrap();
    changed(
        "record.json",
        &|text| text.replace(images, &"0".repeat(64)),
        "the SHA-256 of the images is",
    );
    changed("losses.csv", &|text| text.replace("\n5,", "\n"), "losses.csv");
    changed(
        "metrics.csv",
        &|text| text.replace("\n12,", "\n11,"),
        "metrics.csv: step 12 is not as in record.json",
    );
    changed("manifest.json", &|text| text[..text.len() / 2].to_owned(), "manifest.json: ");
    let experiment = record["experiment"].as_str().unwrap();
    changed(
        "record.json",
        &|text| text.replace(experiment, &"0".repeat(64)),
        "record.json: experiment is 0000",
    );

    let checkpoint = run_folder.join("checkpoint.safetensors");
    let mut bytes = fs::read(&checkpoint).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(&checkpoint).unwrap();
    fs::write(&checkpoint, bytes).unwrap();
    let outcome = run(root, &["verify", one]);
    assert!(
        outcome.stdout.contains("its contents are not those that its SHA-256 is of"),
        "{}",
        outcome.stdout
    );
    outcome.failure(3, "1 of 1 runs are not what they should be");
}

#[test]
fn other_images_at_hand_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    bench_tests::export_shapes(root, "photos", "1");
    let own = ["--dataset", "photos", "--image-size", "32"];
    let own: Vec<&str> =
        arguments("own", &own).into_iter().filter(|word| *word != "digits").collect();
    // The first --dataset lost its value.
    let first = own.iter().position(|word| *word == "--dataset").unwrap();
    let own: Vec<&str> = [&own[..first], &own[first + 1..]].concat();
    run(root, &own).success();
    fs::remove_dir_all(root.join("photos")).unwrap();
    bench_tests::export_shapes(root, "photos", "2");
    let outcome = run(root, &["verify", "own"]);
    assert!(outcome.stdout.contains("differs: the dataset at hand is "), "{}", outcome.stdout);
    outcome.failure(3, "1 of 1 runs are not what they should be");
    fs::remove_dir_all(root.join("photos")).unwrap();
    run(root, &["verify", "own"]).failure(3, "photos");
    run(root, &["verify", "own", "--no-score"]).success();
}
