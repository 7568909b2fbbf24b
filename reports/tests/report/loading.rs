use std::fs;
use std::path::Path;

use bench_reports::history::{parse_losses, parse_metrics};
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
}

#[test]
fn non_finite_metrics_are_written_as_missing() {
    let mut record = bare_run("dcgan", "cifar10", 3, f64::NAN).record;
    record.metrics.insert("is_mean".to_owned(), f64::INFINITY);
    let path = Path::new("record.json");
    let read = Record::from_json(&record.to_json(path).expect("json"), path).expect("a record");
    assert_eq!(read.metrics, metrics(&[("kid_std", 0.0021), ("is_std", 0.125)]));
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
    assert!(matches!(error, ReportError::SchemaVersion { found: 7, supported: 1, .. }), "{error}");
    assert!(error.to_string().starts_with("a/record.json: record schema 7 is unknown"), "{error}");
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
    let runs = load_all(results.path()).expect("runs");
    let order: Vec<(&str, &str, u64)> = runs
        .iter()
        .map(|run| (run.record.dataset.as_str(), run.record.variant.as_str(), run.record.seed))
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
fn a_broken_record_is_an_error_that_names_its_file() {
    let results = tempfile::tempdir().expect("a folder");
    let dir = results.path().join("baselines/run");
    fs::create_dir_all(&dir).expect("a folder");
    for broken in ["", "{", "[]", "{\"schema\": 1}", "{\"schema\": \"1\"}"] {
        fs::write(dir.join("record.json"), broken).expect("a file");
        let error = load_all(results.path()).expect_err("refused");
        assert!(matches!(error, ReportError::Record { .. }), "{broken}: {error}");
        assert!(error.to_string().contains("baselines/run/record.json"), "{broken}: {error}");
    }
}

#[test]
fn a_missing_folder_is_an_error_that_names_it() {
    let error = load_all(Path::new("no/such/folder")).expect_err("refused");
    assert!(error.to_string().starts_with("cannot read no/such/folder: "), "{error}");
}

#[test]
fn losses_keep_whole_numbers_gaps_and_further_columns() {
    let csv =
        b"step,loss_d,loss_g,penalty\n1,1,2.5,\n2,NaN,inf,0.25\n18446744073709551615,,-1e-3,nan\n";
    let losses = parse_losses(csv, Path::new("losses.csv")).expect("losses");
    let values: Vec<_> =
        losses.iter().map(|point| (point.step, point.discriminator, point.generator)).collect();
    assert_eq!(
        values,
        [(1, Some(1.0), Some(2.5)), (2, None, None), (u64::MAX, None, Some(-0.001))]
    );
    assert!(losses[0].parts.is_empty());
    assert_eq!(losses[1].parts, metrics(&[("penalty", 0.25)]));
    assert!(losses[2].parts.is_empty());
}

#[test]
fn metrics_with_empty_cells_are_missing_and_never_zero() {
    let csv = b"step,images_seen,fid,kid_mean,kid_std,is_mean,is_std,n_generated,n_reference\n500,32000,,0.5,,,,2000,\n";
    let points = parse_metrics(csv, Path::new("metrics.csv")).expect("metrics");
    assert_eq!(points.len(), 1);
    assert_eq!((points[0].step, points[0].images_seen), (500, 32_000));
    assert_eq!(points[0].values, metrics(&[("kid_mean", 0.5), ("n_generated", 2000.0)]));
}

#[test]
fn a_history_of_only_a_heading_is_empty() {
    assert_eq!(parse_losses(b"step,loss_d,loss_g\n", Path::new("l.csv")).expect("losses"), []);
}

#[test]
fn histories_that_are_none_are_refused_by_file() {
    for csv in [
        "",
        "step,loss_d\n1,2\n",
        "step,loss_d,loss_g\n1,two,3\n",
        "step,loss_d,loss_g\n-1,2,3\n",
        "step,loss_d,loss_g\n,2,3\n",
        "step,loss_d,loss_g\n1,2,3,4\n",
        "\u{0}\u{1}",
    ] {
        let error = parse_losses(csv.as_bytes(), Path::new("run/losses.csv")).expect_err(csv);
        assert!(
            error.to_string().starts_with("run/losses.csv: not a valid history: "),
            "{csv}: {error}"
        );
    }
}
