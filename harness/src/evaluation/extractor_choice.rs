//! Which extractor the features come from.

use std::path::{Path, PathBuf};

use bench_data::download::Patience;
use bench_metrics::networks::Network;
use bench_metrics::{Computation, Convolutions, Device, FeatureLayer, OnnxExtractor, Protocol};

use super::error::EvaluationError;
use crate::inception::{self, FetchRequest, InceptionError};
use crate::network_weights;
use crate::progress::Busy;

/// What an extractor is called on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ExtractorChoice {
    /// The best at hand, which is said on standard error: InceptionV3 if its weights are in the cache, else the
    /// embedded one.
    #[default]
    Auto,
    /// The one inside the program.
    Embedded,
    /// InceptionV3 with the weights in the cache.
    Inception,
    /// Another published network, with the weights in the cache.
    Network {
        /// Which one.
        network: Network,
        /// Whose way of feeding it; `None` for the protocol's, or the usual one.
        feeding: Option<&'static str>,
    },
    /// An ONNX file that describes itself in its metadata.
    File(PathBuf),
}

impl std::str::FromStr for ExtractorChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "embedded" => Ok(Self::Embedded),
            "inception" => Ok(Self::Inception),
            path if path.ends_with(".onnx") => Ok(Self::File(path.into())),
            other => Self::network(other),
        }
    }
}

impl std::fmt::Display for ExtractorChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Embedded => f.write_str("embedded"),
            Self::Inception => f.write_str("inception"),
            Self::Network { network, feeding: None } => f.write_str(network.name),
            Self::Network { network, feeding: Some(feeding) } => {
                write!(f, "{}:{feeding}", network.name)
            }
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl ExtractorChoice {
    /// The network of a text such as `dinov2-vit-l-14` or `dinov2-vit-l-14:torch-fidelity`.
    fn network(text: &str) -> Result<Self, String> {
        let (name, feeding) =
            text.split_once(':').map_or((text, None), |(name, feeding)| (name, Some(feeding)));
        let network = Network::parse(name).map_err(|_| {
            format!(
                "`{text}` is neither auto, embedded, inception, a network of `bench list extractors` nor a file called \
                 *.onnx"
            )
        })?;
        let feeding = feeding.map(|name| network.feeding(Some(name))).transpose();
        let feeding = feeding.map_err(|error| error.to_string())?.map(|feeding| feeding.name);
        Ok(Self::Network { network, feeding })
    }

    /// Loads the extractor, to be computed as `computation` says; InceptionV3 as pytorch-fid has it.
    ///
    /// # Errors
    /// As [`ExtractorRequest::load`].
    pub fn load(
        &self,
        computation: impl Into<Computation>,
    ) -> Result<OnnxExtractor, EvaluationError> {
        let Computation { threads, convolutions, device, .. } = computation.into();
        let choice = self.clone();
        ExtractorRequest { choice, convolutions, device, ..Default::default() }.load(threads)
    }
}

/// An extractor that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtractorRequest {
    /// Which one.
    pub choice: ExtractorChoice,
    /// A file with the network's weights; `None` for those in the cache.
    pub weights: Option<PathBuf>,
    /// Whose resizing and scaling a network built from weights is fed by.
    pub protocol: Protocol,
    /// Which features of InceptionV3; `None` for the usual ones.
    pub layer: Option<FeatureLayer>,
    /// Whose convolutions it is computed with.
    pub convolutions: Convolutions,
    /// What it is computed on.
    pub device: Device,
}

/// What a request comes to on this machine.
enum Extractor<'a> {
    Embedded,
    File(&'a Path),
    Inception(PathBuf),
    Network(Network, Option<&'static str>, PathBuf),
}

impl ExtractorRequest {
    /// This request on another device.
    #[must_use]
    pub fn on(self, device: Device) -> Self {
        Self { device, ..self }
    }

    /// Whether the user left the choice open.
    pub fn is_open(&self) -> bool {
        self.choice == ExtractorChoice::Auto && !self.asks_for_inception()
    }

    /// This request with an open choice settled as this machine has it, which is said on standard error.
    ///
    /// # Errors
    /// If InceptionV3's weights are asked for and missing, or options contradict each other.
    pub fn settled(&self) -> Result<Self, EvaluationError> {
        let choice = match self.resolve()? {
            Extractor::Embedded => ExtractorChoice::Embedded,
            Extractor::File(path) => ExtractorChoice::File(path.to_owned()),
            Extractor::Inception(_) => ExtractorChoice::Inception,
            Extractor::Network(network, feeding, _) => {
                ExtractorChoice::Network { network, feeding }
            }
        };
        Ok(Self { choice, ..self.clone() })
    }

    /// Whether the extractor is built from weights, and so fed as the protocol says, once it is
    /// [settled](Self::settled).
    pub fn is_built(&self) -> bool {
        matches!(self.choice, ExtractorChoice::Inception | ExtractorChoice::Network { .. })
    }

    /// Loads the extractor to compute with `threads` threads.
    ///
    /// # Errors
    /// If InceptionV3's weights are asked for and missing, options contradict each other, ONNX Runtime or the model
    /// cannot be loaded, or our own convolutions are asked for and cannot be had.
    pub fn load(&self, threads: usize) -> Result<OnnxExtractor, EvaluationError> {
        let Self { convolutions, device, .. } = *self;
        let computation = Computation { threads, convolutions, device, ..Computation::default() };
        let _busy = Busy::of("loading the extractor");
        Ok(match self.resolve()? {
            Extractor::Embedded => OnnxExtractor::embedded(computation)?,
            Extractor::File(path) => OnnxExtractor::from_file(path, computation)?,
            Extractor::Inception(weights) => {
                let layer = self.layer.unwrap_or_default();
                let network = inception::network(&weights, self.protocol, layer)?;
                OnnxExtractor::from_hashed_bytes(network.bytes, network.sha256, computation)?
            }
            Extractor::Network(network, feeding, path) => {
                let weights = network_weights::read(&network, &path)?;
                let feeding = feeding.or_else(|| self.own_feeding(&network));
                let model = network.onnx(&weights, network.feeding(feeding)?)?;
                drop(weights);
                let convolutions = match self.convolutions {
                    // There are none to gain by.
                    Convolutions::Auto if !network.has_convolutions() => Convolutions::OnnxRuntime,
                    asked => asked,
                };
                OnnxExtractor::from_model(model, Computation { convolutions, ..computation })?
            }
        })
    }

    /// The protocol's own way of feeding a network, if it has one.
    fn own_feeding(&self, network: &Network) -> Option<&'static str> {
        let name = self.protocol.name();
        network.feedings().iter().map(|feeding| feeding.name).find(|feeding| *feeding == name)
    }

    /// Whether InceptionV3 is asked for, and its weights are in no file and not in the cache.
    pub fn insists_on_missing_weights(&self) -> bool {
        self.asks_for_inception() && self.weights.is_none() && inception::stored().is_none()
    }

    /// Whether the choice is open and would fall on InceptionV3 if its weights were in the cache.
    pub fn could_use_missing_weights(&self) -> bool {
        self.is_open() && inception::stored().is_none()
    }

    /// Fetches InceptionV3's weights into the cache.
    ///
    /// # Errors
    /// If they cannot be had.
    pub fn fetch_weights(&self, patience: Patience) -> Result<(), InceptionError> {
        inception::fetch(&FetchRequest::published(patience)).map(drop)
    }

    /// Whether no other extractor will do.
    fn asks_for_inception(&self) -> bool {
        let of_network = matches!(self.choice, ExtractorChoice::Network { .. });
        let has_weights = self.weights.is_some() && !of_network;
        self.choice == ExtractorChoice::Inception || has_weights || self.layer.is_some()
    }

    fn resolve(&self) -> Result<Extractor<'_>, EvaluationError> {
        match (&self.choice, self.asks_for_inception()) {
            (
                ExtractorChoice::Embedded
                | ExtractorChoice::File(_)
                | ExtractorChoice::Network { .. },
                true,
            ) => Err(EvaluationError::NotOfInception),
            (ExtractorChoice::Network { network, feeding }, false) => {
                let weights = self.weights.clone().or_else(|| network_weights::stored(network));
                let missing = EvaluationError::MissingNetwork { name: network.name };
                let weights = weights.ok_or(missing)?;
                Ok(Extractor::Network(*network, *feeding, weights))
            }
            (ExtractorChoice::Embedded, false) => Ok(Extractor::Embedded),
            (ExtractorChoice::File(path), false) => Ok(Extractor::File(path)),
            (ExtractorChoice::Auto, false) => Ok(match inception::stored() {
                Some(weights) => {
                    log::info!(
                        "features come from InceptionV3, whose weights are in the cache; --extractor \
                         embedded is faster"
                    );
                    Extractor::Inception(weights)
                }
                None => {
                    log::info!(
                        "features come from the embedded extractor; its numbers are not comparable with \
                         published ones, which come from InceptionV3 (`bench weights fetch` gets its weights)"
                    );
                    Extractor::Embedded
                }
            }),
            (ExtractorChoice::Auto | ExtractorChoice::Inception, _) => {
                let weights = self.weights.clone().or_else(inception::stored);
                weights.map(Extractor::Inception).ok_or(EvaluationError::MissingWeights)
            }
        }
    }
}
