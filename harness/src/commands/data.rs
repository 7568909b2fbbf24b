//! `bench data …`: look at datasets and write their images out.

mod export;
mod info;

/// What to do with a dataset.
#[derive(Debug, clap::Subcommand)]
pub enum DataCommand {
    /// Say what a dataset is and what of it is there.
    Info(info::InfoArgs),
    /// Write images of a dataset as PNG files.
    Export(export::ExportArgs),
}

/// Runs the command.
pub fn run(command: &DataCommand) -> anyhow::Result<()> {
    match command {
        DataCommand::Info(args) => info::run(args),
        DataCommand::Export(args) => export::run(args),
    }
}
