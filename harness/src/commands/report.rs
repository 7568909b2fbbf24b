//! `bench report`: tables and figures from a results folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use bench_data::files;
use bench_reports::Results;

#[cfg(feature = "train")]
use crate::console;
use crate::output::outln;
use crate::progress::Busy;

/// Draw the tables and figures of a results folder again, without training.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bench report results")]
pub struct ReportArgs {
    /// A results folder, as `bench all` writes it.
    #[arg(default_value = "results")]
    dir: PathBuf,
}

/// Runs the command.
pub fn run(args: &ReportArgs) -> anyhow::Result<()> {
    for path in write(&args.dir)? {
        outln!("{}", path.display())?;
    }
    Ok(())
}

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
    write_of(results, &load(results)?)
}

fn write_of(results: &Path, found: &Results) -> anyhow::Result<Vec<PathBuf>> {
    let _busy = Busy::of("drawing tables and figures");
    let artifacts = bench_reports::render(found)
        .with_context(|| format!("failed to report on {}", results.display()))?;
    let mut paths = Vec::new();
    for artifact in artifacts {
        let path = results.join(&artifact.path);
        files::write_atomically(&path, &artifact.bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

/// [`write`], if any run has ended.
#[cfg(feature = "train")]
pub(crate) fn write_if_any(results: &Path) -> anyhow::Result<()> {
    if results.exists() {
        let found = load(results)?;
        if !found.runs.is_empty() {
            write_of(results, &found)?;
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
