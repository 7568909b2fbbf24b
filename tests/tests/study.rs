//! What a study makes of its runs: names, settings, seeds, protocols, metrics.

use std::fs;
use std::path::{Path, PathBuf};

use bench_tests::bench;
use serde_json::Value;

/// One variant under two settings, on images that take no time.
const SUITE: &str = r#"
    name = "mine"
    title = "Critic steps"
    [evaluation]
    protocol = "torch-fidelity"
    generated = 60
    reference = 60
    every = 2
    parameters.kid = { subsets = 5, subset_size = 30 }
    [[runs]]
    name = "three-steps"
    variant = "wgan-gp"
    dataset = "shapes"
    set = { discriminator_steps = 3 }
    [[runs]]
    name = "one-step"
    variant = "wgan-gp"
    dataset = "shapes"
    set = { discriminator_steps = 1 }
    [[tables]]
    id = "steps"
    title = "Critic steps"
    source = "us"
    reports = "best"
    metrics = ["fid"]
    rows = [
        { title = "Three", run = "three-steps", published = { fid = 7.1 } },
        { title = "One", run = "one-step" },
    ]
    [budgets.quick]
    set = { steps = 4, batch_size = 8, generator_channels = 8, discriminator_channels = 8 }
"#;

fn all(root: &Path, options: &[&str]) -> bench_tests::Outcome {
    fs::write(root.join("mine.toml"), SUITE).unwrap();
    let suite = ["all", "--suite", "mine.toml", "--extractor", "embedded"];
    bench(root, &[&suite[..], options].concat())
}

/// The records below `results`, by folder.
fn records(results: &Path) -> Vec<(PathBuf, Value)> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(results.join("mine")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let read = |folder: PathBuf| {
        let text = fs::read(folder.join("record.json")).ok()?;
        Some((folder, serde_json::from_slice(&text).unwrap()))
    };
    folders.into_iter().filter_map(read).collect()
}

/// The rows of a table below `results` by column.
fn rows(results: &Path, table: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let text = fs::read_to_string(results.join("tables").join(table)).unwrap();
    let mut lines = text.lines().map(|line| line.split(','));
    let header: Vec<&str> = lines.next().unwrap().collect();
    let row = |cells: std::str::Split<char>| {
        header.iter().map(|name| (*name).to_owned()).zip(cells.map(str::to_owned)).collect()
    };
    lines.map(row).collect()
}

#[test]
fn two_settings_and_three_seeds_are_two_rows() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    all(root, &["--seeds", "0,1,2"]).success();
    let results = root.join("results");
    let found = records(&results);
    assert_eq!(found.len(), 6);
    for (folder, record) in &found {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let text = |key: &str| record[key].as_str().unwrap();
        let (seed, experiment) = (&record["seed"], text("experiment"));
        assert_eq!(name, format!("{}-s{seed}-{}", text("name"), &experiment[..8]));
        assert_eq!(text("protocol"), "torch-fidelity");
        assert_eq!(record["schema"], 2);
        assert!(record["placements"][0].get("rows").is_none(), "tables stand once a suite");
        assert!(!record["incomparable"].as_array().unwrap().is_empty());
        let best = &record["best"];
        assert!(best["metrics"]["fid"].as_f64() <= record["metrics"]["fid"].as_f64());
        assert!(folder.join("best.safetensors").is_file());
    }
    let experiments: std::collections::BTreeSet<&str> =
        found.iter().map(|(_, record)| record["experiment"].as_str().unwrap()).collect();
    assert_eq!(experiments.len(), 2);

    let by_variant = rows(&results, "by_variant.csv");
    assert_eq!(by_variant.len(), 2, "{by_variant:?}");
    for row in &by_variant {
        assert!(["three-steps", "one-step"].contains(&row["name"].as_str()), "{row:?}");
        assert_eq!(row["seeds"], "3");
        let [low, mean, high] =
            ["fid_ci_low_over_seeds", "fid_over_seeds", "fid_ci_high_over_seeds"]
                .map(|column| row[column].parse::<f64>().unwrap());
        assert!(low < mean && mean < high, "{row:?}");
    }
    for format in ["md", "tex"] {
        let text = fs::read_to_string(results.join(format!("tables/by_variant.{format}"))).unwrap();
        assert!(text.contains("three-steps") && text.contains("interval of the mean"), "{text}");
    }
    let comparison = rows(&results, "comparison.csv");
    assert_eq!(comparison.iter().filter(|row| row["name"] == "one-step").count(), 3);

    let compared = bench(root, &["compare", "results", "three-steps", "one-step"]).success();
    assert!(compared.contains("FD (embedded)") && compared.contains("95 % interval"), "{compared}");
    let json = ["compare", "results", "mine/three-steps", "one-step", "--json"];
    let json: Value = serde_json::from_str(&bench(root, &json).success()).unwrap();
    assert!(json.is_object(), "{json}");
    bench(root, &["compare", "results", "three-steps", "two-steps"]).failure(2, "one-step");
}

#[test]
fn metrics_and_their_parameters_are_chosen_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    all(root, &["--metrics", "prdc", "--kid-subsets", "3"]).failure(2, "add kid to --metrics");
    all(root, &["--metrics", "prd"]).failure(2, "prdc");
    let outcome = all(root, &["--metrics", "prdc", "--prdc-k", "3"]);
    assert!(outcome.success().contains("Precision"));
    for (folder, record) in records(&root.join("results")) {
        let keys: Vec<&str> = record["measures"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|m| m["key"].as_str())
            .collect();
        assert_eq!(keys, ["precision", "recall", "density", "coverage"]);
        assert!(record["metrics"]["coverage"].is_f64() && record["metrics"].get("fid").is_none());
        assert_eq!(record["settings"]["evaluation.parameters.prdc.k"], "3");
        let csv = fs::read_to_string(folder.join("metrics.csv")).unwrap();
        let header = "step,images_seen,precision,recall,density,coverage,n_generated,n_reference";
        assert_eq!(csv.lines().next(), Some(header));
    }
}

#[test]
fn counts_beyond_the_images_shrink_with_a_note_before_training() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    bench(root, &["data", "export", "shapes", "photos", "--n", "40"]).success();
    let mut arguments = vec!["run", "dcgan", "--dataset", "photos/", "--extractor", "embedded"];
    for set in ["steps=2", "batch_size=8", "evaluation.every=2", "evaluation.generated=50"] {
        arguments.extend(["--set", set]);
    }
    let outcome = bench(root, &arguments);
    let stderr = outcome.stderr.clone();
    let run = root.join(outcome.success().trim());
    let note = stderr.find("subset size is 36 instead of 1000").expect("a note");
    assert!(note < stderr.find("done after").expect("an end"), "{stderr}");
    let record: Value =
        serde_json::from_slice(&fs::read(run.join("record.json")).unwrap()).unwrap();
    assert_eq!(record["n_reference"], 36);
    assert!(record["notes"].to_string().contains("36 instead of 1000"), "{record}");

    // The same images by another spelling of their path are the same run.
    let path = root.join("photos").display().to_string();
    for spelling in ["photos", "./photos/", &path] {
        arguments[3] = spelling;
        let again = bench(root, &arguments);
        assert!(again.stderr.contains("kept: "), "{spelling}: {}", again.stderr);
    }
}

#[test]
fn a_damaged_record_is_named_and_the_others_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    all(root, &[]).success();
    let results = root.join("results");
    let damaged = records(&results)[0].0.join("record.json");
    fs::write(&damaged, "{\"schema\": 2, ").unwrap();
    let outcome = bench(root, &["report", "results"]);
    assert!(outcome.stderr.contains(damaged.strip_prefix(root).unwrap().to_str().unwrap()));
    outcome.success();
    assert_eq!(rows(&results, "comparison.csv").len(), 1);
}
