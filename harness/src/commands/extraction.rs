//! What every command that scores images asks for.

use std::path::PathBuf;

use bench_metrics::{FeatureLayer, Protocol};

use crate::evaluation::{ExtractorChoice, Reading};
use crate::source::BadImages;

/// How features are extracted.
#[derive(Debug, clap::Args)]
pub struct ExtractionArgs {
    /// Whose conventions to follow: pytorch-fid or torch-fidelity.
    #[arg(long, default_value = "pytorch-fid")]
    pub protocol: Protocol,
    /// Feature extractor: auto, embedded, or an ONNX file that describes itself.
    #[arg(long, default_value = "auto")]
    extractor: ExtractorChoice,
    /// Weights of InceptionV3 (.pth or safetensors): score with it, fed as the protocol does.
    #[arg(long, value_name = "FILE", conflicts_with = "extractor")]
    weights: Option<PathBuf>,
    /// Features of InceptionV3: 2048, 768, 192 or 64. Default: 2048.
    #[arg(long, value_name = "N", requires = "weights")]
    dims: Option<FeatureLayer>,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// Leave out images that cannot be read; they are counted and named.
    #[arg(long)]
    skip_bad_images: bool,
    /// CPU threads.
    #[arg(long, default_value_t = crate::default_threads())]
    pub threads: usize,
}

impl ExtractionArgs {
    /// The extractor that is asked for.
    pub fn extractor(&self) -> ExtractorChoice {
        match &self.weights {
            Some(weights) => ExtractorChoice::Inception {
                weights: weights.clone(),
                protocol: self.protocol,
                layer: self.dims.unwrap_or_default(),
            },
            None => self.extractor.clone(),
        }
    }

    /// How images are read.
    pub fn reading(&self) -> Reading {
        let bad_images = if self.skip_bad_images { BadImages::Skip } else { BadImages::Refuse };
        Reading { bad_images, ..Reading::default() }
    }
}

/// What to say of images that were left out, if there are any.
pub fn skipped_warning(skipped: &[PathBuf]) -> Option<String> {
    let names: Vec<String> = skipped.iter().map(|path| path.display().to_string()).collect();
    (!names.is_empty())
        .then(|| format!("{} bad images were left out: {}", names.len(), names.join(", ")))
}
