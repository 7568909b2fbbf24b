//! `bench extractor …`: the embedded feature extractor and others like it.

pub mod describe;
pub mod info;
#[cfg(feature = "train")]
pub mod train;
pub mod validate;

/// What to do with an extractor.
#[derive(Debug, clap::Subcommand)]
pub enum ExtractorCommand {
    /// Make an extractor of an exported network.
    Describe(describe::DescribeArgs),
    /// Say what an extractor is.
    Info(info::InfoArgs),
    /// Train an extractor.
    #[cfg(feature = "train")]
    Train(train::TrainArgs),
    /// Check that an extractor's FID behaves like a metric.
    Validate(validate::ValidateArgs),
}

/// Runs the command.
pub fn run(command: &ExtractorCommand) -> anyhow::Result<()> {
    match command {
        ExtractorCommand::Describe(args) => describe::run(args),
        ExtractorCommand::Info(args) => info::run(args),
        #[cfg(feature = "train")]
        ExtractorCommand::Train(args) => train::run(args),
        ExtractorCommand::Validate(args) => validate::run(args),
    }
}
