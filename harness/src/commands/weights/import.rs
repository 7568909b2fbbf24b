//! `bench weights import`.

use std::path::PathBuf;

use bench_data::files;
use bench_metrics::WeightsFile;
use bench_metrics::networks::Network;

use super::print_stored;
use crate::output::outln;
use crate::{inception, network_weights};

/// Check a file with the weights of InceptionV3, or of another network, and copy it into the cache.
///
/// Which network they are of shows in their tensors. `--extractor NAME` finds them there, and `--extractor auto`, which
/// is the default, InceptionV3's.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bench weights import pt_inception-2015-12-05-6726825d.pth")]
pub struct ImportArgs {
    /// A .pth file of PyTorch, old or new, or a safetensors file.
    file: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &ImportArgs) -> anyhow::Result<()> {
    let weights = WeightsFile::read(&args.file)?;
    if let Some(network) = Network::of_weights(&weights) {
        files::check_writable(&network_weights::path_of(&network)?)?;
        let path = network_weights::import(&network, &weights)?;
        outln!("{}", path.display())?;
        outln!("network    {}", network.name)?;
        outln!("SHA-256    {}", weights.sha256())?;
        return Ok(());
    }
    drop(weights);
    let stored = inception::import(&args.file)?;
    print_stored(&stored)?;
    Ok(())
}
