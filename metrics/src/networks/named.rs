//! Tensors of a network by the names that they have in a file.

use super::transformer::{Linear, Norm};
use crate::error::MetricsError;
use crate::weights::WeightsFile;

/// The tensors of a file whose names begin alike.
#[derive(Clone, Copy)]
pub(super) struct Named<'w> {
    pub(super) weights: &'w WeightsFile,
    /// What all names begin with.
    pub(super) prefix: &'static str,
}

impl Named<'_> {
    /// Whether there is a tensor of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.weights.layout(&self.full(name)).is_some()
    }

    /// How many there are of `name` with `{}` standing for 0, 1, …
    pub(super) fn count(&self, name: &str) -> usize {
        (0..).take_while(|index: &usize| self.has(&name.replace("{}", &index.to_string()))).count()
    }

    /// The shape of a tensor.
    ///
    /// # Errors
    /// [`MetricsError::Weights`] if there is no such tensor.
    pub(super) fn shape(&self, name: &str) -> Result<&[usize], MetricsError> {
        let full = self.full(name);
        let layout = self.weights.layout(&full);
        layout
            .map(|layout| layout.shape())
            .ok_or_else(|| self.refused(&full, "is missing".to_owned()))
    }

    /// The values of a tensor of `shape`.
    ///
    /// # Errors
    /// [`MetricsError::Weights`] if there is no such tensor, it is of another shape, or a value is unusable.
    pub(super) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, MetricsError> {
        let found = self.shape(name)?;
        if found != shape {
            let reason = format!("has shape {found:?} instead of {shape:?}");
            return Err(self.refused(&self.full(name), reason));
        }
        self.weights.numbers(&self.full(name))
    }

    /// `NAME.weight` and `NAME.bias` of a normalisation.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub(super) fn norm(&self, name: &str, width: usize) -> Result<Norm, MetricsError> {
        let weight = self.values(&format!("{name}.weight"), &[width])?;
        Ok(Norm { weight, bias: self.values(&format!("{name}.bias"), &[width])? })
    }

    /// `NAME.weight` and `NAME.bias` of a linear map.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub(super) fn linear(
        &self,
        name: &str,
        outputs: usize,
        inputs: usize,
    ) -> Result<Linear, MetricsError> {
        let weight = self.values(&format!("{name}.weight"), &[outputs, inputs])?;
        Ok(Linear { weight, bias: self.values(&format!("{name}.bias"), &[outputs])? })
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn refused(&self, tensor: &str, reason: String) -> MetricsError {
        MetricsError::Weights {
            path: self.weights.path().to_path_buf(),
            reason: format!("tensor {tensor:?} {reason}"),
            hint: "give the weights as their authors published them",
        }
    }
}
