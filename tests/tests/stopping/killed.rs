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

/// What makes a checkpoint of every step, so that a kill is in the middle of some.
const OFTEN: [&str; 2] = ["--checkpoint-minutes", "0"];

/// Kills a run up to `kills` times, each within `most` of its start, lets it end and says how many kills it took.
fn kill_often(folder: &Path, arguments: &[&str], most: Duration, kills: usize, seed: u64) -> usize {
    let mut moments = Moments(seed);
    for kill in 0..kills {
        let child = start(folder, arguments);
        std::thread::sleep(most.mul_f64(moments.next()));
        send(if kill % 3 == 2 { "TERM" } else { "KILL" }, &child);
        if ended(child).code == 0 {
            return kill;
        }
    }
    run(folder, arguments).success();
    kills
}

/// How long the run takes that is never stopped.
fn whole(folder: &Path, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    run(folder, arguments).success();
    start.elapsed()
}

#[test]
fn a_run_killed_at_any_moment_ends_like_one_that_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let whole = whole(root, &arguments("whole", &LONGER));
    let killed = arguments("killed", &[&LONGER[..], &OFTEN].concat());
    let kills = kill_often(root, &killed, whole / 2, 6, 1);
    println!("{kills} kills");
    assert_eq!(differences(&root.join("whole"), &root.join("killed")), [""; 0]);
}

/// A small run of a variant.
fn of_variant<'a>(variant: &'a str, out: &'a str) -> Vec<&'a str> {
    let mut arguments =
        vec!["run", variant, "--dataset", "shapes", "--budget", "smoke", "--out", out];
    for set in ["steps=6", "batch_size=8", "evaluation.every=3", "evaluation.generated=40"] {
        arguments.extend(["--set", set]);
    }
    arguments.extend(["--extractor", "embedded", "--threads", "1", "--offline"]);
    arguments
}

/// As many runs as `SOAK` says, of one variant after the other; by default one of each.
#[test]
#[ignore = "takes many minutes; `make soak`"]
fn soak() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let listed = run(root, &["list", "variants"]).success();
    let names = listed.lines().filter(|line| !line.starts_with(' '));
    let variants: Vec<&str> = names.filter_map(|line| line.split(' ').next()).collect();
    let runs = std::env::var("SOAK").map_or(variants.len(), |runs| runs.parse().expect("a number"));
    let (mut kills, mut identical) = (0, 0);
    for (number, variant) in variants.iter().cycle().take(runs).enumerate() {
        let [whole_out, killed_out] = ["whole", "killed"].map(|kind| format!("{kind}-{number}"));
        let whole = whole(root, &of_variant(variant, &whole_out));
        let killed = [&of_variant(variant, &killed_out)[..], &OFTEN].concat();
        let killed = kill_often(root, &killed, whole / 2, 12, number as u64 + 1);
        let [one, other] = [&whole_out, &killed_out].map(|out| root.join(out));
        let differences = differences(&one, &other);
        kills += killed;
        identical += usize::from(differences.is_empty());
        println!("{variant}: {killed} kills, differing files: {differences:?}");
        [one, other].iter().for_each(|results| fs::remove_dir_all(results).unwrap());
    }
    println!("{identical} of {runs} runs ended identical after {kills} kills in all");
    assert_eq!(identical, runs);
}

#[test]
fn what_a_kill_left_half_written_goes_and_a_missing_first_grid_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("killed");
    whole(root, &arguments("whole", &[]));
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
