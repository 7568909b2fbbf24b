use std::path::Path;

use bench_reports::published::{
    Arrangement, FigureRow, Layout, Placement, PublishedRow, PublishedTable, Reports, SuiteFigure,
    SuiteTables,
};
use bench_reports::{ReportError, Results, Run, render};

use crate::fixture::{
    bare_run, diverged, full_run, metrics, paths, real_images, results, text, with_setting,
};

pub(crate) fn table(layout: Layout) -> PublishedTable {
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
        reports: Reports::Last,
        metrics: vec!["fid".to_owned(), "kid_mean".to_owned()],
        rows: vec![
            row("Model B", &[("fid", 53.0), ("kid_mean", 0.04)]),
            row("Model A", &[("fid", 47.0)]),
            row("Model C", &[("fid", 129.0)]),
        ],
    }
}

fn figure() -> SuiteFigure {
    let row = |run: &str| FigureRow { title: format!("model {run}"), run: run.to_owned() };
    SuiteFigure {
        id: "figure-6".to_owned(),
        title: "Losses by model".to_owned(),
        source: "Author 2024, figure 6".to_owned(),
        shows: vec!["loss_d".to_owned(), "loss_g".to_owned()],
        picture: None,
        panels: Arrangement::Runs,
        rows: vec![row("a"), row("b"), row("c")],
    }
}

/// The run as one that measures a row of the table.
fn placed(mut run: Run, row: usize) -> Run {
    run.record.warnings.clear();
    run.record.notes.clear();
    run.record.placements.push(Placement { table: "table-1".to_owned(), row });
    run
}

fn run(name: &str, seed: u64, fid: f64, row: usize) -> Run {
    placed(bare_run(name, "cifar10", seed, fid), row)
}

/// Results with the table of the suite.
fn with_table(runs: impl IntoIterator<Item = Run>, table: PublishedTable) -> Results {
    let mut results = results(runs);
    results
        .tables
        .insert("baselines".to_owned(), SuiteTables { tables: vec![table], figures: Vec::new() });
    results
}

fn markdown(runs: impl IntoIterator<Item = Run>, table: PublishedTable) -> String {
    let artifacts = render(&with_table(runs, table)).expect("a report");
    text(&artifacts, "tables/published-baselines-table-1.md")
}

const CAPTION: &str = "Scores after 100 epochs (Author 2024, Table 1). Measured: Suite baselines, dataset cifar10, \
    budget quick, protocol torch-fidelity, extractor bench-cnn-cifar10, 2000 generated images, 10000 reference images. \
    Bold: the best value; with one seed, differences of some per cent mean nothing (Dufour et al. 2026, “The FID Lottery”).";

const FOOTNOTES: &str = "- Published values are those of Author 2024, Table 1, which does not say how they were computed.\n\
    - Measured values are those after the last step (last, at step 2000).\n\
    - Rows without measured values were not run under budget quick.\n\
    - † Not comparable with the published value beside it.\n";

#[test]
fn rows_stand_in_the_order_of_the_source_with_published_beside_measured() {
    let mut noted = run("a", 0, 25.5, 1);
    noted.record.notes.push("budget `quick` changed a".to_owned());
    let runs = [noted, run("b", 0, 31.125, 0), bare_run("c", "cifar10", 0, 1.0)];
    let experiment = runs[1].record.experiment.clone();
    let artifacts = render(&with_table(runs, table(Layout::RunsDown))).expect("a report");
    assert_eq!(
        text(&artifacts, "tables/published-baselines-table-1.md"),
        format!(
            "{CAPTION}\n\
             \n\
             | Model | FID published | FID measured ↓ | FID untrained | KID published | KID measured ↓ | KID untrained |\n\
             | :--- | ---: | ---: | ---: | ---: | ---: | ---: |\n\
             | Model B | 53 | 31.12† | 412.50 | 0.04 | 0.0311† | – |\n\
             | Model A <sup>1</sup> | 47 | **25.50**† | 412.50 | – | **0.0255** | – |\n\
             | Model C | 129 | – | – | – | – | – |\n\
             \n\
             {FOOTNOTES}\
             - Not comparable with published values: the extractor is the embedded one.\n\
             - <sup>1</sup> Budget \\`quick\\` changed a.\n"
        )
    );
    let csv = text(&artifacts, "tables/published-baselines-table-1.csv");
    assert_eq!(
        csv.lines().nth(1),
        Some(
            format!(
                "Model B,b,cifar10,{experiment},1,\"last, at step 2000\",53.0,31.125,412.5,0.04,0.031125,"
            )
            .as_str()
        ),
        "{csv}"
    );
    assert_eq!(
        csv.lines().nth(3),
        Some("Model C,,,,,,129.0,,,,,"),
        "missing is empty, not 0, in\n{csv}"
    );
}

#[test]
fn several_seeds_are_averaged_in_their_row() {
    let runs = [run("b", 0, 30.0, 0), run("b", 1, 34.0, 0), run("b", 2, 32.0, 0)];
    let markdown = markdown(runs, table(Layout::RunsDown));
    assert!(markdown.contains("| Model B | 53 | 32.00 ± 2.00† | 412.50 ± 0.00 |"), "{markdown}");
    assert!(markdown.contains("- Mean ± standard deviation over 3 seeds (divisor n − 1).\n"));
}

#[test]
fn two_settings_of_one_row_are_two_rows() {
    let runs = (0..3).flat_map(|seed| {
        let fid = 30.0 + seed as f64;
        let other =
            with_setting(bare_run("b", "cifar10", seed, 2.0 * fid), "recipe.batch_size", "128");
        [run("b", seed, fid, 0), placed(other, 0)]
    });
    for layout in [Layout::RunsDown, Layout::RunsAcross] {
        let markdown = markdown(runs.clone(), table(layout));
        for title in ["| Model B (batch\\_size 64) ", "| Model B (batch\\_size 128) "] {
            assert!(markdown.contains(title), "{markdown}");
        }
        assert!(
            markdown.contains("| **31.00 ± 1.00**† ") && markdown.contains("| 62.00 ± 2.00† "),
            "{markdown}"
        );
    }
}

#[test]
fn runs_stand_side_by_side_where_the_source_has_them_so() {
    let mut noted = run("a", 0, 25.5, 1);
    noted.record.notes.push("resumed".to_owned());
    let runs = [noted, run("b", 0, 31.125, 0)];
    assert_eq!(
        markdown(runs, table(Layout::RunsAcross)),
        format!(
            "{CAPTION}\n\
             \n\
             |  | Model B | Model A <sup>1</sup> | Model C |\n\
             | :--- | ---: | ---: | ---: |\n\
             | FID published | 53 | 47 | 129 |\n\
             | FID measured ↓ | 31.12† | **25.50**† | – |\n\
             | FID untrained | 412.50 | 412.50 | – |\n\
             | KID published | 0.04 | – | – |\n\
             | KID measured ↓ | 0.0311† | **0.0255** | – |\n\
             | KID untrained | – | – | – |\n\
             \n\
             {FOOTNOTES}\
             - Not comparable with published values: the extractor is the embedded one.\n\
             - <sup>1</sup> Resumed.\n"
        )
    );
}

#[test]
fn the_best_evaluation_is_shown_and_named_where_the_source_reports_it() {
    let best = || PublishedTable { reports: Reports::Best, ..table(Layout::RunsDown) };
    let mut early = placed(full_run("b", "cifar10", 0, 31.0), 0);
    early.record.incomparable.clear();
    let step_of = |run: &Run| run.record.best.as_ref().map(|best| best.step);
    let value = early.record.best_metric("fid").expect("a value");
    assert_eq!(step_of(&early), Some(2000));
    let late = diverged(placed(full_run("a", "cifar10", 0, 25.0), 1), 1200);
    let mut lost = run("c", 0, 40.0, 2);
    lost.record.best = None;
    lost.record.incomparable.clear();
    let markdown = markdown([early, late, lost], best());
    for part in [
        format!("| Model B | best of 8 evaluations, at step 2000 | 53 | **{value:.2}** |"),
        "| best of 4 evaluations, at step 1000 | 47 | ".to_owned(),
        "| Model C <sup>3</sup> | last, at step 2000 | 129 | 40.00† |".to_owned(),
        "- Measured values are those of each run's best evaluation by FID, as the source reports them.\n".to_owned(),
        "</sup> Seed 0: diverged at step 1200; its best FID, at step 1000, is ".to_owned(),
        "- <sup>3</sup> Not comparable with published values: the source reports the best evaluation, and of this run only \
         the last is known.\n"
            .to_owned(),
    ] {
        assert!(markdown.contains(&part), "no {part} in\n{markdown}");
    }
}

#[test]
fn real_images_win_nothing() {
    let runs = [run("b", 0, 30.0, 0), run("a", 0, 31.0, 1), placed(real_images("cifar10", 3.0), 2)];
    let markdown = markdown(runs, table(Layout::RunsDown));
    assert!(markdown.contains("| **30.00**† |"), "{markdown}");
    assert!(markdown.contains("| Model C | 129 | 3.00† |"), "{markdown}");
}

#[test]
fn runs_under_other_budgets_are_another_table() {
    let mut paper = with_setting(run("b", 0, 20.0, 0), "recipe.steps", "100000");
    paper.record.budget = "paper".to_owned();
    let results = with_table([run("b", 0, 31.0, 0), paper], table(Layout::RunsDown));
    let found: Vec<String> = paths(&render(&results).expect("a report"))
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
    let record = run("b", 0, 30.0, 0).record;
    let path = Path::new("record.json");
    let json = record.to_json(path).expect("JSON");
    assert_eq!(bench_reports::Record::from_json(&json, path).expect("a record"), record);
}

#[test]
fn tables_round_trip_and_others_are_refused() {
    let tables = SuiteTables {
        tables: vec![table(Layout::RunsDown), table(Layout::RunsAcross)],
        figures: vec![figure()],
    };
    let path = Path::new("baselines/tables.json");
    let json = tables.to_json(path).expect("JSON");
    assert!(json.starts_with(b"{\n  \"schema\": 1,\n  \"tables\": ["));
    assert_eq!(SuiteTables::from_json(&json, path).expect("tables"), tables);
    for other in ["", "[]", "{\"schema\": 2, \"tables\": []}", "{\"schema\": 1}"] {
        let error = SuiteTables::from_json(other.as_bytes(), path).expect_err(other);
        assert!(matches!(error, ReportError::Tables { .. }), "{error}");
        assert!(error.to_string().starts_with("baselines/tables.json: not the published tables"));
    }
}

#[test]
fn a_figure_of_a_source_is_drawn_of_the_runs_it_names() {
    let runs = [full_run("b", "cifar10", 0, 31.0), full_run("a", "cifar10", 0, 25.0)];
    let mut results = with_table(runs, table(Layout::RunsDown));
    results.tables.get_mut("baselines").expect("a suite").figures.push(figure());
    let artifacts = render(&results).expect("a report");
    let svg = text(&artifacts, "figures/source-baselines-figure-6.svg");
    for part in [
        "Losses by model (Author 2024, figure 6)",
        "\nmodel a\n",
        "Not run under this budget: model c.",
        "\nDiscriminator&apos;s loss\n",
    ] {
        assert!(svg.contains(part), "no {part} in {svg}");
    }
    let none = with_table([full_run("d", "cifar10", 0, 31.0)], table(Layout::RunsDown));
    assert!(!paths(&render(&none).expect("a report")).iter().any(|path| path.contains("source-")));
}

#[test]
fn rows_that_were_not_run_can_be_left_out() {
    let mut results = with_table([run("b", 0, 31.125, 0)], table(Layout::RunsDown));
    results.measured_rows_only = true;
    let markdown =
        text(&render(&results).expect("a report"), "tables/published-baselines-table-1.md");
    assert!(markdown.contains("| Model B |") && !markdown.contains("Model C"), "{markdown}");
    assert!(!markdown.contains("were not run"), "{markdown}");
}
