//! `bench weights …`: files of trained weights, and InceptionV3's in the cache.

mod fetch;
mod import;
mod info;

use bench_data::files::FileError;

use crate::inception::StoredWeights;
use crate::output::outln;

/// What to do with a file of weights.
#[derive(Debug, clap::Subcommand)]
pub enum WeightsCommand {
    /// Download the published weights of a network into the cache.
    Fetch(fetch::FetchArgs),
    /// Check a file with the weights of InceptionV3, or of another network, and copy it into the cache.
    Import(import::ImportArgs),
    /// Say what a file of weights holds, or what is in the cache.
    Info(info::InfoArgs),
}

/// Runs the command.
///
/// # Errors
/// If weights cannot be had, read or stored, or are of another network.
pub fn run(command: &WeightsCommand) -> anyhow::Result<()> {
    match command {
        WeightsCommand::Fetch(args) => fetch::run(args),
        WeightsCommand::Import(args) => import::run(args),
        WeightsCommand::Info(args) => info::run(args),
    }
}

/// Says what lies in the cache now, and whether it is what others score with.
fn print_stored(stored: &StoredWeights) -> Result<(), FileError> {
    outln!("{}", stored.path.display())?;
    outln!("SHA-256    {}", stored.sha256)?;
    if !stored.is_published() {
        log::info!(
            "this is not the published file; the extractor bears the first digits of its SHA-256 in its \
             name, and its numbers are comparable with published ones only if the values in it are the same"
        );
    }
    Ok(())
}
