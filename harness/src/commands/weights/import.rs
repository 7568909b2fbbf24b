//! `bench weights import`.

use std::path::PathBuf;

use super::print_stored;
use crate::inception;

/// Check a file with the weights of InceptionV3 and copy it into the cache.
///
/// `--extractor inception` finds it there, and so does `--extractor auto`, which is the default.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bench weights import pt_inception-2015-12-05-6726825d.pth")]
pub struct ImportArgs {
    /// A .pth file of PyTorch, old or new, or a safetensors file.
    file: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &ImportArgs) -> anyhow::Result<()> {
    let stored = inception::import(&args.file)?;
    print_stored(&stored)?;
    Ok(())
}
