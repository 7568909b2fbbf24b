//! Training or evaluation, as a forward pass is told.

use std::cell::RefCell;
use std::collections::VecDeque;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::precision::Precision;
use crate::transfers::{self, Packed, Parcel};

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

    /// `x` as products take it, see [`Precision`].
    pub(super) fn for_product(self, x: &Tensor) -> Tensor {
        self.precision().for_product(x)
    }

    /// `x`, which may be a product, in full precision.
    pub(super) fn in_full(self, x: &Tensor) -> Tensor {
        self.precision().in_full(x)
    }

    fn precision(self) -> Precision {
        match self {
            Self::Train(draws) => draws.precision,
            Self::Eval | Self::Settle | Self::Observe(_) => Precision::Fp32,
        }
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

/// What one step's forward passes go by: random numbers, drawn in the order of the layers, and the precision.
pub struct Draws {
    precision: Precision,
    rng: RefCell<ChaCha8Rng>,
    /// Those that were drawn ahead and not used yet.
    masks: RefCell<VecDeque<Packed>>,
}

/// A dropout of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Numbers that are kept or not, of one image.
    pub numbers: i64,
    /// Probability with which they are not, in `(0, 1)`.
    pub p: f64,
}

impl Dropout {
    /// None where nothing is dropped.
    pub(super) fn if_any(numbers: i64, p: f64) -> Option<Self> {
        (p > 0.0).then_some(Self { numbers, p })
    }
}

impl Draws {
    /// Draws from `rng`, a stream of this step alone.
    pub fn new(rng: ChaCha8Rng) -> Self {
        Self { precision: Precision::Fp32, rng: RefCell::new(rng), masks: RefCell::default() }
    }

    /// The same, with the masks of these dropouts of `n` images, in the order of the layers, drawn at once and added to
    /// `parcel`, which has to be sent before they are used.
    pub(crate) fn ahead(
        mut rng: ChaCha8Rng,
        dropouts: impl IntoIterator<Item = Dropout>,
        n: usize,
        parcel: &mut Parcel,
    ) -> Self {
        let masks = dropouts
            .into_iter()
            .map(|Dropout { numbers, p }| {
                parcel.add(&mask(&mut rng, n * numbers as usize, p), &[-1])
            })
            .collect();
        Self { masks: RefCell::new(masks), ..Self::new(rng) }
    }

    /// The same for passes in this precision.
    pub fn computed_in(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// A dropout mask `[count]`: 0 with probability `p`, else `1 / (1 - p)`.
    pub(super) fn dropout_mask(&self, count: usize, p: f64, device: Device) -> Tensor {
        match self.masks.borrow_mut().pop_front() {
            Some(mask) => mask.tensor(),
            None => transfers::upload(&mask(&mut self.rng.borrow_mut(), count, p), device),
        }
    }
}

fn mask(rng: &mut ChaCha8Rng, count: usize, p: f64) -> Vec<f32> {
    let kept = (1.0 / (1.0 - p)) as f32;
    (0..count).map(|_| if rng.random::<f64>() < p { 0.0 } else { kept }).collect()
}
