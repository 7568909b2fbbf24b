//! `bench weights …`: files of trained weights.

use std::path::PathBuf;

use bench_metrics::{WeightsFile, inception};

/// What to do with a file of weights.
#[derive(Debug, clap::Subcommand)]
pub enum WeightsCommand {
    /// Say what a file of weights holds, and whether it is the InceptionV3 of FID.
    Info(InfoArgs),
}

/// Arguments of `bench weights info`.
#[derive(Debug, clap::Args)]
pub struct InfoArgs {
    /// A .pth file of PyTorch, old or new, or a safetensors file.
    file: PathBuf,
    /// Also list the tensors.
    #[arg(long)]
    tensors: bool,
}

/// Runs the command.
///
/// # Errors
/// If the file cannot be read or holds no weights.
pub fn run(command: &WeightsCommand) -> anyhow::Result<()> {
    let WeightsCommand::Info(args) = command;
    let weights = WeightsFile::read(&args.file)?;
    let values: usize =
        weights.tensors().map(|(_, layout)| layout.shape().iter().product::<usize>()).sum();
    println!("format     {}", weights.format().name());
    println!("SHA-256    {}", weights.sha256());
    println!("tensors    {}", weights.tensors().count());
    println!("values     {values}");
    match inception::check(&weights) {
        Ok(()) => println!("inception  yes: usable with bench eval --weights"),
        Err(error) => println!("inception  no: {error}"),
    }
    if args.tensors {
        for (name, layout) in weights.tensors() {
            println!("{name}  {}  {:?}", layout.element().name(), layout.shape());
        }
    }
    Ok(())
}
