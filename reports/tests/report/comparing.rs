use bench_reports::compare::{Comparison, Evaluation};
use bench_reports::formats::FORMATS;
use bench_reports::formats::markdown::Markdown;
use bench_reports::{ReportError, Results, Run, compare};

use crate::fixture::{bare_run, full_run, results, with_setting};

fn markdown(comparison: &Comparison) -> String {
    comparison.render(&Markdown).expect("Markdown")
}

/// Two runs with three seeds each, and a second experiment of one name.
fn several() -> Results {
    let mut runs: Vec<Run> = Vec::new();
    for (seed, a, b) in [(0, 30.0, 25.0), (1, 34.0, 28.5), (2, 32.0, 26.25)] {
        runs.push(bare_run("dcgan", "cifar10", seed, a));
        runs.push(bare_run("wgan-gp", "cifar10", seed, b));
    }
    results(runs)
}

#[test]
fn a_difference_has_an_interval_a_p_value_and_the_seeds_it_takes() {
    let comparison = compare(&several(), "dcgan", "baselines/wgan-gp").expect("comparable");
    assert_eq!(comparison.a.seeds, [0, 1, 2]);
    let fid = &comparison.measures[0];
    assert_eq!((fid.key.as_str(), fid.evaluation), ("fid", Evaluation::Last));
    assert_eq!((fid.a.n, fid.a.mean, fid.a.std), (3, 32.0, Some(2.0)));
    // The first pair of `tests/golden/statistics.json`, by SciPy.
    let (low, high) = fid.interval.expect("an interval");
    assert!(
        (low - 1.1073718472760241).abs() < 1e-9 && (high - 9.725961486057312).abs() < 1e-9,
        "{low} to {high}"
    );
    assert!((fid.p.expect("p") - 0.025257504817524576).abs() < 1e-9, "{:?}", fid.p);
    assert_eq!(fid.seeds_needed, Some(3));
    let keys: Vec<(&str, Evaluation)> =
        comparison.measures.iter().map(|m| (m.key.as_str(), m.evaluation)).collect();
    assert_eq!(
        keys,
        [
            ("fid", Evaluation::Last),
            ("fid", Evaluation::Best),
            ("kid_mean", Evaluation::Last),
            ("is_mean", Evaluation::Last)
        ]
    );
    // Both sides have the same Inception Score, and no number of seeds would tell them apart.
    assert_eq!((comparison.measures[3].p, comparison.measures[3].seeds_needed), (Some(1.0), None));

    let text = markdown(&comparison);
    for part in [
        "A: baselines/dcgan, experiment ",
        "| FID ↓ | 32.00 ± 2.00 | 26.58 ± 1.77 | 5.42 | 1.",
        "| IS ↑ | 5.25 ± 0.00 | 5.25 ± 0.00 | 0.00 | 0.00 to 0.00 | 1.000 | – |",
        "Guenther 1981",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let json = serde_json::to_value(&comparison).expect("JSON");
    assert_eq!(json["measures"][1]["evaluation"], "best");
    assert_eq!(json["measures"][0]["direction"], "lower-is-better");
    assert_eq!(json["b"]["name"], "wgan-gp");
}

#[test]
fn with_one_seed_there_is_a_difference_and_nothing_more() {
    let mut long = full_run("wgan-gp", "cifar10", 0, 25.0);
    (long.record.budget, long.record.steps) = ("paper".to_owned(), 100_000);
    let runs = results([bare_run("dcgan", "cifar10", 0, 30.0), long]);
    let comparison = compare(&runs, "dcgan", "wgan-gp").expect("comparable");
    let fid = &comparison.measures[0];
    assert_eq!((fid.difference, fid.interval, fid.p, fid.seeds_needed), (5.0, None, None, None));
    let text = markdown(&comparison);
    for part in [
        "| FID ↓ | 30.00 | 25.00 | 5.00 | – | – | – |",
        "- Trained differently long: A 2000 steps under budget quick, B 100000 steps under budget paper.\n",
        "- A has one seed: nothing can be said of how sure a difference is.\n",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
}

#[test]
fn names_that_are_unknown_or_ambiguous_list_what_there_is() {
    let error = compare(&several(), "dcgan", "dcgna").expect_err("unknown");
    assert!(matches!(error, ReportError::UnknownRun { .. }), "{error}");
    assert!(error.to_string().starts_with("no run is called `dcgna`; there are baselines/dcgan "));

    let mut runs = several().runs;
    let other = with_setting(bare_run("dcgan", "cifar10", 0, 50.0), "recipe.batch_size", "8");
    let hash = other.record.experiment.clone();
    runs.push(other);
    let runs = results(runs);
    for name in ["dcgan", "baselines/dcgan"] {
        let error = compare(&runs, name, "wgan-gp").expect_err("ambiguous");
        assert!(matches!(error, ReportError::AmbiguousRun { .. }), "{error}");
        assert!(error.to_string().contains(&format!("{} (quick on cifar10, 1 seed)", &hash[..8])));
    }
    let comparison = compare(&runs, &hash[..6], "wgan-gp").expect("by its hash");
    assert_eq!(comparison.a.experiment, hash);
    assert!(compare(&runs, &hash[..3], "wgan-gp").is_err());
}

/// What makes a run not comparable, and what the error says of it.
type Change = (fn(&mut Run), &'static str);

#[test]
fn what_was_measured_otherwise_is_not_compared() {
    let changes: [Change; 6] = [
        (|run| run.record.dataset = "mnist".to_owned(), "dataset cifar10 and mnist"),
        (
            |run| run.record.dataset_sha256 = "00".repeat(32),
            "contents of the dataset cdcdcdcd and 00000000",
        ),
        (|run| run.record.split = "test".to_owned(), "split train and test"),
        (
            |run| run.record.protocol = "pytorch-fid".to_owned(),
            "protocol torch-fidelity and pytorch-fid",
        ),
        (|run| run.record.extractor_sha256 = "00".repeat(32), "extractor abababab and 00000000"),
        (|run| run.record.n_generated = Some(50_000), "generated images 2000 and 50000"),
    ];
    for (change, reason) in changes {
        let mut other = bare_run("other", "cifar10", 0, 20.0);
        change(&mut other);
        let runs = results([bare_run("dcgan", "cifar10", 0, 30.0), other]);
        let error = compare(&runs, "dcgan", "other").expect_err(reason);
        assert!(matches!(error, ReportError::NotComparable { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    let mut unknown = bare_run("unknown", "cifar10", 0, 20.0);
    unknown.record.split = String::new();
    unknown.record.n_reference = None;
    let runs = results([bare_run("dcgan", "cifar10", 0, 30.0), unknown]);
    assert!(compare(&runs, "dcgan", "unknown").is_ok());
}

#[test]
fn a_comparison_is_a_table_in_every_format() {
    let comparison = compare(&several(), "dcgan", "wgan-gp").expect("comparable");
    let text: Vec<String> =
        FORMATS.iter().map(|format| comparison.render(*format).expect("a table")).collect();
    let [csv, _, latex] = text.as_slice() else { panic!("{} formats", text.len()) };
    assert!(csv.starts_with("measure,evaluation,a_mean,a_std,a_n,a_seeds,b_mean,"), "{csv}");
    assert!(csv.contains("\nfid,last,32.0,2.0,3,3,"), "{csv}");
    assert!(latex.contains("z$_0$") && latex.contains("\\toprule"), "{latex}");
}
