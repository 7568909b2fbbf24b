//! What a session of an extractor's model gives.

use ndarray::{ArrayView2, ArrayViewMut2, s};
use ort::session::{Session, SessionOutputs};
use ort::value::{Outlet, TensorElementType, ValueType};

use super::description::Description;

/// The outputs of an extractor's model.
#[derive(Clone, Debug)]
pub(super) struct Outputs {
    features: Output,
    /// `None` for a model of features alone.
    logits: Option<Output>,
    /// `None` for a model without spatial features.
    spatial: Option<Output>,
}

/// An output of a model and the number of its columns.
#[derive(Clone, Debug)]
struct Output {
    name: String,
    columns: usize,
}

impl Outputs {
    /// Those that `description` names.
    ///
    /// # Errors
    /// The reason, if one is missing or no matrix.
    pub(super) fn of(session: &Session, description: &Description) -> Result<Self, String> {
        let further =
            |name: &Option<String>| name.as_ref().map(|name| Output::of(session, name)).transpose();
        Ok(Self {
            features: Output::of(session, &description.features)?,
            logits: further(&description.logits)?,
            spatial: further(&description.spatial)?,
        })
    }

    /// Numbers of features, of classes, which is 0 without logits, and of spatial features, which is 0 without.
    pub(super) fn columns(&self) -> [usize; 3] {
        let of = |output: &Option<Output>| output.as_ref().map_or(0, |output| output.columns);
        [self.features.columns, of(&self.logits), of(&self.spatial)]
    }

    /// Names of all.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let further = [self.logits.as_ref(), self.spatial.as_ref()].into_iter().flatten();
        std::iter::once(&self.features).chain(further).map(|output| output.name.as_str())
    }

    /// Writes what a run on `batch` images gave into `targets`: features, logits and spatial features, one row per image
    /// and as many rows as there are. What there is none of has no columns and stays as it is.
    ///
    /// # Errors
    /// The reason, if an output is missing, of another shape, or holds a value that is not finite.
    pub(super) fn copy(
        &self,
        found: &SessionOutputs<'_>,
        batch: usize,
        [features, logits, spatial]: [ArrayViewMut2<'_, f32>; 3],
    ) -> Result<(), String> {
        let logits = self.logits.as_ref().map(|output| (output, logits));
        let spatial = self.spatial.as_ref().map(|output| (output, spatial));
        let features = [(&self.features, features)].into_iter();
        for (output, mut target) in features.chain(logits).chain(spatial) {
            let rows = output.matrix(found, batch)?;
            let rows = rows.slice(s![..target.nrows(), ..]);
            if !rows.iter().all(|value| value.is_finite()) {
                return Err(format!("output {:?} holds a value that is not finite", output.name));
            }
            target.assign(&rows);
        }
        Ok(())
    }
}

impl Output {
    /// The output `name`, which must have a fixed number of columns.
    fn of(session: &Session, name: &str) -> Result<Self, String> {
        let outlet = session.outputs().iter().find(|output| output.name() == name);
        let dims = float_dims(outlet.ok_or_else(|| format!("it has no output {name:?}"))?)?;
        match dims[..] {
            [_, columns] if columns > 0 => {
                Ok(Self { name: name.to_owned(), columns: columns as usize })
            }
            _ => Err(format!("output {name:?} has shape {dims:?} instead of [-1, a fixed number]")),
        }
    }

    /// What a run on `batch` images gave, as a matrix of its declared shape.
    fn matrix<'o>(
        &self,
        outputs: &'o SessionOutputs<'_>,
        batch: usize,
    ) -> Result<ArrayView2<'o, f32>, String> {
        let Self { name, columns } = self;
        let value = outputs.get(name).ok_or_else(|| format!("it gave no output {name:?}"))?;
        let (shape, values) =
            value.try_extract_tensor::<f32>().map_err(|error| error.to_string())?;
        if shape[..] != [batch as i64, *columns as i64] {
            return Err(format!(
                "output {name:?} came with shape {:?} instead of [{batch}, {columns}]",
                &shape[..]
            ));
        }
        ArrayView2::from_shape((batch, *columns), values).map_err(|error| error.to_string())
    }
}

/// The name of a session's only input, which takes images of `side` x `side`.
///
/// # Errors
/// The reason, if there are others or it takes something else.
pub(super) fn image_input(session: &Session, side: usize) -> Result<String, String> {
    let [input] = session.inputs() else {
        return Err(format!("it has {} inputs instead of one", session.inputs().len()));
    };
    let dims = float_dims(input)?;
    let wanted = [3, side as i64, side as i64];
    let fits = dims.len() == 4
        && dims[0] < 0
        && dims[1..].iter().zip(wanted).all(|(&dim, wanted)| dim == wanted || dim < 0);
    match fits {
        true => Ok(input.name().to_owned()),
        false => Err(format!("its input has shape {dims:?} instead of [-1, 3, {side}, {side}]")),
    }
}

/// Dimensions of a float32 tensor, free ones negative.
fn float_dims(outlet: &Outlet) -> Result<Vec<i64>, String> {
    match outlet.dtype() {
        ValueType::Tensor { ty: TensorElementType::Float32, shape, .. } => Ok(shape.to_vec()),
        other => Err(format!("{:?} is {other:?} instead of a float32 tensor", outlet.name())),
    }
}
