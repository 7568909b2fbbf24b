//! The command line.

use clap::{Parser, Subcommand};

use crate::{commands, console, exit, output, process};

/// Train GANs under fixed seeds and budgets, score them with IS, FID and KID, and write the
/// tables and figures of a paper.
///
/// Results go to standard output, progress and log to standard error.
#[derive(Debug, Parser)]
#[command(
    name = "bench",
    version,
    after_help = "Exit codes: 0 done; 1 a run failed or diverged; 2 bad usage or configuration; \
                  3 bad or missing input; 4 environment (library, device, memory, disk, network, a folder in use); \
                  5 stopped by a signal, and saved.\n\n\
                  Examples:\n  \
                  bench all --data data --budget quick\n  \
                  bench eval generated/ cifar10:test --data data --json\n  \
                  bench list variants"
)]
pub struct Cli {
    #[command(flatten)]
    console: console::ConsoleArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "train")]
    All(commands::all::AllArgs),
    #[cfg(feature = "train")]
    Run(commands::run::RunArgs),
    #[cfg(feature = "train")]
    Samples(commands::samples::SamplesArgs),
    #[cfg(feature = "train")]
    Submit(commands::submit::SubmitArgs),
    #[cfg(feature = "train")]
    Cancel(commands::cancel::CancelArgs),
    #[cfg(feature = "train")]
    #[command(hide = true)]
    Job(commands::job::JobArgs),
    #[cfg(feature = "train")]
    #[command(hide = true)]
    Work(commands::work::WorkArgs),
    Eval(commands::eval::EvalArgs),
    Features(commands::features::FeaturesArgs),
    Stats(commands::stats::StatsArgs),
    Status(commands::status::StatusArgs),
    #[cfg(feature = "train")]
    Verify(commands::verify::VerifyArgs),
    Report(commands::report::ReportArgs),
    Compare(commands::compare::CompareArgs),
    /// List what the program knows.
    #[command(subcommand)]
    List(commands::list::ListCommand),
    /// Fetch datasets, look at them, or write their images out as PNG.
    #[command(subcommand)]
    Data(commands::data::DataCommand),
    /// Train, inspect and validate feature extractors.
    #[command(subcommand)]
    Extractor(commands::extractor::ExtractorCommand),
    /// Fetch, import and inspect the weights of InceptionV3.
    #[command(subcommand)]
    Weights(commands::weights::WeightsCommand),
    Doctor(commands::doctor::DoctorArgs),
}

/// Reads the command line and does what it says; the exit code of the program.
pub fn main() -> u8 {
    console::install();
    let done = match Cli::try_parse() {
        Ok(cli) => answered(|| cli.run()),
        Err(message) if message.use_stderr() => {
            console::apply_words(
                std::env::args_os().map(|word| word.to_string_lossy().into_owned()),
            );
            console::usage(&message);
            return exit::USAGE;
        }
        // Help and version, which were asked for.
        Err(message) => output::help(&message).map_err(anyhow::Error::from),
    };
    match done {
        Ok(()) => exit::DONE,
        Err(error) => {
            log::error!("{error:#}");
            exit::code(&error)
        }
    }
}

/// What `command` gives, where libtorch may refuse what it asks for.
fn answered(command: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    #[cfg(feature = "train")]
    {
        bench_models::refusals::keep_silent();
        bench_models::refusals::as_errors(command)
    }
    #[cfg(not(feature = "train"))]
    command()
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever the command meets; [`crate::exit::code`] maps it to the exit code.
    pub fn run(self) -> anyhow::Result<()> {
        self.console.apply();
        if process::has_one_thread() {
            crate::start_pool(1)?;
        }
        match self.command {
            #[cfg(feature = "train")]
            Command::All(args) => commands::all::run(&args),
            #[cfg(feature = "train")]
            Command::Run(args) => commands::run::run(&args),
            #[cfg(feature = "train")]
            Command::Samples(args) => commands::samples::run(&args),
            #[cfg(feature = "train")]
            Command::Submit(args) => commands::submit::run(args),
            #[cfg(feature = "train")]
            Command::Cancel(args) => commands::cancel::run(&args),
            #[cfg(feature = "train")]
            Command::Job(args) => commands::job::run(&args),
            #[cfg(feature = "train")]
            Command::Work(args) => commands::work::run(&args),
            Command::Eval(args) => commands::eval::run(&args),
            Command::Features(args) => commands::features::run(&args),
            Command::Stats(args) => commands::stats::run(&args),
            Command::Status(args) => commands::status::run(&args),
            #[cfg(feature = "train")]
            Command::Verify(args) => commands::verify::run(&args),
            Command::Report(args) => commands::report::run(&args),
            Command::Compare(args) => commands::compare::run(&args),
            Command::List(command) => commands::list::run(&command),
            Command::Data(command) => commands::data::run(&command),
            Command::Extractor(command) => commands::extractor::run(&command),
            Command::Weights(command) => commands::weights::run(&command),
            Command::Doctor(args) => commands::doctor::run(&args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
