//! `bench compare`: two runs of a results folder, over their seeds.

use std::path::PathBuf;

use anyhow::Context;
use bench_reports::formats;

use super::report;
use crate::output::outln;

/// Compare two runs of a results folder over their seeds.
///
/// For every measure that both have: the means over the seeds, their difference with its 95 % interval (Welch), the
/// probability of so large a difference if there were none, and how many seeds each would need to settle it. A run is
/// named as tables name it, by SUITE/NAME, or by the first digits of its experiment's hash.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench all --suite mine.toml --seeds 0,1,2 --out results\n  \
    bench compare results wgan-gp one-step\n  \
    bench compare results wgan-gp one-step --format tex > steps.tex\n  \
    bench compare results mine/wgan-gp 1a2b3c4d --json")]
pub struct CompareArgs {
    /// A results folder, as `bench all` writes it.
    dir: PathBuf,
    /// The first run.
    a: String,
    /// The second run.
    b: String,
    /// How the table is written: Markdown, CSV, LaTeX, or HTML.
    #[arg(long, value_name = "FORMAT", default_value = "md",
        value_parser = ["md", "csv", "tex", "html"], conflicts_with = "json")]
    format: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// If there are no such runs, or they cannot be compared.
pub fn run(args: &CompareArgs) -> anyhow::Result<()> {
    let results = report::load(&args.dir)?;
    let comparison = bench_reports::compare(&results, &args.a, &args.b)?;
    let text = match args.json {
        true => serde_json::to_string_pretty(&comparison).context("cannot write it as JSON")?,
        false => {
            let format = formats::find(&args.format).context("no such format")?;
            comparison.render(format)?
        }
    };
    Ok(outln!("{}", text.trim_end())?)
}
