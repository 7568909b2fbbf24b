//! The registry of variants. A variant is one file in `variants/` and one line in [`VARIANTS`].

mod acgan;
mod dcgan;
mod wgan_gp;

use tch::nn;

use crate::Recipe;
use crate::networks::{Dimensions, Discriminator, Generator};

/// Generator and discriminator of a variant.
pub type Networks = (Box<dyn Generator>, Box<dyn Discriminator>);

/// A GAN as one source describes it.
pub struct Variant {
    /// The name on the command line and in tables.
    pub name: &'static str,
    /// One line for listings.
    pub summary: &'static str,
    /// Where architecture and hyper-parameters come from.
    pub source: &'static str,
    /// Whether the generator takes a label.
    pub conditional: bool,
    /// The source's hyper-parameters.
    pub recipe: fn() -> Recipe,
    /// Builds the networks: recipe, dimensions, generator's path, discriminator's path.
    pub networks: fn(&Recipe, Dimensions, nn::Path, nn::Path) -> Networks,
}

/// All variants, in the order of listings and tables.
pub static VARIANTS: &[&Variant] = &[&dcgan::VARIANT, &wgan_gp::VARIANT, &acgan::VARIANT];

/// The variant called `name`.
pub fn find(name: &str) -> Option<&'static Variant> {
    VARIANTS.iter().copied().find(|v| v.name == name)
}
