//! Bringing images to the size of a network.

mod bicubic;
mod bicubic_bytes;
mod bilinear;

use bicubic::Bicubic;
use bicubic_bytes::BicubicBytes;
use bilinear::{Bilinear, Grid};

pub(super) use bilinear::Matrices;

/// How images are resized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResizeRule {
    /// Bilinear without antialiasing, values belonging to the centres of square pixels, as in
    /// `torch.nn.functional.interpolate(align_corners=False)`.
    HalfPixel,
    /// Bilinear without antialiasing, output position i having the value at input position i · input / output, as in
    /// `tf.image.resize_bilinear(align_corners=False)` of TensorFlow 1.
    Tensorflow1,
    /// Bicubic with antialiasing, each channel in floating point, as `PIL.Image.resize` does it in mode `F`; the result
    /// is cut to 0 to 255 and not rounded.
    PillowBicubic,
    /// Bicubic with antialiasing, rounded to bytes after rows and after columns, as `PIL.Image.resize` does it in mode
    /// `RGB`.
    PillowBicubicBytes,
}

impl ResizeRule {
    /// All rules.
    pub const ALL: [Self; 4] =
        [Self::HalfPixel, Self::Tensorflow1, Self::PillowBicubic, Self::PillowBicubicBytes];

    /// The name in a model's metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::HalfPixel => "bilinear",
            Self::Tensorflow1 => "tf1-bilinear",
            Self::PillowBicubic => "pillow-bicubic",
            Self::PillowBicubicBytes => "pillow-bicubic-bytes",
        }
    }

    /// Whether it is two products with matrices, see [`Self::matrices`].
    pub(super) fn is_linear(self) -> bool {
        self.grid().is_some()
    }

    /// The matrices that resize from `height` x `width`, both at least 1, to `size` x `size`; `None` for a rule that cuts
    /// or rounds between or after the products.
    pub(super) fn matrices(self, height: usize, width: usize, size: usize) -> Option<Matrices> {
        self.grid().map(|grid| Matrices::new(grid, height, width, size))
    }

    fn grid(self) -> Option<Grid> {
        match self {
            Self::HalfPixel => Some(Grid::Centres),
            Self::Tensorflow1 => Some(Grid::Corners),
            Self::PillowBicubic | Self::PillowBicubicBytes => None,
        }
    }
}

/// Resizes images of one size to squares of another.
#[derive(Clone, Debug)]
pub(super) struct Resize(Method);

#[derive(Clone, Debug)]
enum Method {
    Bilinear(Bilinear),
    Bicubic(Bicubic),
    BicubicBytes(BicubicBytes),
}

impl Resize {
    /// From `height` x `width`, both at least 1, to `size` x `size`.
    pub(super) fn new(rule: ResizeRule, height: usize, width: usize, size: usize) -> Self {
        let bilinear = |grid| Method::Bilinear(Bilinear::new(grid, height, width, size));
        Self(match rule {
            ResizeRule::HalfPixel => bilinear(Grid::Centres),
            ResizeRule::Tensorflow1 => bilinear(Grid::Corners),
            ResizeRule::PillowBicubic => Method::Bicubic(Bicubic::new(height, width, size)),
            ResizeRule::PillowBicubicBytes => {
                Method::BicubicBytes(BicubicBytes::new(height, width, size))
            }
        })
    }

    /// Calls `put(row, values)` for each output row in turn, on the scale 0 to 255: the row of the first of `C` channels,
    /// then of the next. `image` is H x W x C.
    pub(super) fn for_each_row<const C: usize>(
        &self,
        image: &[u8],
        put: impl FnMut(usize, &[f32]),
    ) {
        match &self.0 {
            Method::Bilinear(resize) => resize.for_each_row::<C>(image, put),
            Method::Bicubic(resize) => resize.for_each_row::<C>(image, put),
            Method::BicubicBytes(resize) => resize.for_each_row::<C>(image, put),
        }
    }
}
