//! A full disk: the environment is at fault and not the input.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use bench_tests::{Outcome, program};

use super::folder_of_images;

/// Runs `bench` where `full/` has room for 16 KiB, in a mount namespace of its own; `None`, said, where the system
/// does not let it.
fn bench_on_full_disk(root: &Path, arguments: &[&str]) -> Option<Outcome> {
    let mount = "mount -t tmpfs -o size=16k none full && exec \"$@\"";
    let in_namespace = |command: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]);
        unshare.args(command).current_dir(root).output()
    };
    if !in_namespace(&["true"]).is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no full disk, mounting one is not allowed here");
        return None;
    }
    let program = program();
    let command = [&[program.to_str().unwrap()], arguments].concat();
    Some(in_namespace(&command).unwrap().into())
}

#[test]
fn a_full_disk_ends_with_4() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    folder_of_images(root, "a", 4);
    fs::create_dir(root.join("full")).unwrap();
    for (arguments, path) in [
        (&["stats", "a", "full/a.npz"][..], "full/a.npz"),
        (&["data", "export", "shapes", "full/shapes", "--n", "50"], "full/shapes/"),
        (
            &["run", "dcgan", "--dataset", "shapes", "--budget", "smoke", "--out", "full"],
            "full/single/",
        ),
    ] {
        let Some(outcome) = bench_on_full_disk(root, arguments) else { return };
        assert!(outcome.stderr.contains(path), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("free some space"), "{}", outcome.stderr);
        outcome.failure(4, "No space left on device");
    }
}

#[test]
fn a_dataset_that_does_not_fit_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("full")).unwrap();
    let fetch = ["data", "fetch", "mnist", "--data", "full/data", "--url", "http://127.0.0.1:9/"];
    let Some(outcome) = bench_on_full_disk(folder.path(), &fetch) else { return };
    for part in ["full/data", "it takes 11.59 MB", "16.38 kB are free", "11.58 MB are missing"] {
        assert!(outcome.stderr.contains(part), "`{part}` is not in {}", outcome.stderr);
    }
    assert!(!outcome.stderr.contains("cannot download"), "{}", outcome.stderr);
    outcome.failure(4, "free some space");
}

/// Results on a full disk and in a closed pipe, by way of standard output.
#[test]
fn standard_output_that_takes_nothing_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let run = |stdout: Stdio| -> Outcome {
        let command = Command::new(program())
            .args(["list", "variants"])
            .current_dir(folder.path())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn();
        command.unwrap().wait_with_output().unwrap().into()
    };
    if Path::new("/dev/full").exists() {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        run(full.into()).failure(4, "cannot write standard output: No space left on device");
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let outcome = run(writer.into());
    assert!(outcome.stderr.is_empty(), "{}", outcome.stderr);
}
