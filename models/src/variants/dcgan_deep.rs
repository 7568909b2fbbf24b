//! DCGAN with four times the channels, to 1024.

use super::{Variant, dcgan};
use crate::Recipe;

/// The variant.
pub(super) static VARIANT: Variant = Variant {
    name: "dcgan-deep",
    summary: "dcgan with up to 1024 channels",
    source: "Bhope et al. 2019 (COMP 551 project), section 4; Radford et al. 2016",
    conditional: false,
    image_size: 32,
    architecture: "as dcgan; G: 1024 @ 4x4 -> 512 -> 256 @ 16x16 -> c @ 32x32; D: 256 @ 16x16 -> \
                   512 -> 1024 @ 4x4 -> 1",
    published: &[],
    notes: &[],
    recipe: || Recipe {
        generator_channels: 256,
        discriminator_channels: 256,
        ..(dcgan::VARIANT.recipe)()
    },
    networks: dcgan::networks,
};
