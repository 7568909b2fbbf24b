//! The kind of numbers that networks compute with in training.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// What convolutions, linear layers and the products of attention are computed in, forward and backward. All else is fp32 in
/// either case: parameters, optimisers, averages, normalisations and their statistics, spectral norms, softmax, images, losses,
/// penalties, and every pass that images are sampled by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// IEEE single precision.
    #[default]
    Fp32,
    /// bfloat16: the range of fp32 with 8 significant bits, so that no loss has to be scaled.
    Bf16,
}

impl Precision {
    /// Whether it is the usual one, which a configuration does not mention.
    pub fn is_fp32(&self) -> bool {
        *self == Self::Fp32
    }

    /// `x` as products take it.
    pub(crate) fn for_product(self, x: &Tensor) -> Tensor {
        match self {
            Self::Fp32 => x.shallow_clone(),
            Self::Bf16 => x.to_kind(Kind::BFloat16),
        }
    }

    /// `x`, which may be a product, as all else takes it.
    pub(crate) fn in_full(self, x: &Tensor) -> Tensor {
        match self {
            Self::Fp32 => x.shallow_clone(),
            Self::Bf16 => x.to_kind(Kind::Float),
        }
    }
}
