//! Checkpoints that are not what was written.

use std::fs;

use super::*;

/// Flips one bit in the middle of the file at `path`, which other names of it keep.
fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_checkpoint_gives_way_to_the_one_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let results = root.join("damaged");
    run(root, &arguments("whole", &[])).success();
    let child = start(root, &arguments("damaged", &["--checkpoint-minutes", "0"]));
    wait_until("no steps", || steps(&results) >= 5);
    send("TERM", &child);
    ended(child).failure(5, "stopped");
    let run_folder = run_folder(&results).unwrap();
    let [last, previous] = ["checkpoint.safetensors", "checkpoint.previous.safetensors"]
        .map(|name| run_folder.join(name));

    // Neither is whole: nothing is gone on from, and nothing is lost.
    let kept = [fs::read(&last).unwrap(), fs::read(&previous).unwrap()];
    damage(&last);
    damage(&previous);
    let outcome = run(root, &arguments("damaged", &[]));
    assert!(outcome.stderr.contains("checkpoint.previous.safetensors"), "{}", outcome.stderr);
    outcome.failure(3, "checkpoint.safetensors: its contents are not those that its SHA-256 is of");
    let samples = ["samples", run_folder.to_str().unwrap(), "--out", "samples"];
    run(root, &samples).failure(3, "its contents are not those that its SHA-256 is of");

    fs::write(&last, &kept[0]).unwrap();
    fs::write(&previous, &kept[1]).unwrap();
    damage(&last);
    let outcome = run(root, &arguments("damaged", &[]));
    assert!(outcome.stderr.contains("the one before it is whole"), "{}", outcome.stderr);
    outcome.success();
    assert_eq!(differences(&root.join("whole"), &results), [""; 0]);
}
