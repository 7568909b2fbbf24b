//! What every command that scores images asks for.

use std::path::PathBuf;

use bench_data::datasets::{ImageCache, LoadOptions};
use bench_data::files::image_tree::{self, Depth, Selection};
use bench_data::source::{BadImages, SourceOptions};
use bench_metrics::{FeatureLayer, FileOrder, OnnxExtractor, Protocol};

use crate::device::{self, DeviceArgs, Work};
use crate::evaluation::{EvaluationError, ExtractorArgs, ExtractorRequest, Reading};

/// How features are extracted.
#[derive(Clone, Debug, clap::Args)]
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
    /// Take the images in subfolders of folders and archives, too.
    #[arg(long)]
    recursive: bool,
    /// Leave out images that cannot be read; they are counted and named.
    #[arg(long)]
    skip_bad_images: bool,
    #[command(flatten)]
    device: DeviceArgs,
    /// CPU threads.
    #[arg(long, default_value_t = crate::default_threads(), value_parser = crate::parse_threads)]
    pub threads: usize,
}

impl ExtractionArgs {
    /// Loads an extractor, on the device that is asked for.
    ///
    /// # Errors
    /// If the device or the extractor cannot be had.
    pub fn load(&self, request: ExtractorRequest) -> anyhow::Result<OnnxExtractor> {
        let asked = self.device.device.for_convolutions(self.extractor.convolutions());
        let device = device::select(asked, Work::Scoring)?;
        Ok(request.on(device).load(self.threads)?)
    }

    /// The extractor that is asked for.
    ///
    /// # Errors
    /// If there are several.
    pub fn extractor(&self) -> Result<ExtractorRequest, EvaluationError> {
        self.extractor.request(self.protocol, self.dims)
    }

    /// Every extractor that is asked for.
    ///
    /// # Errors
    /// If options contradict each other.
    pub fn extractors(&self) -> Result<Vec<ExtractorRequest>, EvaluationError> {
        self.extractor.requests(self.protocol, self.dims)
    }

    /// Where sources are looked for, and which of their files are taken: those that the protocol's program takes, in its
    /// order.
    pub fn source_options<'a>(
        &'a self,
        cache: Option<&'a ImageCache>,
        by_class: bool,
    ) -> SourceOptions<'a> {
        let depth = match () {
            () if self.recursive || self.protocol.takes_subfolders() => Depth::All,
            () if by_class => Depth::Classes,
            () => Depth::Flat,
        };
        let order = match self.protocol.file_order() {
            FileOrder::ByName => image_tree::FileOrder::ByName,
            FileOrder::ByRealPath => image_tree::FileOrder::ByRealPath,
        };
        SourceOptions {
            data_dir: Some(&self.data),
            load: LoadOptions { cache, ..Default::default() },
            selection: Selection {
                extensions: self.protocol.extensions(),
                any_case: self.protocol.takes_any_case(),
                depth,
                order,
            },
        }
    }

    /// What to do with images that cannot be read.
    pub fn bad_images(&self) -> BadImages {
        if self.skip_bad_images { BadImages::Skip } else { BadImages::Refuse }
    }

    /// How images are read.
    pub fn reading(&self) -> Reading {
        Reading { bad_images: self.bad_images(), ..Reading::default() }
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
