//! What several test files train: variants at a size that takes no time, on a few images.

use bench_models::Recipe;
use bench_models::images::ImageShape;
use bench_models::variants::Variant;

/// Of every image.
pub(crate) const SHAPE: ImageShape = ImageShape { height: 16, width: 16, channels: 3 };
/// Classes of the images.
pub(crate) const CLASSES: usize = 3;

/// `n` images whose bytes go round, and their labels.
pub(crate) fn data(n: usize) -> (Vec<u8>, Vec<u32>) {
    let pixels = (0..n * SHAPE.len()).map(|i| (i * 7919 % 251) as u8).collect();
    (pixels, (0..n).map(|i| (i % CLASSES) as u32).collect())
}

/// A variant's recipe with narrow networks and batches of 6.
pub(crate) fn small(variant: &Variant) -> Recipe {
    let recipe = (variant.recipe)();
    Recipe {
        batch_size: 6,
        accumulate: recipe.accumulate.min(2),
        discriminator_steps: recipe.discriminator_steps.min(2),
        latent_dim: 8,
        generator_channels: 8,
        discriminator_channels: 8,
        ..recipe
    }
}
