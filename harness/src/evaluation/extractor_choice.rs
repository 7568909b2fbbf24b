//! Which extractor the features come from.

use std::path::PathBuf;

use bench_metrics::{FeatureLayer, MetricsError, OnnxExtractor, Protocol, WeightsFile, inception};

/// Which extractor to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtractorChoice {
    /// The best at hand: the embedded one, which is said on standard error.
    Auto,
    /// The one inside the program.
    Embedded,
    /// An ONNX file that describes itself in its metadata.
    File(PathBuf),
    /// InceptionV3 with the weights of a file, fed as a protocol does.
    Inception {
        /// The file of weights.
        weights: PathBuf,
        /// Whose resizing and scaling.
        protocol: Protocol,
        /// Which features.
        layer: FeatureLayer,
    },
}

impl std::str::FromStr for ExtractorChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "embedded" => Ok(Self::Embedded),
            path if path.ends_with(".onnx") => Ok(Self::File(path.into())),
            other => Err(format!("`{other}` is neither auto, embedded nor a file called *.onnx")),
        }
    }
}

impl ExtractorChoice {
    /// Loads the extractor to compute with `threads` threads.
    ///
    /// # Errors
    /// If ONNX Runtime or the model cannot be loaded.
    pub fn load(&self, threads: usize) -> Result<OnnxExtractor, MetricsError> {
        match self {
            Self::Auto => {
                eprintln!(
                    "bench: note: features come from the embedded extractor; its numbers are not \
                     comparable with published ones, which come from InceptionV3"
                );
                OnnxExtractor::embedded(threads)
            }
            Self::Embedded => OnnxExtractor::embedded(threads),
            Self::File(path) => OnnxExtractor::from_file(path, threads),
            Self::Inception { weights, protocol, layer } => {
                let weights = WeightsFile::read(weights)?;
                let model = inception::onnx(&weights, *protocol, *layer)?;
                drop(weights);
                OnnxExtractor::from_bytes(&model, threads)
            }
        }
    }
}
