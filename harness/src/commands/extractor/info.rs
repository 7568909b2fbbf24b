//! `bench extractor info`.

use bench_metrics::Extractor;

use crate::evaluation::{ExtractorChoice, ExtractorRequest};

/// Arguments of `bench extractor info`.
#[derive(Debug, clap::Args)]
pub struct InfoArgs {
    /// embedded, inception, or an ONNX file that describes itself.
    #[arg(default_value = "embedded")]
    extractor: ExtractorChoice,
}

/// Runs the command.
pub fn run(args: &InfoArgs) -> anyhow::Result<()> {
    let extractor = ExtractorRequest::from(args.extractor.clone()).load(1)?;
    println!("name      {}", extractor.name());
    println!("SHA-256   {}", extractor.sha256());
    println!("input     {0}x{0} RGB", extractor.input_size());
    println!("features  {}", extractor.feature_dim());
    match extractor.class_count() {
        0 => println!("logits    none"),
        classes => println!("logits    {classes}"),
    }
    Ok(())
}
