//! `bench list …`: the registries.

#[cfg(feature = "train")]
mod variants;

use bench_metrics::{Direction, METRICS, PROTOCOLS};
use indicatif::DecimalBytes;

use crate::output::outln;
use bench_data::datasets::DATASETS;

/// Which registry to list.
#[derive(Debug, clap::Subcommand)]
pub enum ListCommand {
    /// GANs that can be trained, with their sources and what these report.
    #[cfg(feature = "train")]
    Variants(variants::VariantsArgs),
    /// Suites of runs, with their budgets.
    #[cfg(feature = "train")]
    Suites,
    /// Metrics, with their keys and directions.
    Metrics,
    /// Protocols: whose conventions numbers follow.
    Protocols,
    /// Datasets, by name; a path stands for images of your own.
    Datasets,
}

/// Runs the command.
pub fn run(command: &ListCommand) -> anyhow::Result<()> {
    match command {
        #[cfg(feature = "train")]
        ListCommand::Variants(args) => variants::run(args)?,
        #[cfg(feature = "train")]
        ListCommand::Suites => {
            for (name, _) in crate::training::suite::SUITES {
                let suite = crate::training::suite::Suite::find(name)?;
                let budgets: Vec<&str> = suite.budgets.keys().map(String::as_str).collect();
                outln!(
                    "{name:<12} {} ({} runs; budgets {})",
                    suite.title,
                    suite.runs.len(),
                    budgets.join(", ")
                )?;
            }
        }
        ListCommand::Metrics => {
            for metric in METRICS {
                let asked = if metric.by_default() { "" } else { "; on request" };
                outln!("{:<16} {}{asked}", metric.name(), metric.doc())?;
                for measure in metric.measures() {
                    let direction = match measure.direction {
                        Direction::LowerIsBetter => "lower is better",
                        Direction::HigherIsBetter => "higher is better",
                    };
                    let keys: Vec<&str> = measure.keys().collect();
                    outln!("{:<16} {} ({direction}): {}", "", measure.title, keys.join(", "))?;
                }
                for parameter in metric.parameters() {
                    let option = parameter.option_of(*metric);
                    let default = parameter.default.map_or("off".to_owned(), |n| n.to_string());
                    outln!("{:<16} --{option} N: {} [{default}]", "", parameter.doc)?;
                }
            }
        }
        ListCommand::Protocols => {
            for protocol in PROTOCOLS {
                let (mean, std) = protocol.scale();
                outln!("{:<16} {}", protocol.name(), protocol.doc())?;
                outln!(
                    "{:<16} resizing {}; scale (x - {mean}) / {std}",
                    "",
                    protocol.resize().name()
                )?;
            }
        }
        ListCommand::Datasets => {
            for dataset in DATASETS {
                outln!("{:<14} {}", dataset.name(), dataset.about())?;
                if let Some(publication) = dataset.published() {
                    outln!(
                        "{:<14} {} by `bench data fetch {}`; licence: {}",
                        "",
                        DecimalBytes(publication.size()),
                        dataset.name(),
                        publication.licence
                    )?;
                }
            }
            outln!("{:<14} your own images: the path of a folder or a .zip of them", "PATH")?;
        }
    }
    Ok(())
}
