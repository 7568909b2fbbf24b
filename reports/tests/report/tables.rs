use bench_reports::formats::FORMATS;
use bench_reports::tables::TABLES;
use bench_reports::{ReportError, Status, render};

use crate::fixture::{bare_run, paths, text};

#[test]
fn comparison_csv_has_machine_names_full_precision_and_empty_cells() {
    let mut diverged = bare_run("wgan-gp", "cifar10", 0, 1.0);
    diverged.record.status = Status::Diverged;
    diverged.record.metrics.clear();
    diverged.record.untrained.clear();
    diverged.record.n_generated = None;
    let artifacts =
        render(&[bare_run("dcgan", "cifar10", 0, 31.123456789012345), diverged]).expect("a report");
    assert_eq!(
        text(&artifacts, "tables/comparison.csv"),
        "suite,variant,dataset,seed,budget,status,steps,images_seen,is_mean,is_std,fid,fid_untrained,kid_mean,kid_std,\
         n,n_reference,extractor,protocol,wall_seconds\n\
         baselines,dcgan,cifar10,0,quick,done,2000,128000,5.25,0.125,31.123456789012344,412.5,0.031123456789012346,\
         0.0021,2000,10000,bench-cnn-cifar10,torch-fidelity,63.25\n\
         baselines,wgan-gp,cifar10,0,quick,diverged,2000,128000,,,,,,,,10000,bench-cnn-cifar10,torch-fidelity,63.25\n"
    );
}

#[test]
fn comparison_markdown_states_provenance_and_marks_the_best() {
    let mut third = bare_run("acgan", "cifar10", 0, f64::NAN);
    third.record.notes.push("class labels | from the dataset".to_owned());
    let runs =
        [bare_run("dcgan", "cifar10", 0, 31.125), bare_run("wgan-gp", "cifar10", 0, 25.5), third];
    let artifacts = render(&runs).expect("a report");
    assert_eq!(
        text(&artifacts, "tables/comparison.md"),
        "Results of each run. Suite baselines, dataset cifar10, budget quick, protocol torch-fidelity, extractor \
         bench-cnn-cifar10, 2000 generated images, 10000 reference images. Not comparable with published values.\n\
         \n\
         | Variant | Seed | Steps | Images seen | IS ↑ | FID ↓ | FID untrained | KID ↓ | Time (s) |\n\
         | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n\
         | dcgan | 0 | 2000 | 128000 | 5.25 ± 0.12 | 31.12 | 412.50 | 0.0311 ± 0.0021 | 63.2 |\n\
         | wgan-gp | 0 | 2000 | 128000 | 5.25 ± 0.12 | **25.50** | 412.50 | **0.0255 ± 0.0021** | 63.2 |\n\
         | acgan <sup>1</sup> | 0 | 2000 | 128000 | 5.25 ± 0.12 | – | 412.50 | – | 63.2 |\n\
         \n\
         - Warning: fid on 2000 samples is biased upwards.\n\
         - Embedded extractor.\n\
         - Time is wall time, evaluation included, on cpu with 2 threads.\n\
         - <sup>1</sup> Class labels \\| from the dataset.\n"
    );
}

#[test]
fn comparison_latex_is_escaped_and_ruled() {
    let mut run = bare_run("w_gan & co", "cifar10", 0, 31.125);
    run.record.metrics.insert("kid_mean".to_owned(), -0.0004);
    run.record.notes = vec!["50% of the {budget}".to_owned()];
    let artifacts = render(&[run, bare_run("dcgan", "mnist", 0, 25.5)]).expect("a report");
    let latex = text(&artifacts, "tables/comparison.tex");
    for line in [
        "\\label{tab:comparison}",
        "\\begin{tabular}{llrrrrrrrr}",
        "\\toprule",
        "Variant & Dataset & Seed & Steps & Images seen & IS $\\uparrow$ & FID $\\downarrow$ & FID untrained & KID \
         $\\downarrow$ & Time (s) \\\\",
        "w\\_gan \\& co\\textsuperscript{1} & cifar10 & 0 & 2000 & 128000 & 5.25 $\\pm$ 0.12 & 31.12 & 412.50 & $-$0.0004 \
         $\\pm$ 0.0021 & 63.2 \\\\",
        "\\textsuperscript{1}\\,50\\% of the \\{budget\\}.\\par",
        "\\bottomrule",
    ] {
        assert!(latex.lines().any(|found| found == line), "no {line} in\n{latex}");
    }
}

#[test]
fn several_seeds_give_mean_and_standard_deviation() {
    let mut unscored = bare_run("wgan-gp", "cifar10", 1, 1.0);
    unscored.record.metrics.clear();
    let runs = [
        bare_run("dcgan", "cifar10", 0, 30.0),
        bare_run("dcgan", "cifar10", 1, 34.0),
        bare_run("dcgan", "cifar10", 2, 32.0),
        bare_run("wgan-gp", "cifar10", 0, 25.0),
        unscored,
    ];
    let artifacts = render(&runs).expect("a report");
    let csv = text(&artifacts, "tables/by_variant.csv");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(
        rows[0],
        "suite,dataset,budget,protocol,extractor,variant,seeds,is_mean_over_seeds,is_mean_std_over_seeds,fid_over_seeds,\
         fid_std_over_seeds,kid_mean_over_seeds,kid_mean_std_over_seeds"
    );
    // Mean 32 and standard deviation 2 (divisor n - 1) of 30, 34 and 32.
    assert!(rows[1].starts_with(
        "baselines,cifar10,quick,torch-fidelity,bench-cnn-cifar10,dcgan,3,5.25,0.0,32.0,2.0,"
    ));
    assert_eq!(
        rows[2],
        "baselines,cifar10,quick,torch-fidelity,bench-cnn-cifar10,wgan-gp,2,5.25,,25.0,,0.025,"
    );
    let markdown = text(&artifacts, "tables/by_variant.md");
    assert!(markdown.contains("| dcgan | 3 | 5.25 ± 0.00 | 32.00 ± 2.00 |"), "{markdown}");
}

#[test]
fn single_seeds_give_no_table_over_seeds() {
    let runs = [bare_run("dcgan", "cifar10", 0, 30.0), bare_run("dcgan", "mnist", 1, 34.0)];
    let artifacts = render(&runs).expect("a report");
    assert!(!paths(&artifacts).contains(&"tables/by_variant.csv".to_owned()));
}

#[test]
fn values_of_different_extractors_do_not_compete_and_are_not_averaged() {
    let mut other = bare_run("dcgan", "cifar10", 1, 1.0);
    other.record.extractor = "inception-v3".to_owned();
    other.record.published_comparable = true;
    let artifacts = render(&[bare_run("dcgan", "cifar10", 0, 30.0), other]).expect("a report");
    let markdown = text(&artifacts, "tables/comparison.md");
    assert!(!markdown.contains("**"), "{markdown}");
    assert!(
        markdown.contains("Some of these runs are not comparable with published values."),
        "{markdown}"
    );
    assert!(
        markdown.contains("- <sup>1</sup> Not comparable with published values.\n"),
        "{markdown}"
    );
    assert!(!paths(&artifacts).contains(&"tables/by_variant.csv".to_owned()));
}

#[test]
fn metrics_beyond_the_known_ones_get_columns() {
    let mut run = bare_run("dcgan", "cifar10", 0, 30.0);
    run.record.metrics.insert("precision".to_owned(), 0.625);
    let artifacts = render(&[run]).expect("a report");
    let csv = text(&artifacts, "tables/comparison.csv");
    assert!(
        csv.lines().next().is_some_and(|heading| heading.contains(",kid_std,precision,n,")),
        "{csv}"
    );
    assert!(text(&artifacts, "tables/comparison.md").contains("| precision |"));
}

#[test]
fn no_runs_are_an_error_with_a_hint() {
    let error = render(&[]).expect_err("refused");
    assert!(matches!(error, ReportError::NoRuns));
    assert!(error.to_string().contains("bench all"), "{error}");
}

#[test]
fn registries_have_unique_names_and_docs() {
    let names: Vec<(&str, &str)> =
        FORMATS.iter().map(|format| (format.name(), format.doc())).collect();
    let tables: Vec<(&str, &str)> =
        TABLES.iter().map(|table| (table.name(), table.doc())).collect();
    let figures: Vec<(&str, &str)> = bench_reports::figures::FIGURES
        .iter()
        .map(|figure| (figure.name(), figure.doc()))
        .collect();
    for registry in [names, tables, figures] {
        for (index, (name, doc)) in registry.iter().enumerate() {
            assert!(!doc.is_empty(), "{name}");
            assert!(registry[..index].iter().all(|(other, _)| other != name), "{name}");
        }
    }
}
