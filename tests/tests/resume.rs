//! A run that is killed and started again ends in the same bytes as one that never stopped.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bench_tests::{bench, command, files_below};

fn arguments(out: &str) -> Vec<&str> {
    let mut arguments =
        vec!["run", "dcgan", "--dataset", "shapes", "--budget", "smoke", "--out", out];
    for set in ["steps=24", "batch_size=16", "evaluation.every=4", "evaluation.generated=200"] {
        arguments.extend(["--set", set]);
    }
    arguments
}

fn run_folder(results: &Path) -> std::path::PathBuf {
    let mut runs = std::fs::read_dir(results.join("single")).unwrap();
    runs.next().unwrap().unwrap().path()
}

#[test]
fn a_killed_run_resumes_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    bench(folder.path(), &arguments("whole")).success();

    let mut child = command(folder.path(), &folder.path().join("cache"))
        .args(arguments("killed"))
        .arg("--offline")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let results = folder.path().join("killed");
    let deadline = Instant::now() + Duration::from_secs(300);
    let checkpoint = loop {
        assert!(Instant::now() < deadline, "no checkpoint in time");
        let found = results
            .join("single")
            .is_dir()
            .then(|| run_folder(&results).join("checkpoint.safetensors"));
        if let Some(path) = found.filter(|path| path.exists()) {
            break path;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let ended = checkpoint.with_file_name("record.json").exists();
    assert!(!ended, "the run ended before it could be killed; make it longer");

    let outcome = bench(folder.path(), &arguments("killed"));
    assert!(outcome.stderr.contains("resuming at step"), "{}", outcome.stderr);
    outcome.success();
    let whole = files_below(&run_folder(&folder.path().join("whole")));
    let killed = files_below(&run_folder(&results));
    assert_eq!(whole.keys().collect::<Vec<_>>(), killed.keys().collect::<Vec<_>>());
    for (name, bytes) in &whole {
        let timed = name == "record.json" || name == "manifest.json";
        assert!(timed || *bytes == killed[name], "{name} differs");
    }
}
