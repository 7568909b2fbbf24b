//! The cache of decoded images: a run has the same bytes without it, the first time and from it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bench_tests::{Outcome, command, export_shapes, files_below};

const FROM_CACHE: &str = "images from the cache";

const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Class folders of 60 images, called as those of `cifar10` are, and a cache folder.
struct Fixture {
    root: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        export_shapes(root.path(), "shapes", "1");
        for (name, bytes) in files_below(&root.path().join("shapes")) {
            // The class follows from the number in the name.
            let number: usize = name[..5].parse().unwrap();
            for split in ["train", "test"] {
                let folder = root.path().join("data").join(split).join(CLASSES[number % 10]);
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join(&name), &bytes).unwrap();
            }
        }
        Self { root }
    }

    fn path(&self) -> &Path {
        self.root.path()
    }

    /// A run of three steps at 64 pixels, which the images are resized to.
    fn run(&self, cache: &str, out: &str, options: &[&str]) -> Outcome {
        self.run_with_limit(cache, out, options, "1GB")
    }

    fn run_with_limit(&self, cache: &str, out: &str, options: &[&str], limit: &str) -> Outcome {
        let mut command = command(self.path(), &self.path().join(cache));
        command.env("BENCH_CACHE_MAX", limit).args(["run", "cdcgan", "--dataset", "cifar10"]);
        command.args(["--budget", "smoke", "--image-size", "64", "--offline", "--out", out]);
        for set in ["steps=3", "batch_size=4", "evaluation.generated=20", "evaluation.every=3"] {
            command.args(["--set", set]);
        }
        command.args(["--set", "evaluation.parameters.kid.subset_size=10"]).args(options);
        command.output().unwrap().into()
    }

    /// The files of the run in `out` that do not hold times, and the record without them.
    fn results(&self, out: &str, run: Outcome) -> BTreeMap<String, Vec<u8>> {
        let folder = self.path().join(run.success().trim());
        assert!(folder.starts_with(self.path().join(out)));
        let mut files = files_below(&folder);
        for name in ["record.json", "manifest.json"] {
            let mut json: serde_json::Value = serde_json::from_slice(&files[name]).unwrap();
            assert!(json["wall_seconds"].take().is_number());
            json["starts"].take();
            files.insert(name.to_owned(), json.to_string().into_bytes());
        }
        files
    }

    fn entries(&self, cache: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.path().join(cache).join("images")) else {
            return vec![];
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

#[test]
fn a_run_has_the_same_bytes_without_the_cache_into_it_and_out_of_it() {
    let fixture = Fixture::new();
    let without = fixture.run("cache", "a", &["--no-cache"]);
    assert!(fixture.entries("cache").is_empty());
    let into = fixture.run("cache", "b", &[]);
    assert!(!into.stderr.contains(FROM_CACHE), "{}", into.stderr);
    assert_eq!(fixture.entries("cache").len(), 1);
    let out_of = fixture.run("cache", "c", &[]);
    assert!(out_of.stderr.contains(FROM_CACHE), "{}", out_of.stderr);
    let expected = fixture.results("a", without);
    assert!(expected.contains_key("checkpoint.safetensors"), "{:?}", expected.keys());
    for (out, run) in [("b", into), ("c", out_of)] {
        let results = fixture.results(out, run);
        assert_eq!(results.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (name, bytes) in &expected {
            assert!(results[name] == *bytes, "{out}: {name} differs");
        }
    }
}

#[test]
fn damage_and_a_cache_that_cannot_be_written_are_notes() {
    let fixture = Fixture::new();
    let first = fixture.run("cache", "a", &[]);
    let expected = fixture.results("a", first);
    let entry = fixture.entries("cache").remove(0);
    let sound = fs::read(&entry).unwrap();
    fs::write(&entry, &sound[..sound.len() - 1]).unwrap();
    let damaged = fixture.run("cache", "b", &[]);
    let name = entry.file_name().unwrap().to_str().unwrap();
    assert!(damaged.stderr.contains(name), "{}", damaged.stderr);
    assert!(damaged.stderr.contains("decoded again"), "{}", damaged.stderr);
    assert_eq!(fixture.results("b", damaged), expected);
    assert_eq!(fs::read(&entry).unwrap(), sound);

    fs::write(fixture.path().join("file"), "").unwrap();
    let unwritable = fixture.run("file", "c", &[]);
    assert_eq!(
        unwritable.stderr.matches("images are not kept").count(),
        1,
        "{}",
        unwritable.stderr
    );
    assert_eq!(fixture.results("c", unwritable), expected);
}

#[test]
fn the_limit_of_the_cache_is_kept() {
    let fixture = Fixture::new();
    let nothing = fixture.run_with_limit("cache", "a", &[], "0");
    let expected = fixture.results("a", nothing);
    assert!(files_below(&fixture.path().join("cache")).is_empty());
    let unclear = fixture.run_with_limit("cache", "b", &[], "much");
    assert_eq!(unclear.stderr.matches("BENCH_CACHE_MAX=much").count(), 1, "{}", unclear.stderr);
    assert_eq!(fixture.results("b", unclear), expected);
    assert_eq!(fixture.entries("cache").len(), 1);
}

#[test]
fn processes_share_the_cache() {
    let fixture = Fixture::new();
    let outs = ["a", "b", "c"];
    let runs: Vec<Outcome> = std::thread::scope(|scope| {
        let fixture = &fixture;
        let runs = outs.map(|out| scope.spawn(move || fixture.run("cache", out, &[])));
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let results: Vec<_> =
        outs.iter().zip(runs).map(|(out, run)| fixture.results(out, run)).collect();
    assert!(results.iter().all(|files| *files == results[0]));
    assert_eq!(fixture.entries("cache").len(), 1);
}
