//! `bench data …`: fetch datasets, look at them, and write their images out.

mod export;
mod fetch;
mod info;

/// What to do with a dataset.
#[derive(Debug, clap::Subcommand)]
pub enum DataCommand {
    /// Download the published files of datasets, or copy in those that are at hand.
    Fetch(fetch::FetchArgs),
    /// Say what a dataset is and what of it is there.
    Info(info::InfoArgs),
    /// Write images of a dataset as PNG files.
    Export(export::ExportArgs),
}

/// Runs the command.
pub fn run(command: &DataCommand) -> anyhow::Result<()> {
    match command {
        DataCommand::Fetch(args) => fetch::run(args),
        DataCommand::Info(args) => info::run(args),
        DataCommand::Export(args) => export::run(args),
    }
}
