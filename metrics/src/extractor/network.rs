//! One ONNX Runtime session of an extractor's model on the processor, with the memory for its input.

use bench_winograd::Operators;
use ndarray::ArrayViewMut2;
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::TensorRef;

use super::description::Description;
use super::outputs::{Outputs, image_input};
use super::outside::OutsideTensors;
use super::preprocessing::Preprocessing;
use crate::error::MetricsError;
use crate::images::ImageBatch;
use crate::runtime;

/// What a model that cannot be loaded should be.
pub(super) const EXPORT_HINT: &str =
    "export it again for operator set 17, with its weights inside the file";
/// What a model of other inputs or outputs should be.
pub(super) const SHAPE_HINT: &str = "an extractor takes n x 3 x size x size and gives n x d features and, if any, n x c logits, all float32";

/// A loaded model that always runs on the same number of images.
#[derive(Debug)]
pub(super) struct Network {
    session: Session,
    input: String,
    outputs: Outputs,
    side: usize,
    /// Images in one run.
    batch: usize,
    /// Input of one run, batch x 3 x side x side.
    buffer: Vec<f32>,
}

/// What a model is loaded from.
#[derive(Clone, Copy)]
pub(super) struct ModelSource<'a> {
    /// What error texts call it.
    pub(super) model: &'a str,
    pub(super) bytes: &'a [u8],
    /// Those of its tensors that are not among the bytes.
    pub(super) outside: &'a OutsideTensors,
    /// The operators that it has beside ONNX's own.
    pub(super) operators: Option<&'a Operators>,
}

impl Network {
    /// Loads a model, to run on `batch` images at a time.
    pub(super) fn open(
        source: &ModelSource<'_>,
        description: &Description,
        batch: usize,
        threads: usize,
    ) -> Result<Self, MetricsError> {
        let ModelSource { model, bytes, outside, operators } = *source;
        let environment = runtime::environment()?;
        let open = || -> ort::Result<Session> {
            let builder = Session::builder(environment)?
                .with_optimization_level(GraphOptimizationLevel::All)?
                .with_intra_threads(threads)?;
            let builder = match operators {
                Some(operators) => {
                    let domain = operators.domain();
                    builder.with_operators(
                        domain.map_err(|error| ort::Error::new(error.to_string()))?,
                    )?
                }
                None => builder,
            };
            outside.add_to(builder)?.commit_from_memory(bytes)
        };
        let refuse = |reason: String, hint: &'static str| MetricsError::Model {
            model: model.to_owned(),
            reason,
            hint,
        };
        let session = open().map_err(|error| refuse(error.to_string(), EXPORT_HINT))?;
        let side = description.size;
        let input = image_input(&session, side).map_err(|reason| refuse(reason, SHAPE_HINT))?;
        let outputs =
            Outputs::of(&session, description).map_err(|reason| refuse(reason, SHAPE_HINT))?;
        let buffer = vec![0.0; batch * 3 * side * side];
        Ok(Self { session, input, outputs, side, batch, buffer })
    }

    /// Numbers of features, of classes and of spatial features.
    pub(super) fn columns(&self) -> [usize; 3] {
        self.outputs.columns()
    }

    /// Writes the activations of the images from `start` on into `targets`, features, logits and spatial features: one
    /// row per image and as many rows as there are, at most `batch`. What there is none of has no columns and stays as
    /// it is.
    ///
    /// # Errors
    /// The reason, if the run fails or yields values that are not finite.
    pub(super) fn run(
        &mut self,
        preprocessing: &Preprocessing,
        images: &ImageBatch<'_>,
        start: usize,
        targets: [ArrayViewMut2<'_, f32>; 3],
    ) -> Result<(), String> {
        let filled = preprocessing.fill(images, start, &mut self.buffer);
        self.buffer[filled * preprocessing.values_per_image()..].fill(0.0);
        let shape = [self.batch, 3, self.side, self.side];
        let input = TensorRef::from_array_view((shape, self.buffer.as_slice()))
            .map_err(|error| error.to_string())?;
        let outputs = self
            .session
            .run(ort::inputs![self.input.as_str() => input])
            .map_err(|error| error.to_string())?;
        self.outputs.copy(&outputs, self.batch, targets)
    }
}
