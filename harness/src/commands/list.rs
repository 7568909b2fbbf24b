//! `bench list …`: the registries.

mod extractors;
mod metrics;
mod protocols;
#[cfg(feature = "train")]
mod variants;

use bench_data::datasets::DATASETS;
use indicatif::DecimalBytes;

use crate::output::outln;

/// Which registry to list.
#[derive(Debug, clap::Subcommand)]
pub enum ListCommand {
    /// GANs that can be trained, with their sources and what these report.
    #[cfg(feature = "train")]
    Variants(variants::VariantsArgs),
    /// Suites of runs, with their budgets.
    #[cfg(feature = "train")]
    Suites,
    /// Pictures that runs and `bench samples` draw.
    #[cfg(feature = "train")]
    Pictures,
    /// Metrics, with their keys, directions and parameters.
    Metrics(metrics::MetricsArgs),
    /// Protocols: whose conventions numbers follow, and where they do not.
    Protocols,
    /// Extractors: networks, how they are fed, and whether their weights are at hand.
    Extractors,
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
        #[cfg(feature = "train")]
        ListCommand::Pictures => {
            for picture in crate::pictures::PICTURES {
                let usual = if picture.is_usual() { "; drawn by every run" } else { "" };
                outln!("{:<18} {}{usual}", picture.name(), picture.doc())?;
            }
        }
        ListCommand::Metrics(args) => metrics::run(args)?,
        ListCommand::Protocols => protocols::run()?,
        ListCommand::Extractors => extractors::run()?,
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
