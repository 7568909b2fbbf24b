//! The LaTeX by a real LaTeX.

use std::fs;
use std::path::Path;
use std::process::Command;

use bench_reports::published::{Layout, SuiteTables};
use bench_reports::{Results, Run, load_all, paper};

use crate::fixture::{bare_run, diverged, full_run, real_images, results, with_setting};
use crate::golden::records;
use crate::published::table;

/// Writes the paper of results into a folder and sets the document of all its tables and figures.
fn set(results: &Results, folder: &Path) {
    for artifact in paper(results).expect("a paper") {
        let path = folder.join(&artifact.path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, &artifact.bytes).expect("written");
    }
    let output = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "all.tex"])
        .current_dir(folder.join("paper"))
        .output()
        .expect("pdflatex");
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{log}");
    for fault in ["Undefined control", "Missing character", "multiply defined", "LaTeX Error"] {
        assert!(!log.contains(fault), "{fault} in {log}");
    }
}

/// A folder that stays, to be looked at.
fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("latex").join(name)
}

#[test]
#[cfg_attr(not(has_latex), ignore = "no pdflatex with booktabs, graphicx, lmodern and siunitx")]
fn a_paper_of_records_as_the_program_writes_them_is_set() {
    set(&load_all(&records()).expect("results"), &folder("records"));
}

#[test]
#[cfg_attr(not(has_latex), ignore = "no pdflatex with booktabs, graphicx, lmodern and siunitx")]
fn whatever_names_and_notes_hold_is_set() {
    let hostile =
        "a_b & 50% #1 {x} \\end{table} ~^ <|> [é] “q” \"q\" `c` n − 1 中文 Ж α ₂ ½ \u{200b}";
    let mut runs: Vec<Run> = Vec::new();
    for seed in 0..5 {
        let mut run = full_run("dcgan", "cifar10", seed, 30.0 + seed as f64);
        run.record.notes = vec![hostile.to_owned()];
        run.record.placements =
            vec![bench_reports::published::Placement { table: "table-1".to_owned(), row: 0 }];
        runs.push(run);
        let mut other = bare_run(hostile, "cifar10", seed, -1.0);
        other.record.suite = "[second]".to_owned();
        runs.push(with_setting(other, "recipe.batch_size", "[8]"));
    }
    runs.push(diverged(full_run("wgan-gp", "cifar10", 0, 25.0), 1200));
    runs.push(real_images("cifar10", 3.0));
    runs.extend((0..60).map(|index| bare_run(&format!("many-{index}"), "cifar10", 0, 40.0)));
    let mut results = results(runs);
    for (suite, layout) in [("baselines", Layout::RunsDown), ("other", Layout::RunsAcross)] {
        let tables = vec![table(layout)];
        results.tables.insert(suite.to_owned(), SuiteTables { tables, figures: Vec::new() });
    }
    set(&results, &folder("hostile"));
}
