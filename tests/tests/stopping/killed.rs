//! SIGKILL at any moment, and SIGTERM now and then.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

/// Numbers in [0, 1) that are the same every time; the generator is Knuth's MMIX.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Steps of a run that is killed often.
const LONGER: [&str; 2] = ["--set", "steps=24"];

/// Kills a run into `folder/out` up to `kills` times, each within `most` of its start, lets it end and says how many kills it
/// took.
fn kill_often(folder: &Path, out: &str, most: Duration, kills: usize, seed: u64) -> usize {
    let mut moments = Moments(seed);
    // Checkpoints of every step, and so a kill in the middle of some.
    let arguments = arguments(out, &[&LONGER[..], &["--checkpoint-minutes", "0"]].concat());
    for kill in 0..kills {
        let child = start(folder, &arguments);
        std::thread::sleep(most.mul_f64(moments.next()));
        send(if kill % 3 == 2 { "TERM" } else { "KILL" }, &child);
        if ended(child).code == 0 {
            return kill;
        }
    }
    run(folder, &arguments).success();
    kills
}

/// The run that is never stopped, and how long it takes.
fn whole(folder: &Path, options: &[&str]) -> Duration {
    let start = Instant::now();
    run(folder, &arguments("whole", options)).success();
    start.elapsed()
}

#[test]
fn a_run_killed_at_any_moment_ends_like_one_that_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let whole = whole(root, &LONGER);
    let kills = kill_often(root, "killed", whole / 2, 6, 1);
    println!("{kills} kills");
    assert_eq!(differences(&root.join("whole"), &root.join("killed")), [""; 0]);
}

/// As many runs as `SOAK` says, 20 by default.
#[test]
#[ignore = "takes many minutes; `make soak`"]
fn soak() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let runs: u64 = std::env::var("SOAK").map_or(20, |runs| runs.parse().expect("a number"));
    let whole = whole(root, &LONGER);
    let (mut kills, mut identical) = (0, 0);
    for seed in 1..=runs {
        let out = format!("killed-{seed}");
        let killed = kill_often(root, &out, whole / 2, 12, seed);
        let differences = differences(&root.join("whole"), &root.join(&out));
        kills += killed;
        identical += u64::from(differences.is_empty());
        println!("run {seed}: {killed} kills, differing files: {differences:?}");
    }
    println!("{identical} of {runs} runs ended identical after {kills} kills in all");
    assert_eq!(identical, runs);
}

#[test]
fn what_a_kill_left_half_written_goes_and_a_missing_first_grid_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("killed");
    whole(root, &[]);
    let mut child = start(root, &arguments("killed", &[]));
    wait_until("no checkpoint", || {
        run_folder(&results).is_some_and(|run| run.join("checkpoint.safetensors").exists())
    });
    child.kill().unwrap();
    ended(child);
    let run_folder = run_folder(&results).unwrap();
    fs::write(run_folder.join(".partial-aBcD12-checkpoint.safetensors"), b"half").unwrap();
    fs::write(run_folder.join("samples/.partial-aBcD12"), b"half").unwrap();
    fs::remove_file(run_folder.join("samples/step-000000.png")).unwrap();
    let outcome = run(root, &arguments("killed", &[]));
    assert!(outcome.stderr.contains("resuming at step"), "{}", outcome.stderr);
    outcome.success();
    assert_eq!(differences(&root.join("whole"), &results), [""; 0]);
}
