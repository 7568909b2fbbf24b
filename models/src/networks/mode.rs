//! Training or evaluation, as a forward pass is told.

use std::cell::RefCell;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

/// How a network is run.
#[derive(Clone, Copy)]
pub enum Mode<'a> {
    /// Batch statistics, one power iteration of every spectral norm, dropout drawn from here.
    Train(&'a Draws),
    /// Running statistics, singular vectors as they are, no dropout: nothing is drawn or changed.
    Eval,
    /// As [`Mode::Eval`], but for one power iteration of every spectral norm.
    Settle,
    /// As [`Mode::Eval`], and what each self-attention attends to is kept here.
    Observe(&'a Observed),
}

impl Mode<'_> {
    /// Whether this is [`Mode::Train`].
    pub fn is_train(self) -> bool {
        matches!(self, Self::Train(_))
    }

    /// Whether spectral norms do a power iteration.
    pub(super) fn iterates(self) -> bool {
        matches!(self, Self::Train(_) | Self::Settle)
    }
}

/// The weights of the self-attention layers of one forward pass, in their order.
#[derive(Default)]
pub struct Observed {
    attention: RefCell<Vec<Tensor>>,
}

impl Observed {
    /// Keeps the weights `[n, queries, keys]` of a layer.
    pub(super) fn keep(&self, weights: &Tensor) {
        self.attention.borrow_mut().push(weights.shallow_clone());
    }

    /// The weights of the last layer, `[n, queries, keys]`; none where there is no such layer.
    pub fn last_attention(&self) -> Option<Tensor> {
        self.attention.borrow().last().map(Tensor::shallow_clone)
    }
}

/// The random numbers of one step's forward passes, drawn in the order of the layers.
pub struct Draws {
    rng: RefCell<ChaCha8Rng>,
}

impl Draws {
    /// Draws from `rng`, a stream of this step alone.
    pub fn new(rng: ChaCha8Rng) -> Self {
        Self { rng: RefCell::new(rng) }
    }

    /// A dropout mask `[count]`: 0 with probability `p`, else `1 / (1 - p)`.
    pub(super) fn dropout_mask(&self, count: usize, p: f64, device: Device) -> Tensor {
        let mut rng = self.rng.borrow_mut();
        let kept = (1.0 / (1.0 - p)) as f32;
        let mask: Vec<f32> =
            (0..count).map(|_| if rng.random::<f64>() < p { 0.0 } else { kept }).collect();
        Tensor::from_slice(&mask).to_device(device)
    }
}
