//! Changes of resolution without parameters.

use tch::Tensor;

/// `[n, c, h, w] -> [n, c, 2h, 2w]`: every pixel becomes four.
pub fn upsample_nearest(x: &Tensor) -> Tensor {
    let size = x.size();
    x.upsample_nearest2d([2 * size[2], 2 * size[3]], None, None)
}

/// `[n, c, h, w] -> [n, c, h/2, w/2]`: the mean of every 2x2 square.
pub fn average_pool(x: &Tensor) -> Tensor {
    x.avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None)
}
