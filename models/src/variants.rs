//! The registry of variants. A variant is one file in `variants/` and one line in [`VARIANTS`].

mod acgan;
mod cdcgan;
mod dcgan;
mod dcgan64;
mod dcgan_deep;
mod dcgan_hw;
mod dragan;
mod gan;
mod lsgan;
mod sagan32;
mod sagan64;
mod sngan_proj;
mod toh;
mod wgan;
mod wgan_gp;

use tch::{Device, nn};

use crate::Recipe;
use crate::networks::{Dimensions, Discriminator, Generator, trainable_parameters};

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
    /// What a reader should know of it beyond what [`crate::sources`] says of its whole report:
    /// where the source is silent or contradicts itself, what was chosen, and why.
    pub notes: &'static [&'static str],
    /// Whether the generator takes a label.
    pub conditional: bool,
    /// The source's hyper-parameters.
    pub recipe: fn() -> Recipe,
    /// Builds the networks: recipe, dimensions, generator's path, discriminator's path.
    pub networks: fn(&Recipe, Dimensions, nn::Path, nn::Path) -> Networks,
}

impl Variant {
    /// Trainable parameters of the generator and of the discriminator, for images and classes of
    /// these dimensions.
    pub fn parameter_counts(&self, dimensions: Dimensions) -> (u64, u64) {
        let [generator, discriminator] = [Device::Cpu; 2].map(nn::VarStore::new);
        (self.networks)(&(self.recipe)(), dimensions, generator.root(), discriminator.root());
        (trainable_parameters(&generator), trainable_parameters(&discriminator))
    }
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
pub static VARIANTS: &[&Variant] = &[
    &gan::VARIANT,
    &dcgan::VARIANT,
    &dcgan_deep::VARIANT,
    &dcgan_hw::VARIANT,
    &lsgan::VARIANT,
    &wgan::VARIANT,
    &wgan_gp::VARIANT,
    &dragan::VARIANT,
    &acgan::VARIANT,
    &toh::dcgan::MODEL_1,
    &toh::dcgan::MODEL_2,
    &toh::dcgan::MODEL_3,
    &toh::dcgan::MODEL_3_IMPROVED,
    &toh::dcgan::MODEL_4,
    &toh::dcgan::MODEL_5,
    &toh::cgan::MODEL_1,
    &toh::cgan::MODEL_1_IMPROVED,
    &toh::cgan::MODEL_2,
    &toh::cgan::MODEL_3,
    &toh::wgan::MODEL_1,
    &toh::wgan::MODEL_2,
    &toh::sadcgan::MODEL_1,
    &toh::sadcgan::MODEL_2,
    &dcgan64::VARIANT,
    &sagan64::VARIANT,
    &cdcgan::BASELINE,
    &cdcgan::R1,
    &cdcgan::SPECTRAL,
    &cdcgan::HINGE,
    &sngan_proj::BASE,
    &sngan_proj::D4,
    &sngan_proj::D5,
    &sngan_proj::TTUR,
    &sngan_proj::DIFFAUGMENT_D4,
    &sngan_proj::DIFFAUGMENT_D5,
    &sngan_proj::LARGE_BATCH,
    &sngan_proj::LARGE_BATCH_FAST,
    &sagan32::VARIANT,
];

/// The variant called `name`.
pub fn find(name: &str) -> Option<&'static Variant> {
    VARIANTS.iter().copied().find(|v| v.name == name)
}
