//! Activations as layers.

use tch::{Tensor, nn};

use crate::networks::activations::leaky_relu;

/// What follows a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `x` where positive, else this slope times `x`.
    LeakyRelu(f64),
    /// A leaky ReLU with a learnt slope per channel, from 0.25 (He et al. 2015).
    PRelu,
}

/// An activation with what it has learnt.
pub struct ActivationLayer {
    activation: Activation,
    slope: Option<Tensor>,
}

impl ActivationLayer {
    /// A layer for `channels` channels; a learnt slope is a variable below `path`.
    pub fn new(path: nn::Path, activation: Activation, channels: i64) -> Self {
        let slope = (activation == Activation::PRelu)
            .then(|| path.var("slope", &[channels], nn::Init::Const(0.25)));
        Self { activation, slope }
    }

    /// The activation of `x` `[n, channels, …]`.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        match (self.activation, &self.slope) {
            // A product may have fewer digits than what is learnt.
            (_, Some(slope)) => x.to_kind(slope.kind()).prelu(slope),
            (Activation::Relu, None) => x.relu(),
            (Activation::LeakyRelu(slope), None) => leaky_relu(x, slope),
            (Activation::Identity | Activation::PRelu, None) => x.shallow_clone(),
        }
    }
}
