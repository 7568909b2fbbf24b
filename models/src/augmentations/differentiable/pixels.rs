//! Positions of pixels, on the device of the numbers that they are compared with.

use tch::{Kind, Tensor};

/// The rows and the columns, each `[n, 1]`, of pairs `[n, 2]`.
pub(super) fn pairs(pairs: &Tensor) -> (Tensor, Tensor) {
    (pairs.narrow(1, 0, 1), pairs.narrow(1, 1, 1))
}

/// The numbers of the pixels along a side, `[1, side]`, where `like` is.
pub(super) fn along(side: i64, like: &Tensor) -> Tensor {
    Tensor::arange(side, (Kind::Int64, like.device())).unsqueeze(0)
}
