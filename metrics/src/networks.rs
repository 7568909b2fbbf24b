//! Networks whose published weights become extractors, beside [InceptionV3](crate::inception).
//!
//! A network is a line in [`NETWORKS`]. Its weights are no part of this crate; they come as a [`WeightsFile`], and the
//! graph is built from them for [`OnnxExtractor`](crate::OnnxExtractor).

mod clip;
mod dinov2;
mod named;
mod transformer;
mod vgg16;

use bench_onnx::{GraphBuilder, MAX_FILE_BYTES, Model};

use crate::error::MetricsError;
use crate::extractor::ResizeRule;
use crate::extractor::metadata_keys as keys;
use crate::weights::WeightsFile;

/// Metadata key: SHA-256 of the file of weights.
pub const KEY_WEIGHTS: &str = "bench.network.weights.sha256";

/// Name of the output that holds the features.
const FEATURES: &str = "features";

/// All networks, in the order in which they are shown.
pub const NETWORKS: &[Network] = &[
    dinov2_network("dinov2-vit-s-14", "ViT-S/14", "vits14", [384, 12], 0),
    dinov2_network("dinov2-vit-b-14", "ViT-B/14", "vitb14", [768, 12], 0),
    dinov2_network("dinov2-vit-l-14", "ViT-L/14", "vitl14", [1024, 24], 0),
    dinov2_network("dinov2-vit-g-14", "ViT-g/14", "vitg14", [1536, 40], 0),
    dinov2_network("dinov2-vit-s-14-reg", "ViT-S/14 with registers", "vits14_reg4", [384, 12], 4),
    dinov2_network("dinov2-vit-b-14-reg", "ViT-B/14 with registers", "vitb14_reg4", [768, 12], 4),
    dinov2_network("dinov2-vit-l-14-reg", "ViT-L/14 with registers", "vitl14_reg4", [1024, 24], 4),
    dinov2_network("dinov2-vit-g-14-reg", "ViT-g/14 with registers", "vitg14_reg4", [1536, 40], 4),
    clip_network("clip-vit-b-32", "ViT-B/32", "clip-vit-base-patch32", 512, [768, 12, 32, 224]),
    clip_network("clip-vit-l-14", "ViT-L/14", "clip-vit-large-patch14", 768, [1024, 24, 14, 224]),
    clip_network(
        "clip-vit-l-14-336px",
        "ViT-L/14 at 336 pixels",
        "clip-vit-large-patch14-336",
        768,
        [1024, 24, 14, 336],
    ),
    Network {
        name: "vgg16",
        family: Family::Vgg16,
        variant: "configuration D",
        file: "vgg16-397923af.pth",
        sha256: Some("397923af"),
        features: 4096,
        shape: Shape { width: 4096, blocks: 13, patch: 3, side: 224, registers: 0 },
    },
];

const fn dinov2_network(
    name: &'static str,
    variant: &'static str,
    file: &'static str,
    [width, blocks]: [usize; 2],
    registers: usize,
) -> Network {
    let shape = Shape { width, blocks, patch: 14, side: 224, registers };
    Network { name, family: Family::Dinov2, variant, file, sha256: None, features: width, shape }
}

const fn clip_network(
    name: &'static str,
    variant: &'static str,
    file: &'static str,
    features: usize,
    [width, blocks, patch, side]: [usize; 4],
) -> Network {
    let shape = Shape { width, blocks, patch, side, registers: 0 };
    Network { name, family: Family::Clip, variant, file, sha256: None, features, shape }
}

/// A network with published weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Name on the command line.
    pub name: &'static str,
    family: Family,
    variant: &'static str,
    /// What the address of the weights is made of.
    file: &'static str,
    /// First digits of the SHA-256 of the published file, where they are known.
    pub sha256: Option<&'static str>,
    /// Number of features of an image.
    pub features: usize,
    shape: Shape,
}

/// Networks that are built alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Dinov2,
    Clip,
    Vgg16,
}

/// What tells the networks of a family apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    /// Features of a token, or of the last layer.
    width: usize,
    blocks: usize,
    patch: usize,
    /// Side of the square input in pixels.
    side: usize,
    registers: usize,
}

/// How a program feeds images to networks of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feeding {
    /// The program.
    pub name: &'static str,
    /// How images come to the network's size.
    pub resize: ResizeRule,
    /// Whether the square in an image's middle is taken, instead of all of it.
    pub crop: bool,
}

/// As torch-fidelity 0.4 feeds all its networks.
const TORCH_FIDELITY: Feeding =
    Feeding { name: "torch-fidelity", resize: ResizeRule::Tensorflow1, crop: false };

impl Family {
    /// What is taken off every red, green and blue, on the scale 0 to 1, and what the rest is divided by.
    fn scale(self) -> [[f64; 3]; 2] {
        match self {
            Self::Dinov2 | Self::Vgg16 => [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]],
            Self::Clip => [
                [0.481_454_66, 0.457_827_5, 0.408_210_73],
                [0.268_629_54, 0.261_302_58, 0.275_777_11],
            ],
        }
    }

    fn shape(self, weights: &WeightsFile) -> Option<Shape> {
        match self {
            Self::Dinov2 => dinov2::shape(weights),
            Self::Clip => clip::shape(weights),
            Self::Vgg16 => vgg16::shape(weights),
        }
    }
}

impl Network {
    /// The network called `name`.
    ///
    /// # Errors
    /// [`MetricsError::UnknownName`] if there is none.
    pub fn parse(name: &str) -> Result<Self, MetricsError> {
        let known = || NETWORKS.iter().map(|network| network.name).collect::<Vec<_>>().join(", ");
        NETWORKS.iter().copied().find(|network| network.name == name).ok_or_else(|| {
            MetricsError::UnknownName { kind: "network", name: name.to_owned(), known: known() }
        })
    }

    /// The network that `weights` are of, if it is one of [`NETWORKS`].
    pub fn of_weights(weights: &WeightsFile) -> Option<Self> {
        NETWORKS
            .iter()
            .copied()
            .find(|network| network.family.shape(weights) == Some(network.shape))
    }

    /// One line: what it is.
    pub fn doc(&self) -> String {
        match self.family {
            Family::Dinov2 => format!("DINOv2 {}, class token (Oquab et al. 2023)", self.variant),
            Family::Clip => format!("CLIP {}, image tower (Radford et al. 2021)", self.variant),
            Family::Vgg16 => {
                format!(
                    "VGG16 {}, second fully connected layer (torch-fidelity's fc2_relu)",
                    self.variant
                )
            }
        }
    }

    /// Side of the square input in pixels.
    pub fn side(&self) -> usize {
        self.shape.side
    }

    /// Where the weights are published; the next address is tried when one fails.
    pub fn urls(&self) -> Vec<String> {
        let file = self.file;
        match self.family {
            Family::Dinov2 => {
                let folder = file.trim_end_matches("_reg4");
                vec![format!(
                    "https://dl.fbaipublicfiles.com/dinov2/dinov2_{folder}/dinov2_{file}_pretrain.pth"
                )]
            }
            Family::Clip => ["model.safetensors", "pytorch_model.bin"]
                .map(|name| format!("https://huggingface.co/openai/{file}/resolve/main/{name}"))
                .to_vec(),
            Family::Vgg16 => vec![format!("https://download.pytorch.org/models/{file}")],
        }
    }

    /// Whether the network is made of convolutions, of which some gain by being computed by our own.
    pub fn has_convolutions(&self) -> bool {
        self.family == Family::Vgg16
    }

    /// How programs feed it, the usual way first.
    pub fn feedings(&self) -> &'static [Feeding] {
        match self.family {
            // `Resize` and `ToTensor` of torchvision, of an image of bytes.
            Family::Dinov2 => &[
                Feeding { name: "dgm-eval", resize: ResizeRule::PillowBicubicBytes, crop: false },
                TORCH_FIDELITY,
            ],
            // `_center_crop_and_resize` of the program.
            Family::Clip => &[
                Feeding { name: "cmmd", resize: ResizeRule::PillowBicubicBytes, crop: true },
                TORCH_FIDELITY,
            ],
            Family::Vgg16 => &[TORCH_FIDELITY],
        }
    }

    /// The way of feeding called `name`; without a name the usual one.
    ///
    /// # Errors
    /// [`MetricsError::UnknownName`] if there is none.
    pub fn feeding(&self, name: Option<&str>) -> Result<Feeding, MetricsError> {
        let feedings = self.feedings();
        let Some(name) = name else { return Ok(feedings[0]) };
        feedings.iter().copied().find(|feeding| feeding.name == name).ok_or_else(|| {
            let known = feedings.iter().map(|feeding| format!("{}:{}", self.name, feeding.name));
            let known = known.collect::<Vec<_>>().join(", ");
            MetricsError::UnknownName { kind: "way of feeding", name: name.to_owned(), known }
        })
    }

    /// Checks that `weights` are this network's.
    ///
    /// # Errors
    /// [`MetricsError::Weights`] if they are another's.
    pub fn check(&self, weights: &WeightsFile) -> Result<(), MetricsError> {
        let found = self.family.shape(weights);
        if found == Some(self.shape) {
            return Ok(());
        }
        let other = Self::of_weights(weights);
        let reason = match other {
            Some(other) => format!("not {}: it holds {}", self.name, other.name),
            None => format!("not {}: its tensors have other names or shapes", self.name),
        };
        let hint =
            "give the file that `bench weights fetch` names, or Hugging Face's of the same network";
        Err(MetricsError::Weights { path: weights.path().to_path_buf(), reason, hint })
    }

    /// Builds the network with the given weights as an ONNX model for [`OnnxExtractor`](crate::OnnxExtractor), fed as
    /// `feeding` says. The same arguments give the same bytes. The weights of ViT-g, which a file cannot hold, lie outside
    /// of it.
    ///
    /// # Errors
    /// [`MetricsError::Weights`] if the file holds another network's weights, a tensor is missing or of another shape, or
    /// a value is unusable.
    pub fn onnx(&self, weights: &WeightsFile, feeding: Feeding) -> Result<Model, MetricsError> {
        self.check(weights)?;
        let name = format!("{}/{}", self.name, feeding.name);
        let graph = Unnamed { family: self.family }.graph(weights, &name, feeding)?;
        Ok(graph.finish_within(MAX_FILE_BYTES))
    }
}

/// Builds a network of whatever size `weights` have, of a family that is told by its tensors, called `name`; for weights
/// that were made and not published. Large ones lie outside of its file if all of them take more than `most` bytes.
///
/// # Errors
/// As [`Network::onnx`].
pub fn onnx_of_any_size(
    weights: &WeightsFile,
    name: &str,
    feeding: Feeding,
    most: usize,
) -> Result<Model, MetricsError> {
    let families = [Family::Dinov2, Family::Clip, Family::Vgg16];
    let family = families.into_iter().find(|family| family.shape(weights).is_some());
    let family = family.ok_or_else(|| foreign(weights, "DINOv2, CLIP or VGG16"))?;
    Ok(Unnamed { family }.graph(weights, name, feeding)?.finish_within(most))
}

/// A network of a family, of any size.
struct Unnamed {
    family: Family,
}

impl Unnamed {
    fn graph(
        &self,
        weights: &WeightsFile,
        name: &str,
        feeding: Feeding,
    ) -> Result<GraphBuilder, MetricsError> {
        let side = self.family.shape(weights).map_or(0, |shape| shape.side);
        let mut graph: GraphBuilder = match self.family {
            Family::Dinov2 => dinov2::graph(weights, name, side)?,
            Family::Clip => clip::graph(weights, name)?,
            Family::Vgg16 => vgg16::graph(weights, name)?,
        };
        let [mean, std] = self
            .family
            .scale()
            .map(|values| values.map(|value| (255.0 * value).to_string()).join(","));
        graph
            .metadata(keys::NAME, name)
            .metadata(keys::INPUT_SIZE, &side.to_string())
            .metadata(keys::INPUT_RESIZE, feeding.resize.name())
            .metadata(keys::INPUT_MEAN, &mean)
            .metadata(keys::INPUT_STD, &std)
            .metadata(keys::OUTPUT_FEATURES, FEATURES)
            .metadata(KEY_WEIGHTS, weights.sha256());
        if feeding.crop {
            graph.metadata(keys::INPUT_CROP, keys::CENTRE);
        }
        Ok(graph)
    }
}

fn foreign(weights: &WeightsFile, family: &str) -> MetricsError {
    MetricsError::Weights {
        path: weights.path().to_path_buf(),
        reason: format!("not the weights of {family}: its tensors have other names or shapes"),
        hint: "give the weights as their authors or Hugging Face published them",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_parse_back() {
        for (index, network) in NETWORKS.iter().enumerate() {
            assert_eq!(Network::parse(network.name).ok(), Some(*network));
            assert!(NETWORKS[..index].iter().all(|other| other.name != network.name));
            assert!(
                NETWORKS[..index]
                    .iter()
                    .all(|other| other.shape != network.shape || other.family != network.family)
            );
            assert!(network.urls().iter().all(|url| url.starts_with("https://")));
            for feeding in network.feedings() {
                assert_eq!(network.feeding(Some(feeding.name)).ok(), Some(*feeding));
            }
            assert!(network.feeding(Some("mine")).is_err());
        }
        let error = Network::parse("dinov2").expect_err("no such network").to_string();
        assert!(error.contains("dinov2-vit-l-14, "), "{error}");
    }
}
