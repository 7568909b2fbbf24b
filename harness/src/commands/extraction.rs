//! What every command that scores images asks for.

use std::path::PathBuf;

use bench_data::source::BadImages;
use bench_metrics::{FeatureLayer, Protocol};

use crate::evaluation::{ExtractorArgs, ExtractorRequest, Reading};

/// How features are extracted.
#[derive(Debug, clap::Args)]
pub struct ExtractionArgs {
    /// Whose conventions to follow; `bench list protocols` says what they are.
    #[arg(long, default_value_t)]
    pub protocol: Protocol,
    #[command(flatten)]
    extractor: ExtractorArgs,
    /// Features of InceptionV3: 2048, 768, 192 or 64. The network ends there, and only all of it gives the logits
    /// that the Inception Score needs. Default: 2048.
    #[arg(long, value_name = "N")]
    dims: Option<FeatureLayer>,
    /// Folder that holds the datasets' files.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// Leave out images that cannot be read; they are counted and named.
    #[arg(long)]
    skip_bad_images: bool,
    /// CPU threads.
    #[arg(long, default_value_t = crate::default_threads(), value_parser = crate::parse_threads)]
    pub threads: usize,
}

impl ExtractionArgs {
    /// The extractor that is asked for.
    pub fn extractor(&self) -> ExtractorRequest {
        self.extractor.request(self.protocol, self.dims)
    }

    /// How images are read.
    pub fn reading(&self) -> Reading {
        let bad_images = if self.skip_bad_images { BadImages::Skip } else { BadImages::Refuse };
        Reading { bad_images, ..Reading::default() }
    }
}

/// Names of left-out images listed in a warning.
const SHOWN: usize = 10;

/// What to say of images that were left out, if there are any: their number and the first few.
pub fn skipped_warning(skipped: &[PathBuf]) -> Option<String> {
    let shown = skipped.iter().take(SHOWN).map(|path| path.display().to_string());
    let more = if skipped.len() > SHOWN { ", …" } else { "" };
    (!skipped.is_empty()).then(|| {
        let names = shown.collect::<Vec<_>>().join(", ");
        format!("{} bad images were left out: {names}{more}", skipped.len())
    })
}
