//! `bench stats`: the mean and covariance of features, to be compared with later.

use super::statistics_file::{self, Contents, FileArgs, Kind};
use crate::evaluation::{self, Summary};
use crate::output::outln;

/// Write the statistics of images to an .npz file, for `bench eval` and pytorch-fid.
///
/// The file holds mu and sigma as pytorch-fid --save-stats writes them, and besides n, extractor,
/// extractor_sha256 and protocol, by which `bench eval` tells whether it fits, and convolutions: own or onnxruntime; under
/// protocol adm also mu_s and sigma_s, for sFID.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench stats cifar10:train cifar10-train.npz --data data\n  \
    bench stats real/ real.npz --weights pt_inception-2015-12-05-6726825d.pth\n  \
    bench eval samples/ real.npz --weights pt_inception-2015-12-05-6726825d.pth")]
pub struct StatsArgs {
    #[command(flatten)]
    file: FileArgs,
}

/// Statistics alone, in memory that does not grow with the number of images.
const STATISTICS: Kind = Kind {
    what: "statistics",
    holds_activations: false,
    contents: |source, extractor, reading| {
        let Summary { gaussian, spatial, skipped } =
            evaluation::summarize(source, extractor, reading)?;
        Ok(Contents { gaussian, spatial, activations: None, skipped })
    },
};

/// Runs the command.
pub fn run(args: &StatsArgs) -> anyhow::Result<()> {
    let file = statistics_file::write(&args.file, &STATISTICS)?;
    outln!(
        "{}: statistics of {} images, {} features, extractor {}",
        args.file.out.display(),
        file.gaussian.n().unwrap_or_default(),
        file.gaussian.dim(),
        statistics_file::extractor_of(&file),
    )?;
    Ok(())
}
