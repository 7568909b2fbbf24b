//! What happens to runs that is none of their own doing, or all of it.

use super::*;

fn record(results: &Path) -> Value {
    let json = fs::read(run_folder(results).unwrap().join("record.json")).unwrap();
    serde_json::from_slice(&json).unwrap()
}

#[test]
fn images_that_go_in_the_middle_are_missed_by_the_next_run_and_not_by_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    bench_tests::export_shapes(root, "photos", "1");
    let suite = r#"
        name = "mine"
        title = "Photos"
        [evaluation]
        generated = 60
        reference = 60
        every = 150
        metrics = ["fid"]
        [[runs]]
        name = "first"
        variant = "dcgan"
        dataset = "photos"
        [[runs]]
        name = "second"
        variant = "dcgan"
        dataset = "digits"
        [[runs]]
        name = "third"
        variant = "dcgan"
        dataset = "photos"
        set = { label_smoothing = 0.1 }
        [budgets.quick]
        set = { steps = 150, batch_size = 8, generator_channels = 8, discriminator_channels = 8 }
    "#;
    fs::write(root.join("mine.toml"), suite).unwrap();
    let all =
        ["all", "--suite", "mine.toml", "--extractor", "embedded", "--offline", "--threads", "1"];
    let child = start(root, &all);
    let of_first = || {
        let folders = fs::read_dir(root.join("results/mine")).into_iter().flatten().flatten();
        let mut folders = folders.map(|entry| entry.path());
        folders.find(|path| path.to_string_lossy().contains("/first-"))
    };
    wait_until("no step", || of_first().is_some_and(|path| path.join("losses.csv").exists()));
    fs::rename(root.join("photos"), root.join("gone")).unwrap();
    let outcome = ended(child);
    let missed = "third on photos failed: unknown dataset `photos`";
    assert!(outcome.stderr.contains(missed), "{}", outcome.stderr);
    outcome.failure(1, "1 of 3 runs failed or diverged");
    let status = run(root, &["status", "results"]).success();
    assert!(status.contains("2 done, 1 failed"), "{status}");
    fs::rename(root.join("gone"), root.join("photos")).unwrap();
    run(root, &all).success();
    assert!(run(root, &["status", "results"]).success().ends_with("3 done\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_finds_too_little_memory_says_so_and_the_next_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let suite = r#"
        name = "mine"
        title = "Memory"
        [evaluation]
        generated = 60
        reference = 60
        every = 4
        metrics = ["fid"]
        [[runs]]
        name = "large"
        variant = "dcgan"
        dataset = "digits"
        set = { batch_size = 9000, discriminator_channels = 512 }
        [[runs]]
        name = "small"
        variant = "dcgan"
        dataset = "digits"
        set = { batch_size = 8, discriminator_channels = 8 }
        [budgets.quick]
        set = { steps = 4, generator_channels = 8 }
    "#;
    fs::write(root.join("mine.toml"), suite).unwrap();
    let all =
        ["all", "--suite", "mine.toml", "--extractor", "embedded", "--offline", "--threads", "1"];
    for jobs in ["1", "2"] {
        // More than a process needs to begin with, and less than the large one takes.
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 6000000; exec \"$@\"", "sh"]).arg(bench_tests::program());
        shell.args(all).args(["--jobs", jobs, "--out", jobs]);
        shell.current_dir(root).env("BENCH_CACHE", root.join("cache"));
        let outcome = Outcome::from(shell.output().unwrap());
        assert!(outcome.stderr.contains("large on digits failed: "), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("memory"), "{}", outcome.stderr);
        outcome.failure(1, "1 of 2 runs failed or diverged");
        let status = run(root, &["status", jobs]).success();
        assert!(status.contains("1 done, 1 failed"), "{status}");
    }
}

#[test]
fn records_that_cannot_be_read_are_named_and_hinder_no_other_run() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("results");
    let seeded = |seed| arguments("results", &["--seed", seed]);
    for seed in ["0", "1", "2"] {
        run(root, &seeded(seed)).success();
    }
    let of_seed = |seed: u64| {
        let folders =
            fs::read_dir(results.join("single")).unwrap().map(|entry| entry.unwrap().path());
        let prefix = format!("/dcgan-s{seed}-");
        folders
            .filter(|path| path.is_dir())
            .find(|path| path.to_string_lossy().contains(&prefix))
            .unwrap()
    };
    let cut = of_seed(0).join("record.json");
    let half = fs::read(&cut).unwrap();
    fs::write(&cut, &half[..half.len() / 2]).unwrap();
    fs::write(of_seed(1).join("record.json"), "{ \"schema\": 99 }").unwrap();
    fs::write(of_seed(2).join("losses.csv"), "step,loss_d\nhalf a").unwrap();
    let said = |outcome: &Outcome| {
        for part in [
            "record.json: not a run record",
            "record schema 99 is unknown",
            "losses.csv: not a valid history",
        ] {
            assert!(outcome.stderr.contains(part), "`{part}` is not in {}", outcome.stderr);
        }
    };
    let other = run(root, &seeded("3"));
    said(&other);
    other.success();
    let report = run(root, &["report", "results"]);
    said(&report);
    assert!(report.success().contains("comparison.csv"));
    let table = fs::read_to_string(results.join("tables/comparison.csv")).unwrap();
    assert_eq!(table.lines().count(), 2, "{table}");
}

#[test]
fn losses_that_were_cut_are_said_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("cut");
    let child = start(root, &arguments("cut", &["--checkpoint-minutes", "0"]));
    wait_until("no steps", || steps(&results) >= 6);
    send("TERM", &child);
    ended(child);
    let path = run_folder(&results).unwrap().join("losses.csv");
    let csv = fs::read_to_string(&path).unwrap();
    let third = csv.match_indices('\n').nth(3).unwrap().0;
    fs::write(&path, &csv[..third + 10]).unwrap();
    let outcome = run(root, &arguments("cut", &[]));
    assert!(outcome.stderr.contains("are missing, and stay missing"), "{}", outcome.stderr);
    outcome.success();
    let notes = record(&results)["notes"].to_string();
    assert!(notes.contains("losses.csv lacks "), "{notes}");
}

#[test]
fn what_a_diverged_run_leaves_does_not_depend_on_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let diverging = |out, minutes| {
        let options = [
            "--set",
            "evaluation.every=1",
            "--set",
            "generator_optimizer.lr=1e30",
            "--set",
            "discriminator_optimizer.lr=1e-9",
            "--checkpoint-minutes",
            minutes,
        ];
        run(root, &arguments(out, &options)).failure(1, "diverged");
    };
    diverging("often", "0");
    diverging("seldom", "10");
    assert_eq!(differences(&root.join("often"), &root.join("seldom")), [""; 0]);
    let left = run_folder(&root.join("often")).unwrap();
    assert!(!left.join("checkpoint.safetensors").exists());
    let notes = record(&root.join("often"))["notes"].to_string();
    assert!(notes.contains("diverged after step "), "{notes}");
    let samples = ["samples", left.to_str().unwrap(), "--out", "samples"];
    run(root, &samples).failure(3, "the run diverged; take its best one");
}

#[test]
fn a_generator_whose_images_are_all_alike_is_recorded_as_collapsed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let still = [
        "--set",
        "steps=100",
        "--set",
        "evaluation.every=100",
        "--set",
        "generator_optimizer.lr=3",
    ];
    let outcome = run(root, &arguments("still", &still));
    assert!(
        outcome.stderr.contains("warning: dcgan: collapsed at step 100: "),
        "{}",
        outcome.stderr
    );
    outcome.success();
    let warnings = record(&root.join("still"))["warnings"].to_string();
    assert!(warnings.contains("collapsed at step 100: "), "{warnings}");
    assert!(run(root, &["status", "still"]).success().contains("done: collapsed at step 100"));
    // One that has just begun is not called so.
    run(root, &arguments("begun", &[])).success();
    assert_eq!(record(&root.join("begun"))["warnings"], Value::Array(Vec::new()));
}

#[test]
fn a_manifest_tells_of_every_start_and_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("told");
    let child = start(root, &arguments("told", &[]));
    wait_until("no step", || steps(&results) > 0);
    send("TERM", &child);
    ended(child);
    let mut other: Vec<&str> = arguments("told", &[]);
    let threads = other.iter().position(|word| *word == "--threads").unwrap();
    other[threads + 1] = "2";
    let outcome = run(root, &other);
    assert!(outcome.stderr.contains("with 2 threads instead of cpu with 1"), "{}", outcome.stderr);
    outcome.success();
    let json = fs::read(run_folder(&results).unwrap().join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&json).unwrap();
    for key in
        ["binary_sha256", "lockfile_sha256", "config_sha256", "dataset_sha256", "extractor_sha256"]
    {
        assert_eq!(manifest[key].as_str().map(str::len), Some(64), "{key}");
    }
    assert!(manifest["libraries"]["onnxruntime"].as_str().unwrap().contains("onnxruntime"));
    assert!(!manifest["host"].as_str().unwrap().is_empty());
    let starts = manifest["starts"].as_array().unwrap();
    let ends: Vec<&str> =
        starts.iter().map(|start| start["end"]["how"].as_str().unwrap()).collect();
    assert_eq!(ends, ["stopped", "done"]);
    assert_eq!((&starts[0]["threads"], &starts[1]["threads"]), (&1.into(), &2.into()));
    assert_eq!(starts[0]["end"]["step"], starts[1]["step"]);
    assert!(starts[0]["started"].as_str().unwrap().starts_with("20"));
}

/// A GPU that goes, and one whose memory is full, as libtorch says it; the rest is as it would be.
#[test]
fn a_device_that_fails_leaves_the_last_checkpoint_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    run(root, &arguments("whole", &[])).success();
    let faults = [
        ("lost", "6:CUDA error: unspecified launch failure", "the checkpoint of step 4 is there"),
        ("early", "0:cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", "no step is saved"),
        (
            "full",
            "9:CUDA out of memory. Tried to allocate 2.00 GiB.",
            "Tried to allocate 2.00 GiB.; steps take 8 images at once, so give smaller batches (`--set batch_size=4 --set \
             accumulate=2`",
        ),
    ];
    for (out, fault, said) in faults {
        let options = arguments(out, &[]);
        let mut command = command(root, &root.join("cache"));
        command.args(&options).env("BENCH_TEST_FAULT", fault);
        let outcome = Outcome::from(command.output().unwrap());
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
        outcome.failure(4, said);
        let failed = run_folder(&root.join(out)).unwrap();
        let manifest = fs::read(failed.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["starts"][0]["end"]["how"], "failed", "{out}");
        let status = run(root, &["status", out]).success();
        assert!(status.contains("1 failed"), "{status}");
        run(root, &options).success();
        assert_eq!(differences(&root.join("whole"), &root.join(out)), [""; 0], "{out}");
    }
}

/// The runs after it would meet the same device in the same process, and another one in another.
#[test]
fn a_device_that_fails_ends_the_runs_of_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let suite = r#"
        name = "mine"
        title = "Devices"
        [evaluation]
        generated = 60
        reference = 60
        every = 2
        metrics = ["fid"]
        [[runs]]
        name = "one"
        variant = "dcgan"
        dataset = "digits"
        [budgets.quick]
        set = { steps = 2, batch_size = 8, generator_channels = 8, discriminator_channels = 8 }
    "#;
    fs::write(root.join("mine.toml"), suite).unwrap();
    let all =
        ["all", "--suite", "mine.toml", "--seeds", "0,1", "--extractor", "embedded", "--offline"];
    // Where no run is left, there is nothing to report on.
    for (jobs, code, counts) in [("1", 4, "1 waiting, 1 failed"), ("2", 3, "2 failed")] {
        let mut command = command(root, &root.join("cache"));
        command.args(all).args(["--threads", "1", "--jobs", jobs, "--out", jobs]);
        command.env("BENCH_TEST_FAULT", "1:CUDA error: unspecified launch failure");
        let outcome = Outcome::from(command.output().unwrap());
        assert!(outcome.stderr.contains("cpu failed in training: "), "{}", outcome.stderr);
        assert_eq!(outcome.code, code, "{}", outcome.stderr);
        let status = run(root, &["status", jobs]).success();
        assert!(status.contains(counts), "{status}");
    }
}
