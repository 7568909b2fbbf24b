//! The cache of reference features: the same results with and without it, whatever happens to its files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bench_tests::{Outcome, bench_with_cache, export_shapes};

const FROM_CACHE: &str = "from the cache";

/// Two folders of images, a cache folder, and the arguments that score them.
struct Fixture {
    root: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        export_shapes(root.path(), "a", "1");
        export_shapes(root.path(), "b", "2");
        Self { root }
    }

    fn path(&self) -> &Path {
        self.root.path()
    }

    fn eval(&self, options: &[&str]) -> Outcome {
        let arguments = [&["eval", "a", "b", "--json"], options].concat();
        bench_with_cache(self.path(), &self.path().join("cache"), &arguments)
    }

    fn entries(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.path().join("cache/features")) else { return vec![] };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

#[test]
fn the_second_time_gives_the_same_bytes_without_extraction() {
    let fixture = Fixture::new();
    let without = fixture.eval(&["--no-cache"]);
    assert!(fixture.entries().is_empty());
    let first = fixture.eval(&[]);
    assert!(!first.stderr.contains(FROM_CACHE), "{}", first.stderr);
    // The reference alone: generated images come once.
    assert_eq!(fixture.entries().len(), 1);
    let second = fixture.eval(&[]);
    assert_eq!(second.stderr.matches(FROM_CACHE).count(), 1, "{}", second.stderr);
    let expected = without.success();
    assert_eq!(first.success(), expected);
    assert_eq!(second.success(), expected);

    // Another protocol and another number of threads are other keys, and so are other images.
    for options in [["--protocol", "torch-fidelity"], ["--threads", "1"]] {
        let other = fixture.eval(&options);
        assert!(!other.stderr.contains(FROM_CACHE), "{}", other.stderr);
        other.success();
    }
    let files = bench_tests::images_in(&fixture.path().join("b"));
    fs::remove_file(files.last().unwrap()).unwrap();
    let fewer = fixture.eval(&[]);
    assert!(!fewer.stderr.contains(FROM_CACHE), "{}", fewer.stderr);
    assert_ne!(fewer.success(), expected);
    assert_eq!(fixture.entries().len(), 4);
}

#[test]
fn damaged_files_are_named_and_made_again() {
    let fixture = Fixture::new();
    let expected = fixture.eval(&[]).success();
    let entry = fixture.entries().remove(0);
    let sound = fs::read(&entry).unwrap();
    let middle = sound.len() / 2;
    let mut changed = sound.clone();
    changed[middle] ^= 1;
    for damaged in [&sound[..middle], &changed, b"no features", b""] {
        fs::write(&entry, damaged).unwrap();
        let outcome = fixture.eval(&[]);
        let name = entry.file_name().unwrap().to_str().unwrap();
        assert!(outcome.stderr.contains(name), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("made again"), "{}", outcome.stderr);
        assert_eq!(outcome.success(), expected);
        assert_eq!(fs::read(&entry).unwrap(), sound);
    }
}

#[test]
fn processes_share_the_cache() {
    let fixture = Fixture::new();
    let outputs: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| fixture.eval(&[]).success())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(outputs.iter().all(|output| *output == outputs[0]));
    assert_eq!(fixture.entries().len(), 1);
    let after = fixture.eval(&[]);
    assert!(after.stderr.contains(FROM_CACHE), "{}", after.stderr);
    assert_eq!(after.success(), outputs[0]);
}

#[test]
fn a_cache_that_cannot_be_written_is_a_note() {
    let fixture = Fixture::new();
    let expected = fixture.eval(&["--no-cache"]).success();
    let file = fixture.path().join("file");
    fs::write(&file, "").unwrap();
    let outcome = bench_with_cache(fixture.path(), &file, &["eval", "a", "b", "--json"]);
    assert!(outcome.stderr.contains("not kept"), "{}", outcome.stderr);
    assert_eq!(outcome.success(), expected);
}

/// A full disk, as a process meets it: the system refuses to go on writing in the middle of a file.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_is_a_note_and_leaves_no_part_behind() {
    let fixture = Fixture::new();
    let expected = fixture.eval(&["--no-cache"]).success();
    let cache = fixture.path().join("cache");
    let outcome: Outcome = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"])
        .arg(bench_tests::program())
        .args(["eval", "a", "b", "--json"])
        .current_dir(fixture.path())
        .env("BENCH_CACHE", &cache)
        .output()
        .unwrap()
        .into();
    assert!(outcome.stderr.contains("not kept"), "{}", outcome.stderr);
    assert_eq!(outcome.success(), expected);
    assert!(fixture.entries().is_empty(), "{:?}", fixture.entries());
    assert_eq!(fixture.eval(&[]).success(), expected);
    assert_eq!(fixture.entries().len(), 1);
}

#[test]
fn bad_images_that_are_left_out_are_not_kept() {
    let fixture = Fixture::new();
    fs::write(fixture.path().join("b/00000-bad.png"), "a text").unwrap();
    for _ in 0..2 {
        let outcome = fixture.eval(&["--skip-bad-images"]);
        assert!(!outcome.stderr.contains(FROM_CACHE), "{}", outcome.stderr);
        outcome.success();
    }
    assert!(fixture.entries().is_empty());
}

#[test]
fn a_run_has_the_same_bytes_with_and_without_the_cache() {
    let root = tempfile::tempdir().unwrap();
    let cache = root.path().join("cache");
    let run = |out: &str, options: &[&str]| {
        let settings = ["--set", "steps=2", "--set", "batch_size=8"];
        let arguments = ["run", "dcgan", "--dataset", "shapes", "--budget", "smoke", "--out", out];
        let arguments = [&arguments, settings.as_slice(), options].concat();
        let outcome = bench_with_cache(root.path(), &cache, &arguments);
        let cached = outcome.stderr.contains(FROM_CACHE);
        let folder = root.path().join(outcome.success().trim());
        (fs::read(folder.join("metrics.csv")).unwrap(), cached)
    };
    let (without, _) = run("out1", &["--no-cache"]);
    assert!(!cache.exists());
    assert_eq!(run("out2", &[]), (without.clone(), false));
    assert_eq!(run("out3", &[]), (without, true));
}
