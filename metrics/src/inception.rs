//! The InceptionV3 network that FID, KID and the Inception Score are defined with, as an ONNX extractor.
//!
//! It is the network of the original TensorFlow graph of 2015-12-05 as pytorch-fid ported it, which differs from
//! torchvision's: average pools leave padding out of the count, the last block's pooling branch takes maxima, and
//! there are 1008 classes. The weights are not part of this crate; they come as a [`WeightsFile`].

mod architecture;
mod folding;
mod graph;
pub mod published;

use crate::error::MetricsError;
use crate::extractor::metadata_keys as keys;
use crate::protocol::Protocol;
use crate::weights::WeightsFile;

pub use architecture::{check, tensors};

/// Version of the graph that [`onnx`] builds; it changes whenever other bytes come of the same weights.
pub const BUILDER_VERSION: u32 = 2;

/// Metadata key: [`BUILDER_VERSION`].
pub const KEY_BUILDER: &str = "bench.inception.builder";
/// Metadata key: SHA-256 of the file of weights.
pub const KEY_WEIGHTS: &str = "bench.inception.weights.sha256";
/// Metadata key: the bias that the logits go without, 1008 numbers separated by commas.
pub const KEY_LOGITS_BIAS: &str = "bench.inception.logits.bias";

/// Name of the extractor with the published weights and the usual features.
pub const NAME: &str = "inception-v3-fid";

/// Side of the network's input in pixels.
const INPUT_SIZE: usize = 299;
/// Name of the output that holds the logits without bias, `[n, 1008]`.
const LOGITS: &str = "logits";

/// Name of the output that holds spatial features, `[n, 2023]`.
const SPATIAL: &str = "spatial";

/// The layer whose activations are the features, averaged over the image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FeatureLayer {
    /// After the first max pooling: 64 features.
    Pool1,
    /// After the second max pooling: 192 features.
    Pool2,
    /// Before the auxiliary classifier, `Mixed_6e`: 768 features.
    Mixed6e,
    /// The last pooling, the usual choice: 2048 features.
    #[default]
    Pool3,
}

impl FeatureLayer {
    /// All layers, from the input to the output.
    pub const ALL: [Self; 4] = [Self::Pool1, Self::Pool2, Self::Mixed6e, Self::Pool3];

    /// Number of features, by which the reference programs name the layer.
    pub fn dims(self) -> usize {
        match self {
            Self::Pool1 => 64,
            Self::Pool2 => 192,
            Self::Mixed6e => 768,
            Self::Pool3 => 2048,
        }
    }

    /// Whether the network is computed to its end, so that there are logits too.
    pub fn has_logits(self) -> bool {
        self == Self::Pool3
    }

    /// Name of an extractor of these features by the weights of SHA-256 `weights_sha256`. Distances between features
    /// of different layers or of different weights are not comparable, so only the usual layer goes without its
    /// number, and only the published weights without the first digits of their SHA-256.
    pub fn extractor_name(self, weights_sha256: &str) -> String {
        let layer = match self {
            Self::Pool3 => NAME.to_owned(),
            other => format!("{NAME}-{}", other.dims()),
        };
        match weights_sha256.starts_with(published::SHA256_PREFIX) {
            true => layer,
            false => format!("{layer}-{weights_sha256:.8}"),
        }
    }

    /// Name of the output that holds the features.
    fn output(self) -> String {
        format!("features_{}", self.dims())
    }
}

impl std::str::FromStr for FeatureLayer {
    type Err = MetricsError;

    /// The layer with as many features as `text` says.
    fn from_str(text: &str) -> Result<Self, MetricsError> {
        Self::ALL.into_iter().find(|layer| layer.dims().to_string() == text).ok_or_else(|| {
            MetricsError::UnknownName {
                kind: "number of inception features",
                name: text.to_owned(),
                known: Self::ALL.map(|layer| layer.dims().to_string()).join(", "),
            }
        })
    }
}

impl std::fmt::Display for FeatureLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.dims())
    }
}

/// Builds the network with the given weights as an ONNX file for [`OnnxExtractor`](crate::OnnxExtractor).
///
/// The file takes `f32` images `[n, 3, 299, 299]`. It ends at `layer`, which costs a fraction of the whole network for
/// the inner ones, and its outputs are `features_64`, `features_192`, `features_768` and `features_2048` up to there,
/// each averaged over the image. Behind the last layer come `logits`, `[n, 1008]`, without bias as torch-fidelity takes
/// them for the Inception Score. Its metadata choose `layer` for the features, and feed it as `protocol` does (see
/// [`Protocol::resize`] and [`Protocol::scale`]).
///
/// Under protocol adm a further output, `spatial`, holds what sFID is of.
///
/// The same arguments give the same bytes.
///
/// # Errors
/// [`MetricsError::Weights`] if the file holds another network's weights, a tensor is missing or of another shape,
/// or a value is unusable.
pub fn onnx(
    weights: &WeightsFile,
    protocol: Protocol,
    layer: FeatureLayer,
) -> Result<Vec<u8>, MetricsError> {
    architecture::check(weights)?;
    let has_spatial = protocol.has_spatial_features() && layer.has_logits();
    let mut graph = graph::build(weights, layer, has_spatial)?;
    let (mean, std) = protocol.scale();
    let rgb = |value: f32| format!("{value},{value},{value}");
    graph
        .metadata(keys::NAME, &layer.extractor_name(weights.sha256()))
        .metadata(keys::INPUT_SIZE, &INPUT_SIZE.to_string())
        .metadata(keys::INPUT_RESIZE, protocol.resize().name())
        .metadata(keys::INPUT_MEAN, &rgb(mean))
        .metadata(keys::INPUT_STD, &rgb(std))
        .metadata(keys::OUTPUT_FEATURES, &layer.output())
        .metadata(KEY_BUILDER, &BUILDER_VERSION.to_string())
        .metadata(KEY_WEIGHTS, weights.sha256());
    if has_spatial {
        graph.metadata(keys::OUTPUT_SPATIAL, SPATIAL);
    }
    if layer.has_logits() {
        let bias = weights.values("fc.bias")?;
        let bias: Vec<String> = bias.iter().map(f32::to_string).collect();
        graph.metadata(keys::OUTPUT_LOGITS, LOGITS).metadata(KEY_LOGITS_BIAS, &bias.join(","));
    }
    Ok(graph.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_named_by_their_features() {
        for layer in FeatureLayer::ALL {
            assert_eq!(layer.to_string().parse::<FeatureLayer>().ok(), Some(layer));
        }
        let error = "1000".parse::<FeatureLayer>().expect_err("no such layer");
        assert!(error.to_string().contains("64, 192, 768, 2048"), "{error}");
    }

    #[test]
    fn extractors_are_named_by_layer_and_weights() {
        let (published, other) = ("6726825d0af5f729", "44a2e6f95bbd3bd8");
        let name = |layer: FeatureLayer, weights| layer.extractor_name(weights);
        assert_eq!(name(FeatureLayer::Pool3, published), "inception-v3-fid");
        assert_eq!(name(FeatureLayer::Pool1, published), "inception-v3-fid-64");
        assert_eq!(name(FeatureLayer::Pool3, other), "inception-v3-fid-44a2e6f9");
        assert_eq!(name(FeatureLayer::Pool2, other), "inception-v3-fid-192-44a2e6f9");
    }
}
