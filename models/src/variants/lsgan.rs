//! LSGAN: least squares in place of cross-entropy (Mao et al. 2017).

use super::{Variant, dcgan};
use crate::Recipe;
use crate::losses::Loss;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "lsgan",
    summary: "dcgan with the least-squares loss",
    source: "Mao et al. 2017; named as next step by Bhope et al. 2019, section 6",
    conditional: false,
    image_size: 32,
    architecture: "as dcgan, with a linear output",
    published: &[],
    notes: &[],
    recipe,
    networks: dcgan::networks,
};

/// Mao et al. 2017, section 4.1 (batch 64, Adam with beta1 0.5) with DCGAN's learning rate; 100
/// epochs of CIFAR-10 in batches of 64.
fn recipe() -> Recipe {
    Recipe { steps: 78_200, batch_size: 64, loss: Loss::LeastSquares, ..Recipe::default() }
}
