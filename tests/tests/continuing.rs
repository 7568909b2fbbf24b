//! A run that is asked for with more steps goes on where it ended; its best checkpoint is kept beside the last.

use std::fs;
use std::path::{Path, PathBuf};

use bench_tests::{bench, files_below};
use serde_json::Value;

fn run(root: &Path, out: &str, steps: &str, options: &[&str]) -> (PathBuf, String) {
    let steps = format!("steps={steps}");
    let mut arguments =
        vec!["run", "dcgan", "--dataset", "shapes", "--budget", "smoke", "--out", out];
    for set in [&steps, "batch_size=8", "evaluation.every=2", "evaluation.generated=60"] {
        arguments.extend(["--set", set]);
    }
    arguments.extend(["--extractor", "embedded"]);
    arguments.extend(options);
    let outcome = bench(root, &arguments);
    let stderr = outcome.stderr.clone();
    (root.join(outcome.success().trim()), stderr)
}

fn record(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("record.json")).unwrap()).unwrap()
}

#[test]
fn more_steps_go_on_in_the_same_folder_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (short, _) = run(root, "a", "4", &[]);
    let (long, stderr) = run(root, "a", "8", &[]);
    assert!(stderr.contains("goes on as") && stderr.contains("resuming at step 4"), "{stderr}");
    assert!(!short.exists(), "the folder went on under its new name");
    assert_eq!(fs::read_dir(root.join("a/single")).unwrap().count(), 1);
    let notes = record(&long)["notes"].to_string();
    assert!(notes.contains("a run of 4 steps, continued to 8 from step 4"), "{notes}");

    let (whole, _) = run(root, "b", "8", &[]);
    assert_eq!(whole.file_name(), long.file_name());
    let (ours, theirs) = (files_below(&long), files_below(&whole));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, bytes) in &ours {
        let timed = name == "record.json" || name == "manifest.json";
        assert!(timed || *bytes == theirs[name], "{name} differs");
    }
    let (_, stderr) = run(root, "a", "8", &[]);
    assert!(stderr.contains("kept: "), "{stderr}");
    // A schedule over all steps takes each step otherwise: such a run begins anew.
    run(root, "c", "4", &["--set", "schedule=linear"]);
    let (_, stderr) = run(root, "c", "8", &["--set", "schedule=linear"]);
    assert!(!stderr.contains("resuming"), "{stderr}");
}

#[test]
fn a_run_that_goes_on_with_other_threads_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    run(root, "a", "2", &["--threads", "2"]);
    let (long, stderr) = run(root, "a", "4", &["--threads", "1"]);
    assert!(stderr.contains("with 1 threads instead of cpu with 2"), "{stderr}");
    let notes = record(&long)["notes"].to_string();
    assert!(notes.contains("the bytes are those of neither"), "{notes}");
    let manifest: Value =
        serde_json::from_slice(&fs::read(long.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["starts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_best_checkpoint_is_the_one_of_the_best_score() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (run, _) = run(root, "a", "6", &[]);
    let record = record(&run);
    let csv = fs::read_to_string(run.join("metrics.csv")).unwrap();
    let scores = csv.lines().skip(2).map(|line| {
        let mut cells = line.split(',');
        let step: u64 = cells.next().unwrap().parse().unwrap();
        (cells.nth(1).unwrap().parse::<f64>().unwrap(), step)
    });
    let (fid, step) = scores.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    assert_eq!(
        (record["best"]["step"].as_u64(), record["best"]["by"].as_str()),
        (Some(step), Some("fid"))
    );
    assert_eq!(record["best"]["metrics"]["fid"].as_f64(), Some(fid));
    let samples = |step: &str, out: &str| {
        let run = run.to_str().unwrap();
        let arguments = ["samples", run, "--n", "60", "--step", step, "--out", out];
        let outcome = bench(root, &arguments);
        let stderr = outcome.stderr.clone();
        outcome.success();
        stderr
    };
    assert!(samples("best", "best").contains(&format!("after {step} steps")));
    assert!(samples("last", "last").contains("after 6 steps"));
    // Its images are those that the score is of.
    let report = bench_tests::eval(
        root,
        &["best", "--metrics", "is", "--protocol", "pytorch-fid", "--extractor", "embedded"],
    );
    let is = record["best"]["metrics"]["is_mean"].as_f64().unwrap();
    assert!((bench_tests::metric(&report, "is_mean") - is).abs() < 1e-9 * is);
}

#[test]
fn a_diverged_run_keeps_what_it_scored() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut arguments = vec!["run", "dcgan", "--dataset", "shapes", "--budget", "smoke"];
    for set in [
        "steps=40",
        "batch_size=8",
        "evaluation.every=1",
        "evaluation.generated=60",
        "generator_optimizer.lr=1e30",
        "discriminator_optimizer.lr=1e-9",
    ] {
        arguments.extend(["--set", set]);
    }
    let outcome = bench(root, &[&arguments[..], &["--extractor", "embedded"]].concat());
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    let run = fs::read_dir(root.join("results/single")).unwrap();
    let run = run.map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    let record = record(&run);
    assert_eq!(record["status"], "diverged");
    assert!(
        record["untrained"]["fid"].is_f64() && record["metrics"].as_object().unwrap().is_empty()
    );
    assert!(record["notes"].to_string().contains("diverged after step"), "{record}");
    let table = fs::read_to_string(root.join("results/tables/comparison.md")).unwrap();
    assert!(table.contains("diverged"), "{table}");
}
