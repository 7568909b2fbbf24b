//! `bench features`: features of images, to be scored later and again.

use super::statistics_file::{self, Contents, FileArgs, Kind};
use crate::evaluation::{self, Measured};
use crate::output::outln;

/// Write the features of images to an .npz or a safetensors file, which `bench eval` takes in the place of the images.
///
/// The file is one of statistics as `bench stats` writes it, with mu and sigma, and holds besides features and logits
/// of every image, float32: every metric can be computed from it, and nothing is extracted again. What needs the images
/// themselves, such as --per-class and --held-out, does not take it. Safetensors have the same arrays as tensors, and the
/// number of images and where they come from as texts in __metadata__.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bench features samples/ samples.npz\n  \
    bench features samples/ samples.safetensors\n  \
    bench features cifar10:train cifar10-dinov2.npz --data data --extractor dinov2-vit-l-14\n  \
    bench eval samples.npz real.npz --metrics all")]
pub struct FeaturesArgs {
    #[command(flatten)]
    file: FileArgs,
}

/// Statistics with features and logits of every image.
const FEATURES: Kind = Kind {
    what: "features",
    holds_activations: true,
    contents: |source, extractor, reading| {
        let (measured, skipped) = evaluation::measure(source, extractor, reading)?;
        let Measured { activations, gaussian, spatial, .. } = measured;
        Ok(Contents { gaussian, spatial, activations: Some(activations), skipped })
    },
};

/// Runs the command.
pub fn run(args: &FeaturesArgs) -> anyhow::Result<()> {
    let file = statistics_file::write(&args.file, &FEATURES)?;
    outln!(
        "{}: {} features of {} images, extractor {}",
        args.file.out.display(),
        file.gaussian.dim(),
        file.gaussian.n().unwrap_or_default(),
        statistics_file::extractor_of(&file),
    )?;
    Ok(())
}
