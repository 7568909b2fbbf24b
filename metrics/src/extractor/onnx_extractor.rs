//! Extractors that ONNX Runtime runs.

use std::num::NonZero;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, ScopedJoinHandle};

use bench_onnx::Model;
use ndarray::{Array2, Axis};
use ort::environment::Environment;

use super::convolutions::{
    self, ConvolutionEngine, Convolutions, ConvolutionsError, OwnConvolutions,
};
use super::description::Description;
use super::network::{ModelSource, Network};
use super::outside::{self, OutsideTensors};
use super::preprocessing::Preprocessing;
use super::{Activations, Extractor};
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
const IMAGES_PER_RUN: std::ops::RangeInclusive<usize> = 1..=64;

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
    /// Copies of the same network, at least one.
    networks: Vec<Network>,
    description: Description,
    preprocessing: Preprocessing,
    /// The path or another name, for error texts.
    model: String,
    sha256: String,
    convolutions: ConvolutionEngine,
    /// Images in one run of a network.
    batch: usize,
}

impl OnnxExtractor {
    /// The extractor that is part of this crate.
    ///
    /// # Errors
    /// [`MetricsError::Runtime`] if ONNX Runtime cannot be loaded, and [`MetricsError::Convolutions`] if our own
    /// convolutions are asked for: its images are small.
    pub fn embedded(computation: impl Into<Computation>) -> Result<Self, MetricsError> {
        Self::load("embedded".to_owned(), EMBEDDED, computation.into())
    }

    /// The extractor in the model file `path`.
    ///
    /// # Errors
    /// [`MetricsError::ReadModel`], [`MetricsError::Model`], [`MetricsError::ModelMetadata`],
    /// [`MetricsError::Runtime`], [`MetricsError::Convolutions`].
    pub fn from_file(
        path: impl AsRef<Path>,
        computation: impl Into<Computation>,
    ) -> Result<Self, MetricsError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path)
            .map_err(|reason| MetricsError::ReadModel { path: path.to_path_buf(), reason })?;
        Self::load(path.display().to_string(), &bytes, computation.into())
    }

    /// The extractor in a model file's `bytes`.
    ///
    /// # Errors
    /// [`MetricsError::Model`], [`MetricsError::ModelMetadata`], [`MetricsError::Runtime`],
    /// [`MetricsError::Convolutions`].
    pub fn from_bytes(
        bytes: &[u8],
        computation: impl Into<Computation>,
    ) -> Result<Self, MetricsError> {
        Self::load("from memory".to_owned(), bytes, computation.into())
    }

    /// The extractor of a model that may have tensors outside of its file.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_model(
        model: Model,
        computation: impl Into<Computation>,
    ) -> Result<Self, MetricsError> {
        let mut model = model;
        let (sha256, length) = (outside::digest(&model), model.len());
        let outside = OutsideTensors::take(&mut model).map_err(|reason| MetricsError::Model {
            model: "from memory".to_owned(),
            reason,
            hint: "build it again from its weights",
        })?;
        let parts = Parts { bytes: &model.bytes, outside: &outside, length, sha256 };
        Self::load_parts("from memory".to_owned(), parts, computation.into())
    }

    fn load(model: String, bytes: &[u8], computation: Computation) -> Result<Self, MetricsError> {
        let (outside, sha256) = (OutsideTensors::default(), sha256::digest(bytes));
        let parts = Parts { bytes, outside: &outside, length: bytes.len(), sha256 };
        Self::load_parts(model, parts, computation)
    }

    fn load_parts(
        model: String,
        parts: Parts<'_>,
        computation: Computation,
    ) -> Result<Self, MetricsError> {
        let Parts { bytes, outside, length, sha256 } = parts;
        let metadata = bench_onnx::metadata(bytes).map_err(|error| MetricsError::Model {
            model: model.clone(),
            reason: error.to_string(),
            hint: "check that the file is complete",
        })?;
        let description = Description::parse(&model, &metadata)?;
        let batch = PIXELS_PER_RUN / (description.size * description.size);
        let batch = batch.clamp(*IMAGES_PER_RUN.start(), *IMAGES_PER_RUN.end());
        let threads = match computation.threads {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        };
        let copies = (BYTES_OF_COPIES / length).clamp(1, threads);
        let opening =
            Opening { model: &model, description: &description, outside, batch, copies, threads };
        let (networks, convolutions) = opening.open(bytes, computation.convolutions)?;
        Ok(Self {
            networks,
            preprocessing: Preprocessing::new(&description),
            description,
            model,
            sha256,
            convolutions,
            batch,
        })
    }

    /// Side of the square that images are resized to, in pixels.
    pub fn input_size(&self) -> usize {
        self.description.size
    }
}

/// A model that is to be loaded.
struct Parts<'a> {
    bytes: &'a [u8],
    outside: &'a OutsideTensors,
    /// Bytes of all of it.
    length: usize,
    sha256: String,
}

/// The copies of a network that are to be loaded.
struct Opening<'a> {
    /// The path or another name, for error texts.
    model: &'a str,
    description: &'a Description,
    outside: &'a OutsideTensors,
    /// Images in one run.
    batch: usize,
    copies: usize,
    /// Threads of all copies together.
    threads: usize,
}

impl Opening<'_> {
    /// The networks of the model `bytes`, and whose convolutions they are computed with.
    fn open(
        &self,
        bytes: &[u8],
        convolutions: Convolutions,
    ) -> Result<(Vec<Network>, ConvolutionEngine), MetricsError> {
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
        Ok((self.copies(bytes, None)?, ConvolutionEngine::OnnxRuntime))
    }

    fn with_own_convolutions(
        &self,
        environment: &Environment,
        bytes: &[u8],
    ) -> Result<Vec<Network>, ConvolutionsError> {
        // A network of small images, which runs on several at a time, would not gain.
        if self.batch > 1 {
            return Err(ConvolutionsError::TooSmall { side: self.description.size });
        }
        let own = OwnConvolutions::of(environment, bytes, self.threads / self.copies)?;
        self.copies(&own.model, Some(&own))
            .map_err(|error| ConvolutionsError::Refused(error.to_string()))
    }

    fn copies(
        &self,
        bytes: &[u8],
        own: Option<&OwnConvolutions>,
    ) -> Result<Vec<Network>, MetricsError> {
        let Self { model, description, outside, batch, copies, threads } = *self;
        let operators = own.map(|own| &own.operators);
        let source = ModelSource { model, bytes, outside, operators };
        let copy = || Network::open(&source, description, batch, threads / copies);
        std::iter::repeat_with(copy).take(copies).collect()
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

    fn feature_dim(&self) -> usize {
        self.networks[0].feature_dim()
    }

    fn class_count(&self) -> usize {
        self.networks[0].class_count()
    }

    fn spatial_dim(&self) -> usize {
        self.networks[0].spatial_dim()
    }

    fn extract(&mut self, images: &ImageBatch<'_>) -> Result<Activations, MetricsError> {
        let mut features = Array2::zeros((images.len(), self.feature_dim()));
        let mut logits = Array2::zeros((images.len(), self.class_count()));
        let mut spatial = Array2::zeros((images.len(), self.spatial_dim()));
        let batch = self.batch;
        let targets = features
            .axis_chunks_iter_mut(Axis(0), batch)
            .zip(logits.axis_chunks_iter_mut(Axis(0), batch))
            .zip(spatial.axis_chunks_iter_mut(Axis(0), batch));
        let queue = Mutex::new(targets.enumerate());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let preprocessing = &self.preprocessing;
        let work = |network: &mut Network| {
            while let Some((index, ((features, logits), spatial))) = next() {
                let targets = [features, logits, spatial];
                let result = network.run(preprocessing, images, index * batch, targets);
                if result.is_err() {
                    // Nothing is left for the other threads to do.
                    while next().is_some() {}
                    return result;
                }
            }
            Ok(())
        };
        let useful = images.len().div_ceil(batch).clamp(1, self.networks.len());
        let (own, others) = self.networks[..useful].split_at_mut(1);
        let result = std::thread::scope(|scope| {
            // A thread that cannot be started leaves its share to the others.
            let start = |network| Builder::new().spawn_scoped(scope, || work(network)).ok();
            let others: Vec<_> = others.iter_mut().filter_map(start).collect();
            let own = work(&mut own[0]);
            let join = |thread: ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            others.into_iter().map(join).fold(own, Result::and)
        });
        result.map_err(|reason| MetricsError::Model {
            model: self.model.clone(),
            reason,
            hint: "check the model with another onnx runtime, and the images",
        })?;
        Ok(Activations { features, logits, spatial })
    }
}
