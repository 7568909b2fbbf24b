//! Feature extractors: networks that turn images into features and class logits.

mod bound_network;
mod convolutions;
mod copies;
mod description;
mod device_batches;
pub mod metadata_keys;
mod network;
mod onnx_extractor;
mod outputs;
mod outside;
mod preprocessing;
mod resize;

use ndarray::{Array2, Axis};

use crate::device::Device;
use crate::error::MetricsError;
use crate::images::ImageBatch;

pub use convolutions::{ConvolutionEngine, Convolutions, ConvolutionsError, own_convolutions};
pub use onnx_extractor::{Computation, OnnxExtractor};
pub use resize::ResizeRule;

/// What an extractor makes of n images.
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    /// Features, `[n, feature_dim]`, finite.
    pub features: Array2<f32>,
    /// Class scores before the softmax, `[n, class_count]`, finite; without columns where the extractor gives none.
    pub logits: Array2<f32>,
    /// Features of an inner layer at every place, `[n, spatial_dim]`, finite; without columns where the extractor gives
    /// none.
    pub spatial: Array2<f32>,
}

impl Activations {
    /// Activations of no images.
    pub fn empty(feature_dim: usize, class_count: usize) -> Self {
        let none = |columns| Array2::zeros((0, columns));
        Self { features: none(feature_dim), logits: none(class_count), spatial: none(0) }
    }

    /// These activations without spatial features.
    #[must_use]
    pub fn without_spatial(self) -> Self {
        let spatial = Array2::zeros((self.len(), 0));
        Self { spatial, ..self }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.features.nrows()
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts the activations of further images behind these.
    ///
    /// # Errors
    /// [`MetricsError::Dimension`] if the other extractor has other dimensions; nothing is added then.
    pub fn append(&mut self, other: &Self) -> Result<(), MetricsError> {
        for (what, ours, theirs) in [
            ("a batch of features", self.features.ncols(), other.features.ncols()),
            ("a batch of logits", self.logits.ncols(), other.logits.ncols()),
            ("a batch of spatial features", self.spatial.ncols(), other.spatial.ncols()),
        ] {
            if ours != theirs {
                return Err(MetricsError::Dimension { what, expected: ours, found: theirs });
            }
        }
        if other.logits.nrows() != other.len() {
            let (what, found) = ("a batch of logits counted in images", other.logits.nrows());
            return Err(MetricsError::Dimension { what, expected: other.len(), found });
        }
        self.features.append(Axis(0), other.features.view()).expect("equal numbers of features");
        self.logits.append(Axis(0), other.logits.view()).expect("equal numbers of logits");
        let spatial = self.spatial.append(Axis(0), other.spatial.view());
        spatial.expect("equal numbers of spatial features");
        Ok(())
    }
}

/// A network that scores images.
///
/// An image's activations depend on that image alone, not on the others in its batch.
pub trait Extractor {
    /// Name that stands beside every number made with it.
    fn name(&self) -> &str;

    /// SHA-256 of the model file, 64 lower-case hexadecimal digits.
    fn sha256(&self) -> &str;

    /// Whose convolutions it is computed with; the features differ by it in their last digits.
    fn convolutions(&self) -> ConvolutionEngine;

    /// What it is computed on; the features differ by it in their last digits.
    fn device(&self) -> Device {
        Device::Cpu
    }

    /// Number of features of an image.
    fn feature_dim(&self) -> usize;

    /// Number of classes; 0 for an extractor that gives features alone.
    fn class_count(&self) -> usize;

    /// Number of spatial features; 0 for an extractor without.
    fn spatial_dim(&self) -> usize {
        0
    }

    /// The activations of a batch of images of any size, in their order.
    ///
    /// # Errors
    /// [`MetricsError::Model`] if inference fails or yields values that are not finite.
    fn extract(&mut self, images: &ImageBatch<'_>) -> Result<Activations, MetricsError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn activations_append_in_order() {
        let part = Activations {
            features: array![[1.0, 2.0], [3.0, 4.0]],
            logits: array![[5.0], [6.0]],
            spatial: Array2::zeros((2, 0)),
        };
        let mut all = Activations::empty(2, 1);
        all.append(&part).expect("equal dimensions");
        all.append(&part).expect("equal dimensions");
        assert_eq!(all.features, array![[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(all.logits, array![[5.0], [6.0], [5.0], [6.0]]);
        assert!(all.features.is_standard_layout());
        assert!(all.append(&Activations::empty(3, 1)).is_err());
    }

    #[test]
    fn activations_append_without_logits() {
        let none = Array2::zeros((2, 0));
        let part =
            Activations { features: array![[1.0], [2.0]], logits: none.clone(), spatial: none };
        let mut all = Activations::empty(1, 0);
        all.append(&part).expect("equal dimensions");
        all.append(&part).expect("equal dimensions");
        assert_eq!((all.features.dim(), all.logits.dim()), ((4, 1), (4, 0)));
    }
}
