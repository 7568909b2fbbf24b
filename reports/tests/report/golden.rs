//! Every format of one fixed set of records as the program wrote them (`bench all --budget smoke`), whole. After a change
//! that is meant, `BLESS=1 cargo test -p bench-reports golden` writes the files anew, to be read before they are committed.

use std::fs;
use std::path::{Path, PathBuf};

use bench_reports::{load_all, paper, render};

use crate::fixture::text;

/// Two suites of a results folder, and real images.
pub(crate) fn records() -> PathBuf {
    golden().join("records")
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// What is compared: each format of each kind of table.
const FILES: [&str; 14] = [
    "records.jsonl",
    "tables/measures.csv",
    "tables/comparison.csv",
    "tables/comparison.md",
    "tables/comparison.tex",
    "tables/by_variant.csv",
    "tables/by_variant.md",
    "tables/by_variant.tex",
    "tables/leaderboard-cifar10.csv",
    "tables/leaderboard-cifar10.md",
    "tables/leaderboard-cifar10.tex",
    "tables/published-dcgan-wgan-fid.csv",
    "tables/published-dcgan-wgan-fid.md",
    "tables/published-dcgan-wgan-fid.tex",
];

#[test]
fn every_format_is_as_it_was() {
    let results = load_all(&records()).expect("results");
    assert!(results.unreadable.is_empty(), "{:?}", results.unreadable);
    let artifacts = render(&results).expect("a report");
    for file in FILES {
        compare(file, &text(&artifacts, file));
    }
    let caption = "paper/figures/fid-dcgan-wgan-cifar10.tex";
    compare("caption.tex", &text(&paper(&results).expect("a paper"), caption));
}

fn compare(file: &str, found: &str) {
    let path = golden().join("report").join(file.replace('/', "-"));
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, found).expect("written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{}", path.display());
}

/// What pandas and polars need to find the types: in every line each key is of one type, or missing.
#[test]
fn lines_of_records_agree_in_their_types() {
    let results = load_all(&records()).expect("results");
    let lines = text(&render(&results).expect("a report"), "records.jsonl");
    let mut types = std::collections::BTreeMap::new();
    assert_eq!(lines.lines().count(), results.runs.len());
    for line in lines.lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        collect("", &record, &mut types);
    }
    assert!(types["folder"] == "string" && types["metrics.fid"] == "float", "{types:?}");
}

fn collect(
    path: &str,
    value: &serde_json::Value,
    types: &mut std::collections::BTreeMap<String, &'static str>,
) {
    use serde_json::Value;
    let kind = match value {
        Value::Null => return,
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(fields) => {
            for (key, value) in fields {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&inner, value, types);
            }
            "object"
        }
    };
    let known = types.entry(path.to_owned()).or_insert(kind);
    assert_eq!(*known, kind, "{path}");
}
