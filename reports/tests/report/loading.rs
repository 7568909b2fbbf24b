use std::fs;
use std::path::Path;

use bench_reports::published::SuiteTables;
use bench_reports::{Record, ReportError, Run, load_all};

use crate::fixture::{bare_run, metrics};

fn write_run(results: &Path, folder: &str, run: &Run) {
    let dir = results.join(&run.record.suite).join(folder);
    fs::create_dir_all(&dir).expect("a folder");
    let path = dir.join("record.json");
    fs::write(&path, run.record.to_json(&path).expect("json")).expect("a record");
}

#[test]
fn records_round_trip_and_equal_records_are_equal_bytes() {
    let record = bare_run("dcgan", "cifar10", 3, 31.25).record;
    let path = Path::new("record.json");
    let json = record.to_json(path).expect("json");
    assert_eq!(Record::from_json(&json, path).expect("a record"), record);
    assert_eq!(record.clone().to_json(path).expect("json"), json);
    let text = String::from_utf8(json).expect("UTF-8");
    for line in [
        r#"  "schema": 2,"#,
        r#"  "kind": "run","#,
        r#"      "direction": "lower-is-better","#,
        r#"      "spread": "kid_std","#,
        r#"    "by": "fid","#,
        r#"    "recipe.batch_size": "64","#,
    ] {
        assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
    }
}

#[test]
fn non_finite_metrics_are_written_as_missing() {
    let mut record = bare_run("dcgan", "cifar10", 3, f64::NAN).record;
    record.metrics.insert("is_mean".to_owned(), f64::INFINITY);
    let path = Path::new("record.json");
    let read = Record::from_json(&record.to_json(path).expect("json"), path).expect("a record");
    let left = metrics(&[("kid_std", 0.0021), ("kid_se", 0.0004), ("is_std", 0.125)]);
    assert_eq!(read.metrics, left);
    assert_eq!(read.best_metric("fid"), None);
}

#[test]
fn null_metrics_are_missing() {
    let mut json: serde_json::Value =
        serde_json::to_value(bare_run("dcgan", "cifar10", 0, 1.0).record).expect("json");
    json["metrics"]["fid"] = serde_json::Value::Null;
    let json = serde_json::to_vec(&json).expect("json");
    let record = Record::from_json(&json, Path::new("record.json")).expect("a record");
    assert_eq!(record.metric("fid"), None);
    assert_eq!(record.metric("kid_std"), Some(0.0021));
}

#[test]
fn another_schema_is_refused_by_number() {
    let json = br#"{"schema": 7, "what": "ever"}"#;
    let error = Record::from_json(json, Path::new("a/record.json")).expect_err("refused");
    assert!(matches!(error, ReportError::SchemaVersion { found: 7, .. }), "{error}");
    assert!(
        error.to_string().starts_with(
            "a/record.json: record schema 7 is unknown, this program reads schemas 1 and 2 ("
        ),
        "{error}"
    );
}

#[test]
fn runs_are_loaded_in_a_fixed_order_and_unfinished_ones_passed_over() {
    let results = tempfile::tempdir().expect("a folder");
    for (folder, run) in [
        ("z", bare_run("acgan", "mnist", 0, 1.0)),
        ("a", bare_run("wgan-gp", "cifar10", 0, 1.0)),
        ("m", bare_run("dcgan", "cifar10", 10, 1.0)),
        ("n", bare_run("dcgan", "cifar10", 2, 1.0)),
    ] {
        write_run(results.path(), folder, &run);
    }
    fs::create_dir_all(results.path().join("baselines/unfinished/samples")).expect("a folder");
    fs::create_dir_all(results.path().join("tables")).expect("a folder");
    fs::write(results.path().join("report.html"), "").expect("a file");
    let loaded = load_all(results.path()).expect("runs");
    let order: Vec<(&str, &str, u64)> = loaded
        .runs
        .iter()
        .map(|run| (run.record.dataset.as_str(), run.record.name.as_str(), run.record.seed))
        .collect();
    assert_eq!(
        order,
        [
            ("cifar10", "dcgan", 2),
            ("cifar10", "dcgan", 10),
            ("cifar10", "wgan-gp", 0),
            ("mnist", "acgan", 0)
        ]
    );
    assert!(loaded.unreadable.is_empty() && loaded.tables.is_empty());
}

#[test]
fn a_run_has_its_histories_and_its_last_samples() {
    let results = tempfile::tempdir().expect("a folder");
    let run = bare_run("dcgan", "cifar10", 0, 1.0);
    write_run(results.path(), "run", &run);
    let dir = results.path().join("baselines/run");
    fs::write(dir.join("losses.csv"), "step,loss_d,loss_g\n1,0.5,2\n2,NaN,\n").expect("a file");
    fs::write(dir.join("metrics.csv"), "step,images_seen,fid,kid_mean\n0,0,400,\n")
        .expect("a file");
    fs::create_dir(dir.join("samples")).expect("a folder");
    for name in
        ["step-000900.png", "step-1000000.png", "step-000950.png", "notes.txt", "step-x.png"]
    {
        fs::write(dir.join("samples").join(name), name).expect("a file");
    }
    let run = Run::load(&dir).expect("a run");
    assert_eq!(run.losses.len(), 2);
    assert_eq!(run.metrics[0].values, metrics(&[("fid", 400.0)]));
    let samples = run.samples.expect("samples");
    assert_eq!((samples.step, samples.png.as_slice()), (1_000_000, b"step-1000000.png".as_slice()));
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_still_loaded() {
    let results = tempfile::tempdir().expect("a folder");
    write_run(results.path(), "good", &bare_run("dcgan", "cifar10", 0, 1.0));
    let dir = results.path().join("baselines/broken");
    fs::create_dir_all(&dir).expect("a folder");
    for broken in ["", "{", "[]", "{\"schema\": 1}", "{\"schema\": 2}", "{\"schema\": \"1\"}"] {
        fs::write(dir.join("record.json"), broken).expect("a file");
        let loaded = load_all(results.path()).expect("the other run");
        assert_eq!(loaded.runs.len(), 1, "{broken}");
        let [error] = loaded.unreadable.as_slice() else {
            panic!("{broken}: {:?}", loaded.unreadable);
        };
        assert!(matches!(error, ReportError::Record { .. }), "{broken}: {error}");
        assert!(error.to_string().contains("baselines/broken/record.json"), "{broken}: {error}");
    }
    fs::remove_file(dir.join("record.json")).expect("a file");
    fs::write(results.path().join("baselines").join(SuiteTables::FILE), "{\"schema\": 3}")
        .expect("a file");
    let loaded = load_all(results.path()).expect("the run");
    assert!(matches!(loaded.unreadable.as_slice(), [ReportError::Tables { .. }]));
    let page = bench_reports::render(&loaded).expect("a report").pop().expect("a page");
    let page = String::from_utf8(page.bytes).expect("UTF-8");
    assert!(page.contains("1 file of this results folder could not be read"), "{page}");
}

#[test]
fn a_missing_folder_is_an_error_that_names_it() {
    let error = load_all(Path::new("no/such/folder")).expect_err("refused");
    assert!(error.to_string().starts_with("cannot read no/such/folder: "), "{error}");
}
