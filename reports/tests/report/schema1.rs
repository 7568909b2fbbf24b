//! Results of schema 1, as the program left them (`tests/golden/schema1`, runs of the budget `smoke`).

use std::fs;
use std::path::{Path, PathBuf};

use bench_reports::record::{Kind, Placement};
use bench_reports::{Record, Run, Status, load_all, render};

use crate::fixture::{paths, text};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/schema1")
}

/// A run of the golden folder, alone and changed.
fn changed(change: impl Fn(&mut serde_json::Value), keep: &[&str]) -> Run {
    let from = golden().join("dcgan-wgan/wgan-s0-a8386ab3");
    let dir = tempfile::tempdir().expect("a folder");
    let json = fs::read(from.join("record.json")).expect("a record");
    let mut record: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    change(&mut record);
    fs::write(dir.path().join("record.json"), record.to_string()).expect("a file");
    for name in keep {
        fs::copy(from.join(name), dir.path().join(name)).expect("a copy");
    }
    Run::load(dir.path()).expect("a run")
}

#[test]
fn a_folder_of_schema_1_opens_with_names_measures_and_one_experiment() {
    let loaded = load_all(&golden()).expect("results");
    assert!(loaded.unreadable.is_empty(), "{:?}", loaded.unreadable);
    let [first, second, real] = loaded.runs.as_slice() else {
        panic!("{} runs", loaded.runs.len());
    };
    let record = &first.record;
    assert_eq!((record.schema, record.name.as_str(), record.kind), (2, "wgan", Kind::Run));
    // `sed -e '/^seed =/d' -e '/^budget =/d' config.toml | sha256sum`, of either seed's file.
    assert_eq!(
        record.experiment,
        "f8f3e1e5d9d8960da1797ecad489edba1161717b0d0be31df2f29bf155e7173e"
    );
    assert_eq!(record.experiment, second.record.experiment);
    assert_eq!((record.seed, second.record.seed), (0, 1));
    let shown: Vec<(&str, Option<&str>)> =
        record.measures.iter().map(|m| (m.key.as_str(), m.spread.as_deref())).collect();
    assert_eq!(shown, [("fid", None), ("kid_mean", Some("kid_std")), ("is_mean", Some("is_std"))]);
    assert_eq!(record.measures[1].further, ["kid_se"]);
    assert_eq!(record.settings["recipe.generator_optimizer.lr"], "0.00005");
    assert_eq!(record.settings["recipe.loss"], "wasserstein");
    assert!(!record.settings.contains_key("seed") && !record.settings.contains_key("budget"));
    assert_eq!((record.split.as_str(), record.image_size), ("train", 32));
    assert!(record.dataset_sha256.starts_with("b2022479"));
    let best = record.best.as_ref().expect("a best evaluation");
    assert_eq!((best.step, best.by.as_str()), (2, "fid"));
    assert_eq!(best.metrics["fid"], 7.450998652431529);
    assert_eq!(record.incomparable, ["recorded before reasons were kept"]);
    assert_eq!(real.record.kind, Kind::RealImages);
    assert_eq!(real.record.best, None);
}

#[test]
fn tables_inside_placements_become_tables_of_the_suite() {
    let loaded = load_all(&golden()).expect("results");
    let placement = Placement { table: "fid".to_owned(), row: 0 };
    assert_eq!(loaded.runs[0].record.placements, [placement]);
    assert_eq!(loaded.tables["dcgan-wgan"].tables.len(), 1);
    assert_eq!(loaded.tables["dcgan-wgan"].tables[0].rows[0].title, "WGAN");
    let artifacts = render(&loaded).expect("a report");
    let table = text(&artifacts, "tables/published-dcgan-wgan-fid.md");
    assert!(table.contains("| FID published | 15.9 | 42.38 | 12.7 |"), "{table}");
    assert!(table.contains("| FID measured ↓ | 8.23 ± 1.94† | – | – |"), "{table}");
    assert!(paths(&artifacts).contains(&"figures/fid-dcgan-wgan-shapes.svg".to_owned()));
}

#[test]
fn two_tables_of_one_id_stay_two_tables() {
    let results = tempfile::tempdir().expect("a folder");
    for (folder, title) in [("wgan-s0-a8386ab3", None), ("wgan-s1-2dcb835d", Some("Another"))] {
        let from = golden().join("dcgan-wgan").join(folder).join("record.json");
        let json = fs::read(from).expect("a record");
        let mut record: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        if let Some(title) = title {
            record["placements"][0]["table"]["title"] = title.into();
        }
        let dir = results.path().join("dcgan-wgan").join(folder);
        fs::create_dir_all(&dir).expect("a folder");
        fs::write(dir.join("record.json"), record.to_string()).expect("a file");
    }
    let loaded = load_all(results.path()).expect("results");
    let ids: Vec<&str> =
        loaded.tables["dcgan-wgan"].tables.iter().map(|table| table.id.as_str()).collect();
    assert_eq!(ids, ["fid", "fid-2"]);
    let mut placed: Vec<(u64, &str)> = loaded
        .runs
        .iter()
        .map(|run| (run.record.seed, run.record.placements[0].table.as_str()))
        .collect();
    placed.sort_unstable();
    assert_eq!(placed, [(0, "fid"), (1, "fid-2")]);
}

#[test]
fn a_record_without_its_other_files_has_an_experiment_of_its_own() {
    let run = changed(|_| {}, &[]);
    assert_eq!((run.record.experiment.len(), run.record.best), (64, None));
    assert!(run.record.settings.is_empty());
    let other = changed(|json| json["config_hash"] = "00000000".into(), &[]);
    assert_ne!(run.record.experiment, other.record.experiment);
}

#[test]
fn a_diverged_run_has_its_measures_and_its_best_from_its_history() {
    let run = changed(
        |json| {
            json["status"] = "diverged".into();
            json["metrics"] = serde_json::json!({});
            json["untrained"] = serde_json::json!({});
        },
        &["metrics.csv"],
    );
    assert_eq!(run.record.status, Status::Diverged);
    assert_eq!(run.record.measures.len(), 3);
    assert_eq!(run.record.best.map(|best| best.step), Some(2));
}

#[test]
fn a_record_alone_parses_too() {
    let path = golden().join("sngan/train-images-s0-37324efa/record.json");
    let record = Record::from_json(&fs::read(&path).expect("a file"), &path).expect("a record");
    assert_eq!(record.name, "train-images");
    assert_eq!(record.placements.len(), 1);
}
