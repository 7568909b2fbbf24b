//! `bench status` from another process, while a run goes on and after it.

use super::*;

/// What `bench status OUT --json` prints of the one run there, which changes no file.
fn status(root: &Path, out: &str) -> Value {
    let report = run(root, &["status", out, "--json"]).success();
    let mut report: Value = serde_json::from_str(&report).expect("one JSON object");
    let runs = report["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1, "{report}");
    report["runs"][0].take()
}

#[test]
fn another_process_sees_what_becomes_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("watched");
    let long = ["--set", "steps=100000", "--set", "evaluation.every=100000"];
    let child = start(root, &arguments("watched", &long));
    wait_until("no step", || steps(&results) > 1);
    let running = status(root, "watched");
    assert_eq!(running["state"], "running", "{running}");
    assert_eq!((&running["process"], &running["steps"]), (&child.id().into(), &100_000.into()));
    assert!(running["step"].as_u64().unwrap() > 0, "{running}");
    assert!(running["seconds_left"].as_f64().unwrap() > 0.0, "{running}");

    send("KILL", &child);
    ended(child);
    let before = files_below(&results);
    let stopped = status(root, "watched");
    assert_eq!(stopped["state"], "stopped", "{stopped}");
    assert_eq!(stopped["steps_per_second"], Value::Null);
    assert!(before == files_below(&results), "it wrote something");
    let table = run(root, &["status", "watched"]).success();
    assert!(table.contains("single/dcgan on digits, seed 0  stopped"), "{table}");

    run(root, &arguments("done", &[])).success();
    let done = status(root, "done");
    assert_eq!((&done["state"], &done["step"]), (&"done".into(), &12.into()));
    let diverging = arguments("diverged", &["--set", "generator_optimizer.lr=1e38"]);
    run(root, &diverging).failure(1, "diverged");
    assert_eq!(status(root, "diverged")["state"], "diverged");
}

#[test]
fn a_failed_run_leaves_its_reason_and_the_next_start_takes_it_away() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("failed");
    let child = start(root, &arguments("failed", &["--checkpoint-minutes", "0"]));
    wait_until("no checkpoint", || steps(&results) > 1);
    send("TERM", &child);
    ended(child);
    let checkpoints = ["checkpoint.safetensors", "checkpoint.previous.safetensors"];
    let checkpoints = checkpoints.map(|name| run_folder(&results).unwrap().join(name));
    let kept = checkpoints.clone().map(|path| fs::read(path).unwrap());
    for path in &checkpoints {
        fs::write(path, b"damaged").unwrap();
    }
    run(root, &arguments("failed", &[])).failure(3, "checkpoint.safetensors");
    let failed = status(root, "failed");
    assert_eq!(failed["state"], "failed", "{failed}");
    assert!(failed["reason"].as_str().unwrap().contains("cannot use checkpoint"), "{failed}");

    std::iter::zip(&checkpoints, kept).for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    run(root, &arguments("failed", &[])).success();
    assert_eq!(status(root, "failed")["state"], "done");
    assert!(!run_folder(&results).unwrap().join("failure.json").exists());
}

#[test]
fn results_that_are_not_there_are_missing_input() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["status", "nowhere"]).failure(3, "cannot list folder nowhere");
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(run(folder.path(), &["status", "empty"]).success(), "no runs\n");
}
