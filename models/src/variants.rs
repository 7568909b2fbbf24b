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
    /// One line on both networks.
    pub architecture: &'static str,
    /// Side that the source trains at, in pixels; a power of two.
    pub image_size: u32,
    /// What the source reports of it.
    pub published: &'static [Published],
    /// Where the source is silent or contradicts itself: what was chosen, and why.
    pub notes: &'static [&'static str],
    /// Whether the generator takes a label.
    pub conditional: bool,
    /// The source's hyper-parameters.
    pub recipe: fn() -> Recipe,
    /// Builds the networks: recipe, dimensions, generator's path, discriminator's path.
    pub networks: fn(&Recipe, Dimensions, nn::Path, nn::Path) -> Networks,
}

/// A number that a source reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// Registry name of the dataset.
    pub dataset: &'static str,
    /// Key of the metric in records: `fid`, `kid_mean`, `is_mean`.
    pub metric: &'static str,
    /// The number as printed.
    pub value: f64,
    /// Where it stands: report, section, table or figure.
    pub source: &'static str,
    /// What is known of how it was measured.
    pub protocol: &'static str,
}

/// All variants, in the order of listings and tables.
pub static VARIANTS: &[&Variant] = &[&dcgan::VARIANT, &wgan_gp::VARIANT, &acgan::VARIANT];

/// The variant called `name`.
pub fn find(name: &str) -> Option<&'static Variant> {
    VARIANTS.iter().copied().find(|v| v.name == name)
}
