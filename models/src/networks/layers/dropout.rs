//! Dropout from the run's own random streams.

use tch::Tensor;

use crate::networks::Mode;

/// In training each element becomes 0 with probability `p` in `[0, 1)` and the others are divided
/// by `1 - p` (Srivastava et al. 2014); in evaluation `x` itself.
pub fn dropout(x: &Tensor, p: f64, mode: Mode) -> Tensor {
    masked(x, &x.size(), p, mode)
}

/// [`dropout`] of whole channels of `x` `[n, c, h, w]` (Tompson et al. 2015).
pub fn dropout2d(x: &Tensor, p: f64, mode: Mode) -> Tensor {
    masked(x, &[x.size()[0], x.size()[1], 1, 1], p, mode)
}

fn masked(x: &Tensor, shape: &[i64], p: f64, mode: Mode) -> Tensor {
    match mode {
        Mode::Train(draws) if p > 0.0 => {
            let count = shape.iter().product::<i64>() as usize;
            x * draws.dropout_mask(count, p, x.device()).view(shape)
        }
        _ => x.shallow_clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::Draws;
    use crate::streams::{Purpose, Streams};
    use tch::{Device, Kind};

    fn draws() -> Draws {
        Draws::new(Streams::new(1).at(Purpose::DiscriminatorDropout, 0))
    }

    #[test]
    fn the_share_of_zeros_is_p_and_the_mean_stays() {
        let x = Tensor::ones([100, 1000], (Kind::Float, Device::Cpu));
        let draws = draws();
        let y = dropout(&x, 0.2, Mode::Train(&draws));
        let zeros = y.eq(0.0).to_kind(Kind::Float).mean(None::<Kind>).double_value(&[]);
        // Four standard deviations of 100 000 draws.
        assert!((zeros - 0.2).abs() < 4.0 * (0.16f64 / 1e5).sqrt(), "{zeros}");
        assert_eq!(y.max().double_value(&[]), 1.25);
        assert_eq!(dropout(&x, 0.2, Mode::Eval), x);
    }

    #[test]
    fn whole_channels_are_dropped_and_another_call_drops_others() {
        let x = Tensor::ones([8, 16, 3, 3], (Kind::Float, Device::Cpu));
        let draws = draws();
        let first = dropout2d(&x, 0.5, Mode::Train(&draws));
        let spread = first.amax([2i64, 3], false) - first.amin([2i64, 3], false);
        assert_eq!(spread.abs().max().double_value(&[]), 0.0);
        assert_ne!(dropout2d(&x, 0.5, Mode::Train(&draws)), first);
        assert_eq!(dropout2d(&x, 0.5, Mode::Train(&self::draws())), first);
    }
}
