use bench_reports::published::{Layout, Placement, PublishedRow, PublishedTable};
use bench_reports::{Run, render};

use crate::fixture::{bare_run, metrics, paths, text};

fn table(layout: Layout) -> PublishedTable {
    let row = |title: &str, published: &[(&str, f64)]| PublishedRow {
        title: title.to_owned(),
        published: metrics(published),
    };
    PublishedTable {
        id: "table-1".to_owned(),
        title: "Scores after 100 epochs".to_owned(),
        source: "Author 2024, Table 1".to_owned(),
        protocol: None,
        layout,
        metrics: vec!["fid".to_owned(), "kid_mean".to_owned()],
        rows: vec![
            row("Model B", &[("fid", 53.0), ("kid_mean", 0.04)]),
            row("Model A", &[("fid", 47.0)]),
            row("Model C", &[("fid", 129.0)]),
        ],
    }
}

/// A run that measures a row of the table.
fn run(variant: &str, seed: u64, fid: f64, layout: Layout, row: usize) -> Run {
    let mut run = bare_run(variant, "cifar10", seed, fid);
    run.record.warnings.clear();
    run.record.notes.clear();
    run.record.placements.push(Placement { table: table(layout), row });
    run
}

const CAPTION: &str = "Scores after 100 epochs. (Author 2024, Table 1) Measured: Suite baselines, dataset cifar10, \
    budget quick, protocol torch-fidelity, extractor bench-cnn-cifar10, 2000 generated images, 10000 reference images. \
    Not comparable with published values.";

const FOOTNOTES: &str = "- Published values are those of Author 2024, Table 1, which does not say how they were computed.\n\
    - Rows without measured values were not run under budget quick.\n";

#[test]
fn rows_stand_in_the_order_of_the_source_with_published_beside_measured() {
    let mut noted = run("a", 0, 25.5, Layout::RunsDown, 1);
    noted.record.notes.push("budget `quick` changed a".to_owned());
    let runs = [noted, run("b", 0, 31.125, Layout::RunsDown, 0), bare_run("c", "cifar10", 0, 1.0)];
    let artifacts = render(&runs).expect("a report");
    assert_eq!(
        text(&artifacts, "tables/published-baselines-table-1.md"),
        format!(
            "{CAPTION}\n\
             \n\
             | Model | FID published | FID measured ↓ | FID untrained | KID published | KID measured ↓ | KID untrained |\n\
             | :--- | ---: | ---: | ---: | ---: | ---: | ---: |\n\
             | Model B | 53.00 | 31.12 | 412.50 | 0.0400 | 0.0311 | – |\n\
             | Model A <sup>1</sup> | 47.00 | **25.50** | 412.50 | – | **0.0255** | – |\n\
             | Model C | 129.00 | – | – | – | – | – |\n\
             \n\
             {FOOTNOTES}\
             - <sup>1</sup> Budget \\`quick\\` changed a.\n"
        )
    );
    let csv = text(&artifacts, "tables/published-baselines-table-1.csv");
    assert_eq!(
        csv.lines().nth(3),
        Some("Model C,,0,129.0,,,,,"),
        "missing is empty, not 0, in\n{csv}"
    );
}

#[test]
fn several_seeds_are_averaged_in_their_row() {
    let runs = [
        run("b", 0, 30.0, Layout::RunsDown, 0),
        run("b", 1, 34.0, Layout::RunsDown, 0),
        run("b", 2, 32.0, Layout::RunsDown, 0),
    ];
    let markdown = text(&render(&runs).expect("a report"), "tables/published-baselines-table-1.md");
    assert!(
        markdown.contains("| Model B | 3 | 53.00 | 32.00 ± 2.00 | 412.50 ± 0.00 |"),
        "{markdown}"
    );
}

#[test]
fn runs_stand_side_by_side_where_the_source_has_them_so() {
    let mut noted = run("a", 0, 25.5, Layout::RunsAcross, 1);
    noted.record.notes.push("resumed".to_owned());
    let runs = [noted, run("b", 0, 31.125, Layout::RunsAcross, 0)];
    let artifacts = render(&runs).expect("a report");
    assert_eq!(
        text(&artifacts, "tables/published-baselines-table-1.md"),
        format!(
            "{CAPTION}\n\
             \n\
             | Score | Model B | Model A | Model C |\n\
             | :--- | ---: | ---: | ---: |\n\
             | FID, published | 53.00 | 47.00 | 129.00 |\n\
             | FID, measured | 31.12 | 25.50 | – |\n\
             | FID, untrained | 412.50 | 412.50 | – |\n\
             | KID, published | 0.0400 | – | – |\n\
             | KID, measured | 0.0311 | 0.0255 | – |\n\
             | KID, untrained | – | – | – |\n\
             \n\
             {FOOTNOTES}\
             - Model A: Resumed.\n"
        )
    );
}

#[test]
fn runs_under_other_budgets_are_another_table() {
    let mut paper = run("b", 0, 20.0, Layout::RunsDown, 0);
    paper.record.budget = "paper".to_owned();
    let artifacts = render(&[run("b", 0, 31.0, Layout::RunsDown, 0), paper]).expect("a report");
    let found: Vec<String> = paths(&artifacts)
        .into_iter()
        .filter(|path| path.contains("published") && path.ends_with(".md"))
        .collect();
    assert_eq!(
        found,
        [
            "tables/published-baselines-table-1-paper.md",
            "tables/published-baselines-table-1-quick.md"
        ]
    );
}

#[test]
fn placements_survive_the_record() {
    let record = run("b", 0, 30.0, Layout::RunsAcross, 0).record;
    let path = std::path::Path::new("record.json");
    let json = record.to_json(path).expect("JSON");
    assert_eq!(bench_reports::Record::from_json(&json, path).expect("a record"), record);
}
