//! One ONNX Runtime session of an extractor's model, with the memory for its input.

use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut2, s};
use ort::operator::OperatorDomain;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};

use super::description::Description;
use super::outside::OutsideTensors;
use super::preprocessing::Preprocessing;
use crate::error::MetricsError;
use crate::images::ImageBatch;
use crate::runtime;

/// A loaded model that always runs on the same number of images.
#[derive(Debug)]
pub(super) struct Network {
    session: Session,
    input: String,
    features: Output,
    /// `None` for a model of features alone.
    logits: Option<Output>,
    /// `None` for a model without spatial features.
    spatial: Option<Output>,
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
    pub(super) operators: Option<&'a Arc<OperatorDomain>>,
}

/// An output of a model and the number of its columns.
#[derive(Clone, Debug)]
struct Output {
    name: String,
    columns: usize,
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
                Some(operators) => builder.with_operators(Arc::clone(operators))?,
                None => builder,
            };
            outside.add_to(builder)?.commit_from_memory(bytes)
        };
        let session = open().map_err(|error| MetricsError::Model {
            model: model.to_owned(),
            reason: error.to_string(),
            hint: "export it again for operator set 17, with its weights inside the file",
        })?;
        Self::of_session(session, description, batch).map_err(|reason| MetricsError::Model {
            model: model.to_owned(),
            reason,
            hint: "an extractor takes n x 3 x size x size and gives n x d features and, if any, n x c logits, all float32",
        })
    }

    fn of_session(
        session: Session,
        description: &Description,
        batch: usize,
    ) -> Result<Self, String> {
        let [input] = session.inputs() else {
            return Err(format!("it has {} inputs instead of one", session.inputs().len()));
        };
        let side = description.size;
        let dims = float_dims(input)?;
        let wanted = [3, side as i64, side as i64];
        let fits = dims.len() == 4
            && dims[0] < 0
            && dims[1..].iter().zip(wanted).all(|(&dim, wanted)| dim == wanted || dim < 0);
        if !fits {
            return Err(format!("its input has shape {dims:?} instead of [-1, 3, {side}, {side}]"));
        }
        Ok(Self {
            input: input.name().to_owned(),
            features: output(&session, &description.features)?,
            logits: description.logits.as_ref().map(|name| output(&session, name)).transpose()?,
            spatial: description.spatial.as_ref().map(|name| output(&session, name)).transpose()?,
            side,
            batch,
            buffer: vec![0.0; batch * 3 * side * side],
            session,
        })
    }

    /// Number of features of an image.
    pub(super) fn feature_dim(&self) -> usize {
        self.features.columns
    }

    /// Number of classes, 0 without logits.
    pub(super) fn class_count(&self) -> usize {
        self.logits.as_ref().map_or(0, |logits| logits.columns)
    }

    /// Number of spatial features, 0 without.
    pub(super) fn spatial_dim(&self) -> usize {
        self.spatial.as_ref().map_or(0, |output| output.columns)
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
        [features, logits, spatial]: [ArrayViewMut2<'_, f32>; 3],
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
        let logits = self.logits.as_ref().map(|output| (output, logits));
        let spatial = self.spatial.as_ref().map(|output| (output, spatial));
        let features = [(&self.features, features)].into_iter();
        for (output, mut target) in features.chain(logits).chain(spatial) {
            let rows = matrix(&outputs, output, self.batch)?;
            let rows = rows.slice(s![..target.nrows(), ..]);
            if !rows.iter().all(|value| value.is_finite()) {
                return Err(format!("output {:?} holds a value that is not finite", output.name));
            }
            target.assign(&rows);
        }
        Ok(())
    }
}

/// The output `name`, which must have a fixed number of columns.
fn output(session: &Session, name: &str) -> Result<Output, String> {
    let outlet = session.outputs().iter().find(|output| output.name() == name);
    let dims = float_dims(outlet.ok_or_else(|| format!("it has no output {name:?}"))?)?;
    match dims[..] {
        [_, columns] if columns > 0 => {
            Ok(Output { name: name.to_owned(), columns: columns as usize })
        }
        _ => Err(format!("output {name:?} has shape {dims:?} instead of [-1, a fixed number]")),
    }
}

/// Dimensions of a float32 tensor, free ones negative.
fn float_dims(outlet: &Outlet) -> Result<Vec<i64>, String> {
    match outlet.dtype() {
        ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } => Ok(shape.to_vec()),
        other => Err(format!("{:?} is {other:?} instead of a float32 tensor", outlet.name())),
    }
}

/// An output of a run on `batch` images as a matrix of its declared shape.
fn matrix<'o>(
    outputs: &'o SessionOutputs<'_>,
    output: &Output,
    batch: usize,
) -> Result<ArrayView2<'o, f32>, String> {
    let Output { name, columns } = output;
    let value = outputs.get(name).ok_or_else(|| format!("it gave no output {name:?}"))?;
    let (shape, values) = value.try_extract_tensor::<f32>().map_err(|error| error.to_string())?;
    if shape[..] != [batch as i64, *columns as i64] {
        return Err(format!(
            "output {name:?} came with shape {:?} instead of [{batch}, {columns}]",
            &shape[..]
        ));
    }
    ArrayView2::from_shape((batch, *columns), values).map_err(|error| error.to_string())
}
