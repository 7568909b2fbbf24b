//! Tensors of a model that lie outside of its file.

use std::sync::Arc;

use bench_onnx::{ExternalTensor, Model};
use ort::session::builder::SessionBuilder;
use ort::value::{DynValue, Tensor};

use crate::sha256;

/// Values that every session of a model shares.
#[derive(Default)]
pub(super) struct OutsideTensors(Vec<(String, Arc<DynValue>)>);

impl OutsideTensors {
    /// Those of `model`, which has none then.
    ///
    /// # Errors
    /// The reason, if one does not fill its shape.
    pub(super) fn take(model: &mut Model) -> Result<Self, String> {
        let value = |tensor: ExternalTensor| {
            let ExternalTensor { name, dims, little_endian } = tensor;
            let numbers =
                little_endian.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
            let numbers: Vec<f32> = numbers.collect();
            drop(little_endian);
            let value = Tensor::from_array((dims, numbers)).map_err(|error| error.to_string())?;
            Ok((name, Arc::new(value.into_dyn())))
        };
        // One after the other: twice all of them might not fit into memory.
        model.outside.drain(..).map(value).collect::<Result<_, _>>().map(Self)
    }

    /// Hands them to a session in the making.
    pub(super) fn add_to(&self, builder: SessionBuilder) -> ort::Result<SessionBuilder> {
        self.0.iter().try_fold(builder, |builder, (name, value)| {
            Ok(builder.with_external_initializer(name, Arc::clone(value))?)
        })
    }
}

/// SHA-256 of a model: of its file, and behind it the tensors outside.
pub(super) fn digest(model: &Model) -> String {
    let outside = model.outside.iter().map(|tensor| &tensor.little_endian[..]);
    sha256::digest_of_parts(std::iter::once(model.bytes.as_slice()).chain(outside))
}
