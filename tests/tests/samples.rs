//! `bench samples`: images from the generator of a run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bench_tests::{Outcome, bench, files_below};
use serde_json::Value;

/// A run of a few steps, and the folder that holds its results.
struct Fixture {
    root: tempfile::TempDir,
    run: PathBuf,
}

impl Fixture {
    fn new(variant: &str, options: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut arguments = vec!["run", variant, "--dataset", "shapes", "--budget", "smoke"];
        for set in ["steps=4", "batch_size=8", "evaluation.every=4"] {
            arguments.extend(["--set", set]);
        }
        arguments.extend(options);
        let run = bench(root.path(), &arguments).success();
        let run = root.path().join(run.trim());
        Self { root, run }
    }

    fn path(&self) -> &Path {
        self.root.path()
    }

    fn samples(&self, out: &str, options: &[&str]) -> Outcome {
        let run = self.run.to_str().unwrap();
        let arguments = [&["samples", run, "--out", out], options].concat();
        bench(self.path(), &arguments)
    }

    /// The names and bytes of the files that are written.
    fn files(&self, out: &str, options: &[&str]) -> Vec<(String, Vec<u8>)> {
        assert_eq!(self.samples(out, options).success().trim(), out);
        files_below(&self.path().join(out)).into_iter().collect()
    }
}

#[test]
fn images_depend_on_run_seed_and_truncation_and_not_on_their_number() {
    let fixture = Fixture::new("dcgan", &["--set", "ema_decay=0.5"]);
    let some = fixture.files("a", &["--n", "12", "--grid", "grid.png"]);
    let names: Vec<&str> = some.iter().map(|(name, _)| name.as_str()).collect();
    let expected: Vec<String> = (0..12).map(|index| format!("{index:06}.png")).collect();
    assert_eq!(names, expected);
    assert!(some.iter().all(|(_, bytes)| bytes.starts_with(b"\x89PNG")));
    let grid = fs::read(fixture.path().join("grid.png")).unwrap();
    // Ten images of 32 pixels in a row, two pixels around each.
    assert_eq!(grid[16..24], [0, 0, 1, 86, 0, 0, 0, 70]);

    // Fewer images are the first of more, whatever the batches.
    let more = fixture.files("b", &["--n", "130"]);
    assert_eq!((more.len(), &more[..12]), (130, &some[..]));
    assert_eq!(some, fixture.files("c", &["--n", "12", "--seed", "0"]));
    assert_ne!(some, fixture.files("d", &["--n", "12", "--seed", "1"]));
    let truncated = fixture.files("e", &["--n", "12", "--truncation", "0.5"]);
    assert_ne!(some, truncated);
    assert_eq!(truncated, fixture.files("f", &["--n", "12", "--truncation", "0.5"]));
    assert_eq!(some[..5], fixture.files("g", &["--n", "5"]));
}

#[test]
fn labels_are_drawn_and_stand_beside_the_images() {
    let fixture = Fixture::new("cdcgan", &[]);
    let labels = |files: &[(String, Vec<u8>)]| {
        let (_, json) = files.iter().find(|(name, _)| name == "dataset.json").unwrap();
        serde_json::from_slice::<Value>(json).unwrap()["labels"].clone()
    };
    let all = fixture.files("all", &["--n", "60"]);
    let drawn = labels(&all);
    let drawn: Vec<u64> = drawn
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(i, pair)| {
            assert_eq!(pair[0], format!("{i:06}.png"));
            pair[1].as_u64().unwrap()
        })
        .collect();
    // That a class of ten is missing among 60 drawn evenly has the probability 0.018; the seed is fixed.
    let classes: BTreeSet<u64> = drawn.iter().copied().collect();
    assert!(classes.into_iter().eq(0..10), "{drawn:?}");
    assert_ne!(drawn, (0..60).map(|i| i % 10).collect::<Vec<_>>());
    let first = labels(&fixture.files("first", &["--n", "7"]));
    assert_eq!(first.as_array().unwrap()[..], labels(&all).as_array().unwrap()[..7]);
    let stars = fixture.files("star", &["--n", "3", "--class", "3"]);
    assert!(labels(&stars).as_array().unwrap().iter().all(|pair| pair[1] == 3), "{stars:?}");
    // The same latents: an image that is of the class anyway is the same.
    let class = drawn[0].to_string();
    assert_eq!(fixture.files("same", &["--n", "1", "--class", &class])[0], all[0]);
    let listed = bench(fixture.path(), &["data", "info", "shapes"]).success();
    let third = listed.lines().find_map(|line| line.strip_prefix("classes")).unwrap();
    let third = third.split([':', ',']).nth(4).unwrap().trim();
    assert_eq!(fixture.files("named", &["--n", "3", "--class", third]), stars);
    fixture.samples("x", &["--class", "unicorn"]).failure(2, "`unicorn` is no class of shapes");
    fixture.samples("x", &["--class", "10"]).failure(2, "`class` = 10");
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let fixture = Fixture::new("gan", &[]);
    for (option, value, part) in [
        ("--truncation", "0", "at most 2"),
        ("--truncation", "2.5", "at most 2"),
        ("--truncation", "nan", "at most 2"),
        ("--truncation", "low", "not a number"),
        ("--n", "0", "0 is not in"),
        ("--class", "1", "trained without labels"),
    ] {
        fixture.samples("x", &[option, value]).failure(2, part);
    }
    fixture.samples("x", &["--device", "abacus"]).failure(2, "abacus");
    fs::create_dir(fixture.path().join("full")).unwrap();
    fs::write(fixture.path().join("full/other.png"), "").unwrap();
    fixture.samples("full", &[]).failure(2, "has files already");
    fs::write(fixture.path().join("file"), "").unwrap();
    fixture.samples("file/x", &[]).failure(4, "file/x");
    bench(fixture.path(), &["samples", "nowhere", "--out", "x"]).failure(3, "nowhere/config.toml");

    let (config, checkpoint) =
        (fixture.run.join("config.toml"), fixture.run.join("checkpoint.safetensors"));
    let sound = (fs::read_to_string(&config).unwrap(), fs::read(&checkpoint).unwrap());
    let with_config = |from: &str, to: &str| {
        assert!(sound.0.contains(from), "{from} is not in\n{}", sound.0);
        fs::write(&config, sound.0.replacen(from, to, 1)).unwrap();
        fixture.samples("x", &[])
    };
    with_config("variant = \"gan\"", "variant = \"dcgan\"").failure(3, "another configuration");
    with_config("variant = \"gan\"", "variant = \"hourglass\"").failure(3, "another version");
    with_config("seed = 0", "sead = 0").failure(3, "sead");
    with_config("ema_decay = 0.0", "ema_decay = 0.5").failure(3, "`averaged_generator");
    fs::write(&config, &sound.0).unwrap();
    fs::write(&checkpoint, &sound.1[..sound.1.len() / 2]).unwrap();
    fixture.samples("x", &[]).failure(3, "checkpoint.safetensors");
    fs::remove_file(&checkpoint).unwrap();
    fixture.samples("x", &[]).failure(3, "no checkpoint yet");
    assert!(!fixture.path().join("x").exists());
}
