//! What holds for any results.

use bench_reports::{Artifact, Run, paper, render};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use proptest::test_runner::Config;

use crate::fixture::{bare_run, full_run, results, text};

/// A score, or what stands where there is none.
fn score() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        4 => (-1e3..1e3).prop_map(Some),
        1 => select(vec![None, Some(f64::NAN), Some(f64::INFINITY), Some(0.0), Some(1e300)]),
    ]
}

/// Runs of one name: one seed or five, of many steps or of one, with or without values.
fn experiment() -> impl Strategy<Value = Vec<Run>> {
    let name = prop_oneof![2 => "[a-h-]{1,12}", 1 => "\\PC{1,24}"];
    (name, select(vec![1, 5]), any::<bool>(), vec(score(), 5)).prop_map(
        |(name, seeds, one_step, scores)| {
            let run = |seed: usize| {
                let mut run = match one_step {
                    true => full_run(&name, "cifar10", seed as u64, 30.0),
                    false => bare_run(&name, "cifar10", seed as u64, 30.0),
                };
                run.losses.truncate(1);
                run.metrics.truncate(1);
                run.samples = None;
                match scores[seed] {
                    Some(score) => run.record.metrics.insert("fid".to_owned(), score),
                    None => run.record.metrics.remove("fid"),
                };
                run
            };
            (0..seeds).map(run).collect()
        },
    )
}

proptest! {
    #![proptest_config(Config { cases: 6, failure_persistence: None, ..Config::default() })]

    #[test]
    fn missing_stays_missing_and_nothing_is_written_that_is_no_number(
        experiments in vec(experiment(), 1..4),
    ) {
        let runs: Vec<Run> = experiments.concat();
        let results = results(runs.clone());
        let artifacts = render(&results).expect("a report");
        let fids = column(&text(&artifacts, "tables/comparison.csv"), "fid");
        let expected: Vec<Option<f64>> = runs.iter().map(|run| run.record.metric("fid")).collect();
        assert_eq!(fids, expected);
        for artifact in artifacts.iter().chain(&paper(&results).expect("a paper")) {
            check_text(artifact);
        }
    }
}

/// The values of a column of numbers.
fn column(csv: &str, name: &str) -> Vec<Option<f64>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let place = reader.headers().expect("headers").iter().position(|header| header == name);
    let place = place.expect("the column");
    let cells = reader.records().map(|row| row.expect("a row")[place].to_owned());
    cells.map(|cell| (!cell.is_empty()).then(|| cell.parse().expect("a number"))).collect()
}

/// No file shows what is no number, and LaTeX has no character that it cannot set.
fn check_text(artifact: &Artifact) {
    let path = artifact.path.display();
    let extension = artifact.path.extension().and_then(|extension| extension.to_str());
    if let Some("csv" | "md" | "tex" | "jsonl" | "svg") = extension {
        let text = std::str::from_utf8(&artifact.bytes).expect("UTF-8");
        let words = || text.split(|c: char| !(c.is_alphanumeric() || c == '-'));
        assert!(!words().any(|word| ["NaN", "inf", "-inf"].contains(&word)), "{path}: {text}");
        if extension == Some("tex") {
            let odd = text.chars().find(|c| u32::from(*c) > 0x17f);
            assert!(odd.is_none(), "{path}: {odd:?}");
        }
    }
}
