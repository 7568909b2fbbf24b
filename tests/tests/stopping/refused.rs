//! What cannot go on is refused with words, and leaves nothing half written.

use std::fs;

use super::*;

#[test]
fn a_second_process_is_kept_out_and_a_killed_one_keeps_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("shared");
    let long = ["--set", "steps=100000", "--set", "evaluation.every=100000"];
    let mut first = start(root, &arguments("shared", &long));
    wait_until("no step", || steps(&results) > 0);
    let owner = format!("is in use by process {} on ", first.id());
    run(root, &arguments("shared", &long)).failure(4, &owner);
    first.kill().unwrap();
    ended(first);
    assert!(run_folder(&results).unwrap().join("run.lock").exists(), "a killed process left it");
    let second = start(root, &arguments("shared", &long));
    let process = second.id().to_string();
    wait_until("it was not taken over", || {
        let lock = run_folder(&results).map(|run| fs::read_to_string(run.join("run.lock")));
        lock.is_some_and(|lock| lock.is_ok_and(|lock| lock.contains(&process)))
    });
    send("TERM", &second);
    assert_eq!(ended(second).code, 5);
}

#[test]
fn a_checkpoint_that_finds_no_room_is_an_error_in_words_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    // What is kept in the cache is there.
    run(root, &arguments("first", &[])).success();
    // A limit on the size of files stands in for a full disk; what is written beyond it is refused.
    let mut shell = command(root, &root.join("cache"));
    let program = shell.get_program().to_owned();
    shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$@\"", "sh"]).arg(program);
    shell.args(arguments("full", &[])).current_dir(root).env("BENCH_CACHE", root.join("cache"));
    let outcome = Outcome::from(shell.output().unwrap());
    assert!(outcome.stderr.contains("checkpoint.safetensors"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("libtorch"), "{}", outcome.stderr);
    outcome.failure(4, "cannot write full/single/");
    let results = root.join("full");
    assert_eq!(partial_files(&results), [""; 0]);
    run(root, &arguments("full", &[])).success();
    assert_eq!(differences(&root.join("first"), &results), [""; 0]);
}

#[test]
fn results_that_cannot_be_written_are_refused_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("file"), b"").unwrap();
    run(root, &arguments("file/results", &[])).failure(4, "cannot create folder file/results");
    // Nobody can write there, not even root.
    #[cfg(target_os = "linux")]
    run(root, &arguments("/proc/self", &[])).failure(4, "cannot write to /proc/self");
}
