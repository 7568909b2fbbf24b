//! Images at the crate's boundary (`u8`, N x H x W x C) and inside it (`[-1, 1]`, N x C x H x W).

use tch::{Kind, Tensor};

use crate::{ModelError, transfers};

/// Largest side of images that networks are built for, in pixels.
pub(crate) const MAX_SIDE: i64 = 2048;

/// Height, width and channels of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageShape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// 1 (grey) or 3 (RGB).
    pub channels: usize,
}

impl ImageShape {
    /// Bytes of one image.
    pub fn len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Whether an image of this shape has no pixels.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A borrowed, labelled set of images.
#[derive(Clone, Copy, Debug)]
pub struct LabelledImages<'a> {
    pixels: &'a [u8],
    /// `None` stands for zeros.
    labels: Option<&'a [u32]>,
    shape: ImageShape,
    classes: usize,
}

impl<'a> LabelledImages<'a> {
    /// `pixels` is N x H x W x C; `labels` holds N values in `0..classes`.
    ///
    /// # Errors
    /// If the set is empty, the lengths do not match or a label is out of range.
    pub fn new(
        pixels: &'a [u8],
        labels: &'a [u32],
        shape: ImageShape,
        classes: usize,
    ) -> Result<Self, ModelError> {
        let refuse = |reason: String| Err(ModelError::TrainingSet(reason));
        if labels.is_empty() || shape.is_empty() {
            return refuse("it is empty".into());
        }
        if pixels.len() != labels.len() * shape.len() {
            return refuse(format!(
                "{} labels of {} bytes an image do not match {} bytes of pixels",
                labels.len(),
                shape.len(),
                pixels.len()
            ));
        }
        if let Some(label) = labels.iter().find(|&&l| l as usize >= classes) {
            return refuse(format!("label {label} is not below the {classes} classes"));
        }
        Ok(Self { pixels, labels: Some(labels), shape, classes })
    }

    /// `pixels` is N x H x W x C; all images are of one class.
    ///
    /// # Errors
    /// If the set is empty or ends inside an image.
    pub fn unlabelled(pixels: &'a [u8], shape: ImageShape) -> Result<Self, ModelError> {
        if pixels.is_empty() || shape.is_empty() || !pixels.len().is_multiple_of(shape.len()) {
            let reason = format!("{} bytes are not whole images of {}", pixels.len(), shape.len());
            return Err(ModelError::TrainingSet(reason));
        }
        Ok(Self { pixels, labels: None, shape, classes: 1 })
    }

    /// Number of images, at least 1.
    pub fn count(&self) -> usize {
        self.pixels.len() / self.shape.len()
    }

    /// Shape of every image.
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// Number of classes; labels lie below it.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The bytes of image `i`, H x W x C.
    pub fn image(&self, i: usize) -> &'a [u8] {
        let len = self.shape.len();
        &self.pixels[i * len..(i + 1) * len]
    }

    /// The label of image `i`.
    pub fn label(&self, i: usize) -> u32 {
        self.labels.map_or(0, |labels| labels[i])
    }
}

/// `u8` N x H x W x C, in a tensor of any shape, to f32 `[n, C, H, W]` in `[-1, 1]`: `x / 127.5 - 1`.
pub fn to_unit_range(pixels: &Tensor, shape: ImageShape) -> Tensor {
    let (h, w, c) = (shape.height as i64, shape.width as i64, shape.channels as i64);
    pixels.view([-1, h, w, c]).permute([0, 3, 1, 2]).to_kind(Kind::Float) / 127.5 - 1.0
}

/// `[n, C, H, W]` in `[-1, 1]` to `u8` N x H x W x C: `(x + 1) * 127.5`, rounded half to even and
/// clamped to 0..=255.
pub fn to_bytes(images: &Tensor) -> Result<Vec<u8>, ModelError> {
    let bytes = ((images.detach() + 1.0) * 127.5)
        .round()
        .clamp(0.0, 255.0)
        .permute([0, 2, 3, 1])
        .to_kind(Kind::Uint8);
    transfers::read_bytes(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_the_round_trip() {
        let shape = ImageShape { height: 16, width: 8, channels: 2 };
        let bytes: Vec<u8> = (0..=255).collect();
        let images = to_unit_range(&Tensor::from_slice(&bytes), shape);
        assert_eq!(images.size(), [1, 2, 16, 8]);
        assert_eq!(images.double_value(&[0, 1, 0, 0]) as f32, 1.0f32 / 127.5 - 1.0);
        assert_eq!(to_bytes(&images).unwrap(), bytes);
    }

    #[test]
    fn mismatched_sets_are_refused() {
        let shape = ImageShape { height: 2, width: 2, channels: 1 };
        assert!(LabelledImages::new(&[], &[], shape, 1).is_err());
        assert!(LabelledImages::new(&[0; 7], &[0, 0], shape, 1).is_err());
        assert!(LabelledImages::new(&[0; 8], &[0, 1], shape, 1).is_err());
        assert!(LabelledImages::new(&[0; 8], &[0, 1], shape, 2).is_ok());
    }

    #[test]
    fn images_without_labels_are_of_one_class() {
        let shape = ImageShape { height: 2, width: 2, channels: 1 };
        assert!(LabelledImages::unlabelled(&[], shape).is_err());
        assert!(LabelledImages::unlabelled(&[0; 7], shape).is_err());
        let images = LabelledImages::unlabelled(&[0; 8], shape).unwrap();
        assert_eq!((images.count(), images.classes(), images.label(1)), (2, 1, 0));
    }
}
