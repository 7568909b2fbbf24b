//! DRAGAN: a gradient penalty round the real images (Kodali et al. 2017).

use super::{Variant, dcgan};
use crate::Recipe;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "dragan",
    summary: "dcgan with a gradient penalty on noisy real images",
    source: "Kodali et al. 2017, Algorithm 1",
    conditional: false,
    image_size: 32,
    architecture: "as dcgan",
    published: &[],
    notes: &["Beyond the reports. Kodali et al. 2017 keep DCGAN's networks, batch norm included, \
              and so does this variant."],
    recipe,
    networks: dcgan::networks,
};

/// Lambda of Algorithm 1; batch 64 and Adam as in DCGAN; 100 epochs of CIFAR-10.
fn recipe() -> Recipe {
    Recipe { steps: 78_200, batch_size: 64, dragan: 10.0, ..Recipe::default() }
}
