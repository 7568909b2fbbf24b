//! Extractors that ONNX Runtime runs.

use std::num::NonZero;
use std::ops::RangeInclusive;
use std::path::Path;

use bench_onnx::{Bytes, Model};
use ndarray::Array2;
use ort::environment::Environment;
use rayon::prelude::*;

use super::bound_network::{self, BoundNetwork};
use super::convolutions::{
    self, ConvolutionEngine, Convolutions, ConvolutionsError, OwnConvolutions,
};
use super::description::Description;
use super::device_batches::{DeviceBatches, RunError};
use super::network::{EXPORT_HINT, ModelSource, Network};
use super::outside::{self, OutsideTensors};
use super::preprocessing::Preprocessing;
use super::{Activations, Extractor, copies};
use crate::device::Device;
use crate::error::MetricsError;
use crate::images::ImageBatch;
use crate::{runtime, sha256};

/// The small CNN that is part of this crate; `assets/` holds its card.
const EMBEDDED: &[u8] = include_bytes!("../../assets/embedded.onnx");

/// Input pixels in one run of a network, by which images per run are chosen: enough to be worth a run, and few enough
/// that the last run of a batch, and images that come one by one, leave no core idle for long. A large network is as
/// fast on one image as on eight.
const PIXELS_PER_RUN: usize = 16 * 32 * 32;
/// Fewest and most images in one run.
const IMAGES_PER_RUN: RangeInclusive<usize> = 1..=64;

/// The same on a GPU, which has thousands of cores to keep busy and some gigabytes for what lies between layers.
const PIXELS_PER_GPU_RUN: usize = 64 * 299 * 299;
const IMAGES_PER_GPU_RUN: RangeInclusive<usize> = 1..=256;

/// Bytes of model files that may be loaded in all. Within this a model is loaded once per thread, each thread running
/// batches of its own, which keeps all of them busy even where other programs slow one down; beyond it several threads
/// share a copy and divide every operation.
const BYTES_OF_COPIES: usize = 512 << 20;

/// How an extractor is computed. A number alone is one of threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Computation {
    /// Number of threads; 0 for one a core.
    pub threads: usize,
    /// Whose convolutions.
    pub convolutions: Convolutions,
    /// Where; libraries that compute on a GPU have to be loaded.
    pub device: Device,
    /// Whether the network's graph resizes and scales the images, as it always does on a GPU, where its way of resizing is
    /// linear and all of an image counts. Features then differ by rounding.
    pub resizes_in_graph: bool,
}

impl From<usize> for Computation {
    fn from(threads: usize) -> Self {
        Self { threads, ..Self::default() }
    }
}

/// An ONNX model whose metadata (see [`metadata_keys`](super::metadata_keys)) say how to feed it.
///
/// The network always runs on the same number of images, the last run being filled up with zeros: an image's
/// activations do not depend on how images are batched.
#[derive(Debug)]
pub struct OnnxExtractor {
    networks: Networks,
    description: Description,
    preprocessing: Preprocessing,
    /// The path or another name, for error texts.
    model: String,
    sha256: String,
    convolutions: ConvolutionEngine,
    device: Device,
}

/// What computes.
#[derive(Debug)]
enum Networks {
    /// Copies of the same network on the processor, at least one, and the number of images in one run of each.
    Copies(Vec<Network>, usize),
    /// One network, fed in large batches.
    Bound(Box<DeviceBatches<BoundNetwork>>),
}

impl OnnxExtractor {
    /// The extractor that is part of this crate.
    ///
    /// # Errors
    /// [`MetricsError::Runtime`] if ONNX Runtime cannot be loaded, and [`MetricsError::Convolutions`] if our own
    /// convolutions are asked for: its images are small.
    pub fn embedded(computation: impl Into<Computation>) -> Result<Self, MetricsError> {
        Self::load("embedded".to_owned(), Bytes::from_static(EMBEDDED), None, computation.into())
    }

    /// The extractor in the model file `path`.
    ///
    /// # Errors
    /// [`MetricsError::ReadModel`], [`MetricsError::Model`], [`MetricsError::ModelMetadata`],
    /// [`MetricsError::Runtime`], [`MetricsError::Convolutions`], [`MetricsError::Device`],
    /// [`MetricsError::DeviceMemory`].
    pub fn from_file(
        path: impl AsRef<Path>,
        computation: impl Into<Computation>,
    ) -> Result<Self, MetricsError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path)
            .map_err(|reason| MetricsError::ReadModel { path: path.to_path_buf(), reason })?;
        Self::load(path.display().to_string(), bytes.into(), None, computation.into())
    }

    /// The extractor in a model file's `bytes`.
    ///
    /// # Errors
    /// As of [`Self::from_file`].
    pub fn from_bytes(
        bytes: &[u8],
        computation: impl Into<Computation>,
    ) -> Result<Self, MetricsError> {
        let bytes = Bytes::copy_from_slice(bytes);
        Self::load("from memory".to_owned(), bytes, None, computation.into())
    }

    /// Likewise, of bytes whose SHA-256 is known.
    ///
    /// # Errors
    /// As of [`Self::from_file`].
    pub fn from_hashed_bytes(
        bytes: Vec<u8>,
        sha256: String,
        computation: impl Into<Computation>,
    ) -> Result<Self, MetricsError> {
        Self::load("from memory".to_owned(), bytes.into(), Some(sha256), computation.into())
    }

    /// The extractor of a model that may have tensors outside of its file.
    ///
    /// # Errors
    /// As of [`Self::from_file`].
    pub fn from_model(
        model: Model,
        computation: impl Into<Computation>,
    ) -> Result<Self, MetricsError> {
        // Before the first tensor, which is ONNX Runtime's.
        runtime::ensure_loaded()?;
        let mut model = model;
        let (sha256, length) = (outside::digest(&model), model.len());
        let outside = OutsideTensors::take(&mut model).map_err(|reason| MetricsError::Model {
            model: "from memory".to_owned(),
            reason,
            hint: "build it again from its weights",
        })?;
        let parts = Parts { bytes: model.bytes.into(), outside: &outside, length, sha256 };
        Self::load_parts("from memory".to_owned(), parts, computation.into())
    }

    fn load(
        model: String,
        bytes: Bytes,
        sha256: Option<String>,
        computation: Computation,
    ) -> Result<Self, MetricsError> {
        let sha256 = sha256.unwrap_or_else(|| sha256::digest(&bytes));
        let outside = OutsideTensors::default();
        let parts = Parts { length: bytes.len(), bytes, outside: &outside, sha256 };
        Self::load_parts(model, parts, computation)
    }

    fn load_parts(
        model: String,
        parts: Parts<'_>,
        computation: Computation,
    ) -> Result<Self, MetricsError> {
        let Parts { bytes, outside, length, sha256 } = parts;
        let metadata = bench_onnx::metadata(&bytes).map_err(|error| MetricsError::Model {
            model: model.clone(),
            reason: error.to_string(),
            hint: "check that the file is complete",
        })?;
        let description = Description::parse(&model, &metadata)?;
        let threads = match computation.threads {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        };
        let Computation { convolutions, device, resizes_in_graph, .. } = computation;
        let opening =
            Opening { model: &model, description: &description, outside, length, threads };
        let (networks, convolutions) = match device {
            Device::Cpu if resizes_in_graph => {
                (opening.bound(&bytes, device)?, ConvolutionEngine::OnnxRuntime)
            }
            Device::Cpu => opening.copies(&bytes, convolutions)?,
            Device::Cuda(_) if convolutions == Convolutions::Own => {
                let reason = ConvolutionsError::Gpu { device };
                return Err(MetricsError::Convolutions { model, reason });
            }
            Device::Cuda(_) => (opening.bound(&bytes, device)?, ConvolutionEngine::Cudnn),
        };
        Ok(Self {
            networks,
            preprocessing: Preprocessing::new(&description),
            description,
            model,
            sha256,
            convolutions,
            device,
        })
    }

    /// Numbers of features, of classes and of spatial features.
    fn columns(&self) -> [usize; 3] {
        match &self.networks {
            Networks::Copies(networks, _) => networks[0].columns(),
            Networks::Bound(batches) => batches.network.columns(),
        }
    }

    /// Side of the square that images are resized to, in pixels.
    pub fn input_size(&self) -> usize {
        self.description.size
    }
}

/// Images of `side` x `side` in one run, by the pixels that there may be.
fn images_per_run(pixels: usize, range: &RangeInclusive<usize>, side: usize) -> usize {
    (pixels / (side * side)).clamp(*range.start(), *range.end())
}

/// A model that is to be loaded.
struct Parts<'a> {
    bytes: Bytes,
    outside: &'a OutsideTensors,
    /// Bytes of all of it.
    length: usize,
    sha256: String,
}

/// The networks that are to be loaded.
struct Opening<'a> {
    /// The path or another name, for error texts.
    model: &'a str,
    description: &'a Description,
    outside: &'a OutsideTensors,
    /// Bytes of all of the model.
    length: usize,
    /// Threads of all copies together.
    threads: usize,
}

impl Opening<'_> {
    /// The model `bytes` on `device`, or refusals in the words of this crate.
    fn bound(&self, bytes: &[u8], device: Device) -> Result<Networks, MetricsError> {
        let feed = bound_network::feed_of(self.description);
        let (pixels, range) = match device {
            Device::Cpu => (PIXELS_PER_RUN, IMAGES_PER_RUN),
            Device::Cuda(_) => (PIXELS_PER_GPU_RUN, IMAGES_PER_GPU_RUN),
        };
        let batch = images_per_run(pixels, &range, self.description.size);
        let whole = (bytes, self.outside);
        let network = BoundNetwork::open(whole, self.description, feed, device, self.threads);
        let network = network.map_err(|error| refused(error, self.model, device, EXPORT_HINT))?;
        Ok(Networks::Bound(Box::new(DeviceBatches { network, feed, batch })))
    }

    /// Copies of the model `bytes` on the processor, and whose convolutions they are computed with.
    fn copies(
        &self,
        bytes: &Bytes,
        convolutions: Convolutions,
    ) -> Result<(Networks, ConvolutionEngine), MetricsError> {
        if convolutions != Convolutions::OnnxRuntime {
            match self.with_own_convolutions(runtime::environment()?, bytes) {
                Ok(networks) => return Ok((networks, ConvolutionEngine::Own)),
                Err(reason) if convolutions == Convolutions::Own => {
                    return Err(MetricsError::Convolutions {
                        model: self.model.to_owned(),
                        reason,
                    });
                }
                Err(reason) => convolutions::note_fallback(&reason),
            }
        }
        let copies = self.number_of_copies();
        let Self { model, outside, .. } = *self;
        let source = ModelSource { model, bytes, outside, operators: None };
        Ok((self.open_copies(&source, copies)?, ConvolutionEngine::OnnxRuntime))
    }

    fn with_own_convolutions(
        &self,
        environment: &Environment,
        bytes: &Bytes,
    ) -> Result<Networks, ConvolutionsError> {
        // A network of small images, which runs on several at a time, would not gain.
        if self.batch() > 1 {
            return Err(ConvolutionsError::TooSmall { side: self.description.size });
        }
        let copies = self.number_of_copies();
        let own = OwnConvolutions::of(environment, bytes, self.threads / copies)?;
        let OwnConvolutions { bytes, outside, operators } = &own;
        let operators = Some(operators);
        let source = ModelSource { model: self.model, bytes, outside, operators };
        self.open_copies(&source, copies)
            .map_err(|error| ConvolutionsError::Refused(error.to_string()))
    }

    /// Copies of a network, opened side by side.
    fn open_copies(
        &self,
        source: &ModelSource<'_>,
        copies: usize,
    ) -> Result<Networks, MetricsError> {
        let (batch, threads) = (self.batch(), self.threads / copies);
        let open = |_| Network::open(source, self.description, batch, threads);
        let networks = (0..copies).into_par_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Networks::Copies(networks, batch))
    }

    fn number_of_copies(&self) -> usize {
        (BYTES_OF_COPIES / self.length).clamp(1, self.threads)
    }

    /// Images in one run of a copy.
    fn batch(&self) -> usize {
        images_per_run(PIXELS_PER_RUN, &IMAGES_PER_RUN, self.description.size)
    }
}

/// A failure on `device` in the words of this crate.
fn refused(error: RunError, model: &str, device: Device, hint: &'static str) -> MetricsError {
    let model = model.to_owned();
    match error {
        RunError::Model(reason) => MetricsError::Model { model, reason, hint },
        RunError::Device(reason) => MetricsError::Device { model, device, reason },
        RunError::OutOfMemory(reason) => MetricsError::DeviceMemory { model, device, reason },
    }
}

impl Extractor for OnnxExtractor {
    fn name(&self) -> &str {
        &self.description.name
    }

    fn sha256(&self) -> &str {
        &self.sha256
    }

    fn convolutions(&self) -> ConvolutionEngine {
        self.convolutions
    }

    fn device(&self) -> Device {
        self.device
    }

    fn feature_dim(&self) -> usize {
        self.columns()[0]
    }

    fn class_count(&self) -> usize {
        self.columns()[1]
    }

    fn spatial_dim(&self) -> usize {
        self.columns()[2]
    }

    fn extract(&mut self, images: &ImageBatch<'_>) -> Result<Activations, MetricsError> {
        let [mut features, mut logits, mut spatial] =
            self.columns().map(|columns| Array2::zeros((images.len(), columns)));
        let targets = [&mut features, &mut logits, &mut spatial];
        let Self { networks, preprocessing, model, device, .. } = self;
        let extracted = match networks {
            Networks::Copies(networks, batch) => {
                copies::extract(networks, *batch, preprocessing, images, targets)
                    .map_err(RunError::Model)
            }
            Networks::Bound(batches) => {
                batches.extract(&device.to_string(), preprocessing, images, targets)
            }
        };
        let hint = "check the model with another onnx runtime, and the images";
        extracted.map_err(|error| refused(error, model, *device, hint))?;
        Ok(Activations { features, logits, spatial })
    }
}
