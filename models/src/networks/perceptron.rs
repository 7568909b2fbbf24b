//! Fully connected networks, as in the first GAN (Goodfellow et al. 2014).
//!
//! ```text
//! G: latent -> w -> 2w -> 4w -> pixels     leaky ReLU 0.2, tanh last
//! D: pixels -> 4w -> 2w -> w -> realness   leaky ReLU 0.2, dropout after each
//! ```

use tch::{Tensor, nn};

use super::activations::leaky_relu;
use super::layers::{Linear, LinearConfig, dropout};
use super::{Dimensions, Discriminator, Dropout, Generator, Mode, Verdict};

/// Slope of the leaky ReLUs.
const SLOPE: f64 = 0.2;

/// Units of the hidden layers from the narrowest on, as multiples of it.
const WIDTHS: [i64; 3] = [1, 2, 4];

/// Layers of these numbers of units, from first to last.
fn layers(path: &nn::Path, units: &[i64]) -> Vec<Linear> {
    let sizes = units.windows(2).enumerate();
    sizes
        .map(|(i, pair)| {
            Linear::new(path / format!("layer{i}"), pair[0], pair[1], LinearConfig::default())
        })
        .collect()
}

/// The fully connected generator.
pub struct PerceptronGenerator {
    layers: Vec<Linear>,
    dimensions: Dimensions,
}

impl PerceptronGenerator {
    /// A generator with its variables under `path`; `width` counts the units of its narrowest
    /// hidden layer.
    pub fn new(path: nn::Path, latent_dim: i64, width: i64, dimensions: Dimensions) -> Self {
        let mut units = vec![latent_dim];
        units.extend(WIDTHS.map(|multiple| multiple * width));
        units.push(pixels(dimensions));
        Self { layers: layers(&path, &units), dimensions }
    }
}

impl Generator for PerceptronGenerator {
    fn forward(&self, latents: &Tensor, _labels: &Tensor, mode: Mode) -> Tensor {
        let Dimensions { size, channels, .. } = self.dimensions;
        let mut x = latents.shallow_clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x, mode);
            x = if i + 1 == self.layers.len() {
                mode.in_full(&x).tanh()
            } else {
                leaky_relu(&x, SLOPE)
            };
        }
        x.view([-1, channels, size, size])
    }
}

/// The fully connected discriminator.
pub struct PerceptronDiscriminator {
    layers: Vec<Linear>,
    /// Units of the hidden layers.
    hidden: Vec<i64>,
    dropout: f64,
}

impl PerceptronDiscriminator {
    /// A discriminator with its variables under `path`; `width` counts the units of its narrowest
    /// hidden layer.
    pub fn new(path: nn::Path, width: i64, dropout: f64, dimensions: Dimensions) -> Self {
        let mut units = vec![pixels(dimensions)];
        units.extend(WIDTHS.iter().rev().map(|multiple| multiple * width));
        let hidden = units[1..].to_vec();
        units.push(1);
        Self { layers: layers(&path, &units), hidden, dropout }
    }
}

impl Discriminator for PerceptronDiscriminator {
    fn forward(&self, images: &Tensor, _labels: &Tensor, mode: Mode) -> Verdict {
        let mut x = images.flatten(1, -1);
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x, mode);
            if i + 1 < self.layers.len() {
                x = dropout(&leaky_relu(&x, SLOPE), self.dropout, mode);
            }
        }
        Verdict { realness: mode.in_full(&x).view([-1]), classes: None }
    }

    fn dropouts(&self) -> Vec<Dropout> {
        self.hidden.iter().flat_map(|&units| Dropout::if_any(units, self.dropout)).collect()
    }
}

/// Numbers in one image.
fn pixels(dimensions: Dimensions) -> i64 {
    dimensions.channels * dimensions.size * dimensions.size
}
