//! Runs that are stopped or killed, share a folder, go on at once, or meet a full disk and other faults: little is lost, and
//! what goes on ends in the same bytes as a run that never stopped. How they are watched and checked.
#![cfg(unix)]

mod at_once;
mod damaged;
mod faults;
mod killed;
mod refused;
mod signalled;
mod tensorboard;
mod verified;
mod watched;

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use bench_tests::{Outcome, command, files_below, tells_of_time};
use serde_json::Value;

/// Longest that anything here may take.
const BOUND: Duration = Duration::from_secs(120);

/// A small run into `out`, with further options.
fn arguments<'a>(out: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    let mut arguments =
        vec!["run", "dcgan", "--dataset", "digits", "--budget", "smoke", "--out", out];
    for set in [
        "steps=12",
        "batch_size=8",
        "evaluation.every=4",
        "evaluation.generated=60",
        "generator_channels=8",
        "discriminator_channels=8",
    ] {
        arguments.extend(["--set", set]);
    }
    arguments.extend(["--extractor", "embedded", "--threads", "1", "--offline"]);
    arguments.extend(options);
    arguments
}

/// `bench ARGUMENTS`, started in `folder`.
fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = command(folder, &folder.join("cache"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Whoever runs the tests may have switched these off, as nohup and a shell's background do.
    let heed = || {
        for signal in [libc::SIGINT, libc::SIGHUP] {
            // SAFETY: the call may be made between fork and exec.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: as above.
    unsafe { command.pre_exec(heed) };
    command.spawn().expect("the program starts")
}

/// Waits until `child` has ended.
fn ended(mut child: Child) -> Outcome {
    wait_until("it has not ended", || child.try_wait().expect("a child").is_some());
    child.wait_with_output().expect("a child").into()
}

/// Runs `bench ARGUMENTS` in `folder`.
fn run(folder: &Path, arguments: &[&str]) -> Outcome {
    start(folder, arguments).wait_with_output().expect("the program ends").into()
}

fn wait_until(otherwise: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < BOUND, "{otherwise} after {BOUND:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Sends the signal called `name` to `child`.
fn send(name: &str, child: &Child) -> ExitStatus {
    let process = child.id().to_string();
    Command::new("kill").args(["-s", name, &process]).status().expect("kill(1)")
}

/// The folder of the one run below `results`, if it has been started.
fn run_folder(results: &Path) -> Option<PathBuf> {
    let mut folders = fs::read_dir(results.join("single")).ok()?;
    let mut folders = folders.by_ref().filter_map(Result::ok).map(|entry| entry.path());
    folders.find(|path| path.is_dir())
}

/// Steps in the losses of the one run below `results`.
fn steps(results: &Path) -> usize {
    let losses = run_folder(results).and_then(|run| fs::read(run.join("losses.csv")).ok());
    losses.map_or(0, |csv| csv.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1))
}

/// Every file of the one run below `results`, of its record what does not tell of times.
fn contents(results: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let run = run_folder(results).expect("a run");
    let mut files = files_below(&run);
    assert!(files.remove("manifest.json").is_some());
    let record: Value = serde_json::from_slice(&files["record.json"]).expect("a record");
    let lasting = ["status", "steps", "images_seen", "metrics", "best", "untrained"];
    let lasting: Vec<&Value> = lasting.iter().map(|key| &record[key]).collect();
    files.insert("record.json".to_owned(), serde_json::to_vec(&lasting).expect("JSON"));
    files
}

/// What differs between the runs below `one` and `other`; empty where they are the same.
fn differences(one: &Path, other: &Path) -> Vec<String> {
    let (one, other) = (contents(one), contents(other));
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}

/// Files of the one run below `results` that are left of writing.
fn partial_files(results: &Path) -> Vec<String> {
    let files = files_below(&run_folder(results).expect("a run"));
    files.into_keys().filter(|name| name.contains(".partial-")).collect()
}
