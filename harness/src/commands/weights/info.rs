//! `bench weights info`.

use std::path::{Path, PathBuf};

use bench_metrics::WeightsFile;

use crate::inception;

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
            println!("weights    {}", file.display());
            describe(&file, args.tensors)?;
        }
        None => println!("weights    none: {} is not there", place.display()),
    }
    for network in inception::built_networks() {
        println!("network    {} ({} bytes)", network.path.display(), network.bytes);
    }
    Ok(())
}

fn describe(file: &Path, list_tensors: bool) -> anyhow::Result<()> {
    let weights = WeightsFile::read(file)?;
    let values: usize =
        weights.tensors().map(|(_, layout)| layout.shape().iter().product::<usize>()).sum();
    println!("format     {}", weights.format().name());
    println!("SHA-256    {}", weights.sha256());
    println!("tensors    {}", weights.tensors().count());
    println!("values     {values}");
    match bench_metrics::inception::check(&weights) {
        Ok(()) => println!("inception  yes: usable with bench eval --weights"),
        Err(error) => println!("inception  no: {error}"),
    }
    if list_tensors {
        for (name, layout) in weights.tensors() {
            println!("{name}  {}  {:?}", layout.element().name(), layout.shape());
        }
    }
    Ok(())
}
