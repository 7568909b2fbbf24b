//! Spectral norms of fresh networks.
//!
//! Singular vectors start as random ones. The product `u'Wv` of random vectors is no estimate of
//! the largest singular value but a number near 0, and weights divided by it are enormous, until
//! training passes have done their power iterations.

use tch::{Kind, Tensor, nn};

use super::{Dimensions, Discriminator, Generator, Mode};

/// Power iterations, as many as `torch.nn.utils.parametrizations.spectral_norm` does at its start.
const ITERATIONS: usize = 15;

/// Power iterations for every spectral norm of `generator`, whose variables are in `store`; nothing
/// else changes, and nothing is drawn.
pub fn settle_generator(generator: &dyn Generator, store: &nn::VarStore, latent_dim: i64) {
    let latents = Tensor::zeros([1, latent_dim], (Kind::Float, store.device()));
    settle(store, |label| drop(generator.forward(&latents, label, Mode::Settle)));
}

/// Power iterations for every spectral norm of `discriminator`, whose variables are in `store`;
/// nothing else changes, and nothing is drawn.
pub fn settle_discriminator(
    discriminator: &dyn Discriminator,
    store: &nn::VarStore,
    dimensions: Dimensions,
) {
    let Dimensions { size, channels, .. } = dimensions;
    let image = Tensor::zeros([1, channels, size, size], (Kind::Float, store.device()));
    settle(store, |label| drop(discriminator.forward(&image, label, Mode::Settle)));
}

/// A pass visits all layers and does one power iteration in each; what goes through them does not
/// matter.
fn settle(store: &nn::VarStore, pass: impl Fn(&Tensor)) {
    if !store.variables().keys().any(|name| name.ends_with("_u")) {
        return;
    }
    let label = Tensor::zeros([1], (Kind::Int64, store.device()));
    tch::no_grad(|| (0..ITERATIONS).for_each(|_| pass(&label)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::{self, Init};
    use crate::networks::layers::{ConvTranspose2d, ConvTransposeConfig, Norm, NormKind};
    use crate::streams::Streams;
    use tch::Device;

    struct OneLayer(ConvTranspose2d, Norm);

    impl Generator for OneLayer {
        fn forward(&self, latents: &Tensor, _labels: &Tensor, mode: Mode) -> Tensor {
            let map = self.0.forward(&latents.view([1, -1, 1, 1]), mode);
            self.1.forward(&map, mode)
        }
    }

    #[test]
    fn singular_values_are_found_and_nothing_else_changes() {
        let store = nn::VarStore::new(Device::Cpu);
        let config = ConvTransposeConfig { bias: false, spectral_norm: true, ..Default::default() };
        let conv = ConvTranspose2d::new(store.root() / "conv", 6, 8, config);
        let generator = OneLayer(conv, Norm::new(store.root() / "norm", NormKind::Batch, 8));
        init::initialise(&store, Init::DcganNormal, &Streams::new(3), 0);
        let get = |name: &str| store.variables()[name].detach().copy();
        let weight = get("conv.weight");
        let matrix = weight.transpose(0, 1).flatten(1, -1);
        let estimate = || {
            let (u, v) = (get("conv.weight_u"), get("conv.weight_v"));
            u.dot(&matrix.mv(&v)).double_value(&[])
        };
        let largest = matrix.svd(true, true).1.max().double_value(&[]);
        assert!(estimate().abs() < 0.5 * largest, "{} {largest}", estimate());
        settle_generator(&generator, &store, 6);
        assert!((estimate() / largest - 1.0).abs() < 0.05, "{} {largest}", estimate());
        assert_eq!(get("conv.weight"), weight);
        assert_eq!(get("norm.running_mean").abs().max().double_value(&[]), 0.0);
        let settled = get("conv.weight_u");
        init::initialise(&store, Init::DcganNormal, &Streams::new(3), 0);
        settle_generator(&generator, &store, 6);
        assert_eq!(get("conv.weight_u"), settled, "the same seed settles elsewhere");
    }
}
