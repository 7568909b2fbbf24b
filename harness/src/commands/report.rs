//! `bench report`: tables and figures from a results folder.

mod written;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bench_reports::{Choice, Results, paper};
use clap::builder::PossibleValuesParser;

#[cfg(feature = "train")]
use crate::console;
use crate::output::outln;
use crate::progress::Busy;
use written::Written;

/// Draw the tables and figures of a results folder again, without training.
///
/// Files that an earlier report wrote and that this one no longer would are removed, unless they were changed since.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench report results\n  \
    bench report results --format csv,tex\n  \
    bench report results --paper")]
pub struct ReportArgs {
    /// A results folder, as `bench all` writes it.
    #[arg(default_value = "results")]
    dir: PathBuf,
    /// What is written beside the figures: tables as CSV, Markdown or LaTeX, report.html, records.jsonl; all unless given.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', conflicts_with = "paper",
        value_parser = PossibleValuesParser::new(Choice::names()))]
    format: Vec<String>,
    /// Write DIR/paper/ instead: tables as LaTeX, figures as PDF without title, the caption of each beside it.
    #[arg(long)]
    paper: bool,
    /// Leave out the rows of published tables that no run measures.
    #[arg(long)]
    measured_only: bool,
}

/// Runs the command.
pub fn run(args: &ReportArgs) -> anyhow::Result<()> {
    let dir = &args.dir;
    let mut found = load(dir)?;
    found.measured_rows_only = args.measured_only;
    let paths = if args.paper {
        let artifacts =
            paper(&found).with_context(|| format!("failed to report on {}", dir.display()))?;
        let list = Path::new(paper::FOLDER).join("files.sha256");
        Written::load(dir, &list)?.replace(&artifacts, |_| true)?
    } else {
        let choice = match args.format.as_slice() {
            [] => Choice::default(),
            names => Choice::of(names),
        };
        write_of(dir, &found, &choice)?
    };
    for line in folders(&paths) {
        outln!("{line}")?;
    }
    Ok(())
}

/// A line a folder, of how many files of which kinds were written to it; the files where they are few.
fn folders(paths: &[PathBuf]) -> Vec<String> {
    let mut folders: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for path in paths {
        folders.entry(path.parent().unwrap_or(path)).or_default().push(path);
    }
    let mut lines = Vec::new();
    for (folder, files) in folders {
        if files.len() <= FEW_FILES {
            lines.extend(files.iter().map(|file| file.display().to_string()));
            continue;
        }
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for file in &files {
            let kind = file.extension().unwrap_or_default().to_string_lossy();
            *kinds.entry(kind.into_owned()).or_default() += 1;
        }
        let kinds: Vec<String> =
            kinds.iter().map(|(kind, files)| format!("{files} {kind}")).collect();
        lines.push(format!("{}: {} files ({})", folder.display(), files.len(), kinds.join(", ")));
    }
    lines
}

/// So many files of a folder are named one by one.
const FEW_FILES: usize = 4;

/// The runs below `results`; those that cannot be read are warned of and left out.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn load(results: &Path) -> anyhow::Result<Results> {
    let found = bench_reports::load_all(results)?;
    for error in &found.unreadable {
        log::warn!("left out: {error}");
    }
    Ok(found)
}

/// Writes every table and figure below `results` and returns their paths.
///
/// # Errors
/// If there are no runs or a file cannot be written.
pub fn write(results: &Path) -> anyhow::Result<Vec<PathBuf>> {
    write_of(results, &load(results)?, &Choice::default())
}

/// The list of the files that a report wrote.
const LIST: &str = "report.sha256";

fn write_of(results: &Path, found: &Results, choice: &Choice) -> anyhow::Result<Vec<PathBuf>> {
    let _busy = Busy::of("drawing tables and figures");
    let artifacts = bench_reports::render_as(found, choice)
        .with_context(|| format!("failed to report on {}", results.display()))?;
    let covers = |path: &Path| {
        path.extension().is_none_or(|extension| choice.covers(&extension.to_string_lossy()))
    };
    Written::load(results, Path::new(LIST))?.replace(&artifacts, covers)
}

/// [`write`], if any run has ended.
#[cfg(feature = "train")]
pub(crate) fn write_if_any(results: &Path) -> anyhow::Result<()> {
    if results.exists() {
        let found = load(results)?;
        if !found.runs.is_empty() {
            write_of(results, &found, &Choice::default())?;
        }
    }
    Ok(())
}

/// Prints one line an experiment and says where the rest lies.
#[cfg(feature = "train")]
pub(crate) fn print_screen(results: &Path) -> anyhow::Result<()> {
    outln!("{}", bench_reports::screen(&load(results)?))?;
    for (what, place) in
        [("tables", "tables"), ("figures", "figures"), ("everything", "report.html")]
    {
        console::line(&format!("{what:<11}{}", results.join(place).display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::folders;

    #[test]
    fn many_files_of_a_folder_are_one_line() {
        let figures =
            (0..6).map(|index| format!("r/figures/{index}.{}", ["png", "svg"][index % 2]));
        let mut paths: Vec<PathBuf> = figures.map(PathBuf::from).collect();
        paths.push("r/report.html".into());
        assert_eq!(folders(&paths), ["r/report.html", "r/figures: 6 files (3 png, 3 svg)"]);
    }
}
