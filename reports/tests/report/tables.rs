use bench_reports::formats::FORMATS;
use bench_reports::record::Direction;
use bench_reports::tables::TABLES;
use bench_reports::{ReportError, Run, render};

use crate::fixture::{
    bare_run, diverged, full_run, measures, paths, real_images, results, text, with_setting,
};

fn table(runs: impl IntoIterator<Item = Run>, path: &str) -> String {
    text(&render(&results(runs)).expect("a report"), path)
}

#[test]
fn comparison_csv_has_machine_names_full_precision_and_empty_cells() {
    let mut diverged = diverged(bare_run("wgan-gp", "cifar10", 0, 1.0), 700);
    diverged.record.untrained.clear();
    diverged.record.n_generated = None;
    let runs = [bare_run("dcgan", "cifar10", 0, 31.123456789012345), diverged];
    let experiments: Vec<String> = runs.iter().map(|run| run.record.experiment.clone()).collect();
    let [dataset, extractor] = ["cd", "ab"].map(|digits| digits.repeat(32));
    assert_eq!(
        table(runs, "tables/comparison.csv"),
        format!(
            "suite,name,variant,dataset,budget,protocol,extractor,experiment,folder,dataset_sha256,split,\
             image_size,extractor_sha256,kind,seed,status,steps,images_seen,best_step,\
             fid,fid_best,fid_untrained,kid_mean,kid_std,kid_se,kid_mean_best,kid_mean_untrained,\
             is_mean,is_std,is_mean_best,is_mean_untrained,n,n_reference,wall_seconds,device,threads\n\
             baselines,dcgan,dcgan,cifar10,quick,torch-fidelity,bench-cnn-cifar10,{},baselines/dcgan-s0,{dataset},train,32,{extractor},\
             run,0,done,2000,128000,1750,\
             31.123456789012344,30.623456789012344,412.5,0.031123456789012346,0.0021,0.0004,0.030623456789012345,,\
             5.25,0.125,5.25,1.01,2000,10000,63.25,cpu,2\n\
             baselines,wgan-gp,wgan-gp,cifar10,quick,torch-fidelity,bench-cnn-cifar10,{},baselines/wgan-gp-s0,{dataset},train,32,{extractor},\
             run,0,diverged,700,128000,,\
             ,,,,,,,,,,,,,10000,63.25,cpu,2\n",
            experiments[0], experiments[1]
        )
    );
}

#[test]
fn comparison_markdown_states_provenance_and_marks_the_best() {
    let mut third = bare_run("acgan", "cifar10", 0, f64::NAN);
    third.record.best = None;
    third.record.notes.push("class labels | from the dataset".to_owned());
    third.record.incomparable.push("the images are not the official ones".to_owned());
    let runs = [
        bare_run("dcgan", "cifar10", 0, 31.125),
        bare_run("wgan-gp", "cifar10", 0, 25.5),
        third,
        real_images("cifar10", 3.125),
    ];
    assert_eq!(
        table(runs, "tables/comparison.md"),
        "Results of each run after its last step. Suite baselines, dataset cifar10, budget quick, protocol torch-fidelity, \
         extractor bench-cnn-cifar10, 2000 generated images, 10000 reference images. Bold: the best value; with one seed, \
         differences of some per cent mean nothing (Dufour et al. 2026, “The FID Lottery”).\n\
         \n\
         | Run | Seed | Steps | Images seen | FID last ↓ | FID best | FID at step | FID untrained | KID ↓ | IS ↑ | Time (s) |\n\
         | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n\
         | dcgan | 0 | 2000 | 128000 | 31.12 | 30.62 | 1750 | 412.50 | 0.0311 ± 0.0021 | 5.25 ± 0.12 | 63.2 |\n\
         | wgan-gp | 0 | 2000 | 128000 | **25.50** | 25.00 | 1750 | 412.50 | **0.0255 ± 0.0021** | 5.25 ± 0.12 | 63.2 |\n\
         | acgan <sup>1,2</sup> | 0 | 2000 | 128000 | – | – | – | 412.50 | – | 5.25 ± 0.12 | 63.2 |\n\
         | ground-truth | 0 | 0 | 0 | 3.12 | – | – | – | 0.0031 ± 0.0021 | 5.25 ± 0.12 | 63.2 |\n\
         \n\
         - Not comparable with published values: the extractor is the embedded one.\n\
         - Warning: fid on 2000 samples is biased upwards.\n\
         - Resumed at step 1000.\n\
         - Time is wall time, evaluation included, on cpu with 2 threads.\n\
         - <sup>1</sup> Not comparable with published values: the images are not the official ones.\n\
         - <sup>2</sup> Class labels \\| from the dataset.\n"
    );
}

#[test]
fn comparison_latex_is_escaped_and_ruled() {
    let mut run = bare_run("w_gan & co", "cifar10", 0, 31.125);
    run.record.metrics.insert("kid_mean".to_owned(), -0.0004);
    run.record.notes = vec!["50% of the {budget}".to_owned()];
    let latex = table([run, bare_run("dcgan", "mnist", 0, 25.5)], "tables/comparison.tex");
    for line in [
        "\\label{tab:comparison}",
        "\\begin{tabular}{@{}llS[table-format=1.0]S[table-format=4.0]S[table-format=6.0]S[table-format=2.2]S[table-format=2.2]\
         S[table-format=4.0]S[table-format=3.2]@{}}",
        "\\toprule",
        " &  &  &  &  & \\multicolumn{4}{c}{FID $\\downarrow$} \\\\",
        "\\cmidrule(lr){6-9}",
        "w\\_gan \\& co\\textsuperscript{1} & cifar10 & 0 & 2000 & 128000 & 31.12 & 30.62 & 1750 & 412.50 \\\\",
        "w\\_gan \\& co\\textsuperscript{1} & cifar10 & -0.0004 & $\\pm$ 0.0021 & 5.25 & $\\pm$ 0.12 & 63.2 \\\\",
        "\\textsuperscript{1}\\,50\\% of the \\{budget\\}.\\par",
        "\\bottomrule",
    ] {
        assert!(latex.lines().any(|found| found == line), "no {line} in\n{latex}");
    }
}

/// Three seeds of two settings of one run, and one run with a seed that diverged.
fn seeds() -> Vec<Run> {
    let mut runs = Vec::new();
    for (seed, fid) in [(0, 30.0), (1, 34.0), (2, 32.0)] {
        runs.push(bare_run("dcgan", "cifar10", seed, fid));
        let other = bare_run("dcgan", "cifar10", seed, 2.0 * fid);
        runs.push(with_setting(other, "recipe.batch_size", "128"));
    }
    runs.push(diverged(full_run("wgan-gp", "cifar10", 0, 25.0), 1200));
    runs.push(bare_run("wgan-gp", "cifar10", 1, 33.0));
    runs.push(real_images("cifar10", 3.125));
    runs
}

#[test]
fn seeds_give_mean_deviation_and_interval_a_row_an_experiment() {
    let csv = table(seeds(), "tables/by_variant.csv");
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let cell = |row: usize, name: &str| {
        rows[row][rows[0].iter().position(|column| *column == name).expect(name)]
    };
    assert_eq!(rows.len(), 5);
    // Mean 32 and standard deviation 2 (divisor n - 1) of 30, 34 and 32; t is 4.302652729911275 at 2 degrees.
    assert_eq!([cell(1, "name"), cell(1, "recipe.batch_size")], ["dcgan", "64"]);
    assert_eq!([cell(1, "seeds"), cell(1, "fid_n")], ["3", "3"]);
    assert_eq!([cell(1, "fid_over_seeds"), cell(1, "fid_std_over_seeds")], ["32.0", "2.0"]);
    let low: f64 = cell(1, "fid_ci_low_over_seeds").parse().expect("a number");
    assert!((low - (32.0 - 4.302652729911275 * 2.0 / 3.0_f64.sqrt())).abs() < 1e-9, "{low}");
    assert_eq!([cell(2, "name"), cell(2, "recipe.batch_size")], ["dcgan", "128"]);
    assert_eq!([cell(2, "seeds"), cell(2, "fid_over_seeds")], ["3", "64.0"]);
    // One of two seeds has a value: no deviation, and none is made up.
    assert_eq!([cell(3, "seeds"), cell(3, "fid_n"), cell(3, "fid_over_seeds")], ["2", "1", "33.0"]);
    assert_eq!([cell(3, "fid_std_over_seeds"), cell(3, "fid_ci_low_over_seeds")], ["", ""]);
    assert_eq!(cell(3, "fid_best_n"), "2");
}

#[test]
fn what_cannot_be_told_from_the_best_is_bold_and_the_caption_says_so() {
    let mut runs = seeds();
    for (seed, fid) in [(0, 31.0), (1, 36.0), (2, 34.0)] {
        runs.push(bare_run("acgan", "cifar10", seed, fid));
    }
    let markdown = table(runs, "tables/by_variant.md");
    for part in [
        "| Run | batch\\_size | Experiment | Seeds | FID ↓ | FID best | KID ↓ | IS ↑ |",
        "| 64 | f3c97374 | 3 | **32.00 ± 2.00 \\[27.03, 36.97]** |",
        "| 128 | dd37341e | 3 | 64.00 ± 4.00 \\[54.06, 73.94] |",
        "| 3 | **33.67 ± 2.52 \\[27.42, 39.92]** |",
        "| 2 | 33.00 (n = 1) |",
        "| 1 | 3.12 | – |",
        "Bold: the best mean, and every mean that cannot be told from it at 5 % (Welch's test, Holm-corrected over its 4 \
         tests). A value of one seed cannot be tested;",
        "</sup> Seed 0: diverged at step 1200; its best FID, at step 1000, is ",
    ] {
        assert!(markdown.contains(part), "no {part} in\n{markdown}");
    }
    let latex = table(seeds(), "tables/by_variant.tex");
    assert!(latex.contains("\\bfseries 32.00 & $\\pm$ 2.00 & {[}27.03, 36.97{]}"), "{latex}");
    let page = table(seeds(), "report.html");
    assert!(page.contains("<strong>32.00&nbsp;±&nbsp;2.00 [27.03, 36.97]</strong>"), "{page}");
}

#[test]
fn single_runs_are_not_ranked_where_experiments_have_several_seeds() {
    let markdown = table(seeds(), "tables/comparison.md");
    assert!(!markdown.contains("**") && markdown.contains("Nothing is bold here"), "{markdown}");
}

/// The fault that this guards against: `wgan-gp, 2 seeds, FID 6.68 ± 0.19` of two runs that have nothing in common but
/// their variant.
#[test]
fn runs_of_other_settings_are_never_averaged_whatever_their_names_and_seeds() {
    let mut short = with_setting(bare_run("wgan-gp", "cifar10", 0, 6.49), "recipe.steps", "20");
    short.record.steps = 20;
    let long = bare_run("wgan-gp", "cifar10", 1, 6.87);
    let long = with_setting(long, "recipe.steps", "60");
    let long = with_setting(long, "recipe.discriminator_steps", "1");
    let artifacts = render(&results([short, long])).expect("a report");
    assert!(!paths(&artifacts).contains(&"tables/by_variant.csv".to_owned()));
    let bars = text(&artifacts, "figures/fid-bars-baselines-cifar10.svg");
    assert!(bars.contains("6.49") && bars.contains("6.87") && !bars.contains("6.68"), "{bars}");
    let curves = text(&artifacts, "figures/fid-baselines-cifar10.svg");
    assert!(curves.contains("wgan-gp (discriminator_steps 5, steps 20)"), "{curves}");
    let markdown = text(&artifacts, "tables/comparison.md");
    assert!(
        markdown.contains("| Run | discriminator\\_steps | steps | Experiment |"),
        "{markdown}"
    );
}

#[test]
fn many_settings_are_a_note_and_labels_fall_back_on_the_hash() {
    let plain = bare_run("dcgan", "cifar10", 0, 30.0);
    let changed = (0..15).fold(bare_run("dcgan", "cifar10", 0, 31.0), |run, index| {
        with_setting(run, &format!("recipe.option_{index:02}"), "on")
    });
    let hash = changed.record.experiment[..8].to_owned();
    let artifacts = render(&results([plain, changed])).expect("a report");
    let markdown = text(&artifacts, "tables/comparison.md");
    let columns =
        "| Run | option\\_00 | option\\_01 | option\\_02 | option\\_03 | Experiment | Seed |";
    let note =
        "- Settings that differ between runs of one variant as well: recipe.option\\_04 (–, on); ";
    for part in [columns, note, "; and 3 more."] {
        assert!(markdown.contains(part), "no {part} in\n{markdown}");
    }
    let bars = text(&artifacts, "figures/fid-bars-baselines-cifar10.svg");
    assert!(bars.contains(&format!("dcgan ({hash})")), "{bars}");
}

#[test]
fn a_seed_that_was_run_twice_counts_once() {
    let mut twin = bare_run("dcgan", "cifar10", 0, 99.0);
    twin.record.device = "cuda:0".to_owned();
    let runs = [bare_run("dcgan", "cifar10", 0, 30.0), twin, bare_run("dcgan", "cifar10", 1, 32.0)];
    let artifacts = render(&results(runs)).expect("a report");
    assert_eq!(text(&artifacts, "tables/comparison.csv").lines().count(), 4);
    let markdown = text(&artifacts, "tables/by_variant.md");
    assert!(markdown.contains("| dcgan | 2 | 31.00 ± 1.41 "), "{markdown}");
    assert!(
        markdown.contains(
            "Seed 0 was run 2 times (cpu with 2 threads, cuda:0 with 2 threads) and counts once: on cpu with 2 threads."
        ),
        "{markdown}"
    );
    assert!(text(&artifacts, "tables/comparison.md").contains("| cuda:0 |"));
}

#[test]
fn single_seeds_give_no_table_over_seeds() {
    let runs = [bare_run("dcgan", "cifar10", 0, 30.0), bare_run("dcgan", "mnist", 1, 34.0)];
    let artifacts = render(&results(runs)).expect("a report");
    assert!(!paths(&artifacts).contains(&"tables/by_variant.csv".to_owned()));
}

#[test]
fn values_of_different_extractors_do_not_compete_and_are_not_averaged() {
    let mut other = bare_run("dcgan", "cifar10", 1, 1.0);
    other.record.extractor = "inception-v3".to_owned();
    other.record.extractor_sha256 = "ef".repeat(32);
    other.record.incomparable.clear();
    let artifacts =
        render(&results([bare_run("dcgan", "cifar10", 0, 30.0), other])).expect("a report");
    let markdown = text(&artifacts, "tables/comparison.md");
    assert!(!markdown.contains("**"), "{markdown}");
    assert!(
        markdown.contains(
            "- <sup>1</sup> Not comparable with published values: the extractor is the embedded one.\n"
        ),
        "{markdown}"
    );
    assert!(!paths(&artifacts).contains(&"tables/by_variant.csv".to_owned()));
}

#[test]
fn measures_that_only_some_records_have_are_columns_with_gaps() {
    let mut kid_only = bare_run("a", "cifar10", 0, 30.0);
    kid_only.record.measures.retain(|measure| measure.key == "kid_mean");
    kid_only.record.metrics.retain(|key, _| key.starts_with("kid"));
    kid_only.record.best = None;
    let mut prdc = bare_run("b", "cifar10", 0, 31.0);
    let mut precision = measures().remove(2);
    precision.key = "precision".to_owned();
    precision.title = "Precision".to_owned();
    precision.unit = "%".to_owned();
    (precision.decimals, precision.spread) = (1, None);
    precision.direction = Direction::HigherIsBetter;
    prdc.record.measures.push(precision);
    prdc.record.metrics.insert("precision".to_owned(), 62.5);
    let artifacts = render(&results([kid_only, prdc])).expect("a report");
    let markdown = text(&artifacts, "tables/comparison.md");
    assert!(
        markdown.contains(
            "| FID last ↓ | FID best | FID at step | FID untrained | KID ↓ | IS ↑ | Precision (%) ↑ |"
        ),
        "{markdown}"
    );
    let row = "| a | 0 | 2000 | 128000 | – | – | – | 412.50 | **0.0300 ± 0.0021** | – | – |";
    assert!(markdown.contains(row), "{markdown}");
    let header = text(&artifacts, "tables/comparison.csv");
    assert!(!markdown.contains("kid\\_se") && header.contains(",kid_std,kid_se,"), "{header}");
    let bars = text(&artifacts, "figures/fid-bars-baselines-cifar10.svg");
    assert!(bars.contains("no FID"), "{bars}");
}

#[test]
fn no_runs_are_an_error_with_a_hint() {
    let error = render(&results([])).expect_err("refused");
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

/// Every run diverged before it was scored: no cell of any spread is filled, and the table is there all the same.
#[test]
fn runs_without_any_score_have_a_row_each() {
    let mut run = diverged(bare_run("dcgan", "cifar10", 0, 10.0), 3);
    run.record.metrics.clear();
    run.record.untrained.clear();
    run.record.best = None;
    let artifacts = render(&results([run])).expect("a report");
    assert!(text(&artifacts, "tables/comparison.md").contains("diverged"));
}

#[test]
fn a_leaderboard_ranks_the_experiments_of_all_suites_among_those_scored_alike() {
    let of_suite = |mut run: Run, suite: &str| {
        run.record.suite = suite.to_owned();
        run
    };
    let mut other = of_suite(bare_run("sngan", "cifar10", 0, 12.0), "b");
    other.record.protocol = "pytorch-fid".to_owned();
    let runs = [
        of_suite(bare_run("dcgan", "cifar10", 0, 31.0), "a"),
        of_suite(bare_run("wgan", "cifar10", 0, 29.0), "b"),
        of_suite(real_images("cifar10", 3.0), "b"),
        other,
        of_suite(bare_run("dcgan", "mnist", 0, 5.0), "a"),
    ];
    let artifacts = render(&results(runs)).expect("a report");
    let boards: Vec<String> =
        paths(&artifacts).into_iter().filter(|path| path.contains("leaderboard-")).collect();
    assert_eq!(boards.len(), 3, "one dataset that two suites share, in three formats: {boards:?}");
    let markdown = text(&artifacts, "tables/leaderboard-cifar10.md");
    let rows: Vec<Vec<&str>> = markdown
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.split(" | ").collect())
        .collect();
    let rank = rows[0].iter().position(|heading| *heading == "Rank").expect("ranks");
    let found: Vec<[&str; 2]> = rows[2..].iter().map(|row| [row[0], row[rank]]).collect();
    let starts = [["| sngan", "1"], ["| ground-truth", "–"], ["| wgan", "1"], ["| dcgan", "2"]];
    for ([name, rank], [start, expected]) in found.iter().zip(starts) {
        assert!(name.starts_with(start) && *rank == expected, "{start} in\n{markdown}");
    }
}
