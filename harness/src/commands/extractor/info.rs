//! `bench extractor info`.

use bench_metrics::Extractor;

use crate::evaluation::ExtractorChoice;
use crate::output::outln;

/// Arguments of `bench extractor info`.
#[derive(Debug, clap::Args)]
pub struct InfoArgs {
    /// embedded, inception, or an ONNX file that describes itself.
    #[arg(default_value = "embedded")]
    extractor: ExtractorChoice,
}

/// Runs the command.
pub fn run(args: &InfoArgs) -> anyhow::Result<()> {
    let extractor = args.extractor.load(1)?;
    outln!("name      {}", extractor.name())?;
    outln!("SHA-256   {}", extractor.sha256())?;
    outln!("input     {0}x{0} RGB", extractor.input_size())?;
    outln!("features  {}", extractor.feature_dim())?;
    match extractor.class_count() {
        0 => outln!("logits    none")?,
        classes => outln!("logits    {classes}")?,
    }
    Ok(())
}
