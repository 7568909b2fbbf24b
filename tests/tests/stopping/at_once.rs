//! Several runs at once: the same bytes as one after the other, and each on its own.

use std::collections::BTreeMap;

use super::*;

/// Three small runs, one of which diverges, and one on images that cannot be read.
const SUITE: &str = r#"
    name = "mine"
    title = "Several"
    [evaluation]
    generated = 60
    reference = 60
    every = 6
    metrics = ["fid"]
    [[runs]]
    name = "first"
    variant = "dcgan"
    dataset = "digits"
    [[runs]]
    name = "diverging"
    variant = "dcgan"
    dataset = "digits"
    set = { generator_optimizer = { lr = 1e38 } }
    [[runs]]
    name = "unreadable"
    variant = "dcgan"
    dataset = "damaged"
    [[runs]]
    name = "last"
    variant = "wgan-gp"
    dataset = "digits"
    [budgets.quick]
    set = { steps = 12, batch_size = 8, generator_channels = 8, discriminator_channels = 8 }
"#;

/// A folder with the suite and the damaged images.
fn prepared() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), SUITE).unwrap();
    fs::create_dir(folder.path().join("damaged")).unwrap();
    for i in 0..4 {
        fs::write(folder.path().join(format!("damaged/{i}.png")), b"no image").unwrap();
    }
    folder
}

fn all<'a>(out: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["all", "--suite", "mine.toml", "--out", out, "--threads", "1"];
    arguments.extend(["--extractor", "embedded", "--offline"]);
    arguments.extend(options);
    arguments
}

/// Every file below `results` that tells of no time.
fn lasting(results: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files_below(results);
    files.retain(|name, _| !tells_of_time(name));
    files
}

/// The states of the runs below `results` by name.
fn states(root: &Path, out: &str) -> BTreeMap<String, String> {
    let report = run(root, &["status", out, "--json"]).success();
    let report: Value = serde_json::from_str(&report).unwrap();
    let text = |run: &Value, key: &str| run[key].as_str().unwrap().to_owned();
    let runs = report["runs"].as_array().unwrap();
    runs.iter().map(|run| (text(run, "name"), text(run, "state"))).collect()
}

fn assert_same(root: &Path, one: &str, other: &str) {
    let [one, other] = [one, other].map(|out| lasting(&root.join(out)));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    assert!(one.keys().filter(|name| name.ends_with("checkpoint.safetensors")).count() >= 2);
    for (name, bytes) in &one {
        assert!(*bytes == other[name], "{name} differs");
    }
}

#[test]
fn runs_at_once_end_in_the_same_bytes_and_one_that_fails_stops_no_other() {
    let folder = prepared();
    let root = folder.path();
    run(root, &all("one", &[])).failure(1, "2 of 4 runs failed or diverged");
    fs::remove_dir_all(root.join("cache")).unwrap();
    // Two devices, one run each.
    let outcome = run(root, &all("two", &["--device", "cpu,cpu"]));
    for part in
        ["[1/4] mine: first on digits, seed 0, on cpu", "[3/4] unreadable on damaged failed"]
    {
        assert!(outcome.stderr.contains(part), "`{part}` is not in {}", outcome.stderr);
    }
    let extracted = outcome.stderr.lines().filter(|line| {
        line.contains("features of digits")
            && line.contains(": 60 images")
            && !line.contains("cache")
    });
    assert_eq!(extracted.count(), 1, "{}", outcome.stderr);
    outcome.failure(1, "2 of 4 runs failed or diverged");
    assert_same(root, "one", "two");
    let expected =
        [("diverging", "diverged"), ("first", "done"), ("last", "done"), ("unreadable", "failed")];
    for out in ["one", "two"] {
        let states = states(root, out);
        let states: Vec<_> = states.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(states, expected, "{out}");
    }
}

/// Waits until two runs below `results` have taken steps.
fn wait_for_two(results: &Path) {
    let taken = || {
        let folders = fs::read_dir(results.join("mine")).into_iter().flatten().flatten();
        let losses = folders.filter_map(|entry| fs::read(entry.path().join("losses.csv")).ok());
        losses.filter(|csv| csv.iter().filter(|byte| **byte == b'\n').count() > 1).count()
    };
    wait_until("no two runs", || taken() >= 2);
}

#[test]
fn a_signal_to_all_saves_all_and_they_go_on_to_the_same_bytes() {
    let folder = prepared();
    let root = folder.path();
    let longer = SUITE.replace("steps = 12", "steps = 150").replace("every = 6", "every = 150");
    // The second run must not end at once.
    fs::write(root.join("mine.toml"), longer.replace("lr = 1e38", "lr = 1e-3")).unwrap();
    let child = start(root, &all("stopped", &["--jobs", "2"]));
    wait_for_two(&root.join("stopped"));
    let running = states(root, "stopped");
    assert_eq!(running["first"], "running", "{running:?}");
    assert_eq!(running["last"], "waiting", "{running:?}");
    send("TERM", &child);
    let outcome = ended(child);
    assert_eq!(outcome.stderr.matches("stopped and saved after").count(), 2, "{}", outcome.stderr);
    outcome.failure(5, "the same command goes on: ");
    assert_eq!(states(root, "stopped")["first"], "stopped");

    // The others end too where the first process is killed.
    let child = start(root, &all("stopped", &["--jobs", "2"]));
    wait_for_two(&root.join("stopped"));
    wait_until("not running", || states(root, "stopped")["first"] == "running");
    send("KILL", &child);
    child.wait_with_output().unwrap();
    wait_until("running on", || !states(root, "stopped").values().any(|state| state == "running"));

    run(root, &all("stopped", &["--jobs", "2"])).failure(1, "1 of 4 runs failed");
    run(root, &all("whole", &[])).failure(1, "1 of 4 runs failed");
    assert_same(root, "whole", "stopped");
}
