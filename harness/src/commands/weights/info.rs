//! `bench weights info`.

use std::path::{Path, PathBuf};

use bench_metrics::WeightsFile;
use bench_metrics::networks::{NETWORKS, Network};

use crate::output::outln;
use crate::{inception, network_weights};

/// Say what a file of weights holds and whether it is the InceptionV3 of FID, or what is in the cache.
#[derive(Debug, clap::Args)]
pub struct InfoArgs {
    /// A .pth file of PyTorch, old or new, or a safetensors file. Default: the cache.
    file: Option<PathBuf>,
    /// Also list the tensors.
    #[arg(long)]
    tensors: bool,
}

/// Runs the command.
pub(super) fn run(args: &InfoArgs) -> anyhow::Result<()> {
    if let Some(file) = &args.file {
        return describe(file, args.tensors);
    }
    let place = inception::stored_path()?;
    match inception::stored() {
        Some(file) => {
            outln!("weights    {}", file.display())?;
            describe(&file, args.tensors)?;
        }
        None => outln!("weights    none: {} is not there", place.display())?,
    }
    for network in NETWORKS {
        if let Some(file) = network_weights::stored(network) {
            outln!("weights    {} of {}", file.display(), network.name)?;
        }
    }
    for network in inception::built_networks() {
        outln!("network    {} ({} bytes)", network.path.display(), network.bytes)?;
    }
    Ok(())
}

fn describe(file: &Path, list_tensors: bool) -> anyhow::Result<()> {
    let weights = WeightsFile::read(file)?;
    let values: usize =
        weights.tensors().map(|(_, layout)| layout.shape().iter().product::<usize>()).sum();
    outln!("format     {}", weights.format().name())?;
    outln!("SHA-256    {}", weights.sha256())?;
    outln!("tensors    {}", weights.tensors().count())?;
    outln!("values     {values}")?;
    if let Some(network) = Network::of_weights(&weights) {
        outln!("network    {0}: usable with --extractor {0} --weights", network.name)?;
    }
    match bench_metrics::inception::check(&weights) {
        Ok(()) => outln!("inception  yes: usable with bench eval --weights")?,
        Err(error) => outln!("inception  no: {error}")?,
    }
    if list_tensors {
        for (name, layout) in weights.tensors() {
            outln!("{name}  {}  {:?}", layout.element().name(), layout.shape())?;
        }
    }
    Ok(())
}
