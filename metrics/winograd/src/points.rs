//! The points at which polynomials are multiplied, and what follows from them.
//!
//! A convolution along one axis is a product of polynomials. By Toom and Cook it is found from the products of their
//! values at `outputs + taps - 1` points. Here these are 0, a few ±p, and infinity: half of the work serves two points.

/// Most pairs ±p.
const PAIRS: usize = 4;

/// The points 0, ±p for each p, and infinity, in this order, with the coefficients that transforms need.
#[derive(Debug)]
pub(super) struct Points {
    /// Number of pairs.
    pairs: usize,
    /// Powers of each p from p⁰ on.
    pub(super) powers: [[f32; PAIRS]; PAIRS],
    /// For each p the polynomial in z that is the product of `z - q²` over the other q: coefficients from z⁰ on, the
    /// last one being 1.
    pub(super) others: [[f32; PAIRS]; PAIRS],
    /// The product over all q, likewise.
    pub(super) all: [f32; PAIRS + 1],
    /// The values of p.
    values: [f64; PAIRS],
    /// What the values of kernels at 0 and at each ±p are multiplied with: one by the product of the point's
    /// differences to the other points but infinity.
    scales: [f64; PAIRS + 1],
}

/// One point, for one tap: nothing to transform.
pub(super) const ONE: Points = Points::new([]);

/// Six points: 4 outputs of 3 taps, 2 of 5. Errors are about half of those of the usual ±1 and ±2.
pub(super) const SIX: Points =
    Points::new([std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::SQRT_2]);

/// Ten points: 4 outputs of 7 taps.
pub(super) const TEN: Points =
    Points::new([0.5, std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::SQRT_2, 2.0]);

impl Points {
    const fn new<const N: usize>(values: [f64; N]) -> Self {
        let mut points = Self {
            pairs: N,
            powers: [[0.0; PAIRS]; PAIRS],
            others: [[0.0; PAIRS]; PAIRS],
            all: [0.0; PAIRS + 1],
            values: [0.0; PAIRS],
            scales: [0.0; PAIRS + 1],
        };
        let mut pair = 0;
        while pair < N {
            points.values[pair] = values[pair];
            points.scales[pair + 1] = scale(&values, pair);
            let mut power = 1.0;
            let mut exponent = 0;
            while exponent < PAIRS {
                points.powers[pair][exponent] = power as f32;
                power *= values[pair];
                exponent += 1;
            }
            let product = product_without(&values, pair);
            let mut k = 0;
            while k < N {
                points.others[pair][k] = product[k] as f32;
                k += 1;
            }
            pair += 1;
        }
        let product = product_without(&values, N);
        points.scales[0] = 1.0 / product[0];
        let mut k = 0;
        while k <= N {
            points.all[k] = product[k] as f32;
            k += 1;
        }
        points
    }

    /// Number of points.
    pub(super) fn count(&self) -> usize {
        match self.pairs {
            0 => 1,
            pairs => 2 * pairs + 2,
        }
    }

    /// Writes what taps become: the scaled values of their polynomial at the points.
    pub(super) fn transform_taps(&self, taps: &[f64], target: &mut [f64]) {
        if let ([tap], [only]) = (taps, &mut *target) {
            *only = *tap;
            return;
        }
        target[0] = taps[0] * self.scales[0];
        let pairs = target[1..].chunks_exact_mut(2).zip(self.values).zip(&self.scales[1..]);
        for ((target, p), scale) in pairs.take(self.pairs) {
            for (target, p) in target.iter_mut().zip([p, -p]) {
                *target = taps.iter().rev().fold(0.0, |sum, tap| sum * p + tap) * scale;
            }
        }
        target[2 * self.pairs + 1] = taps[taps.len() - 1];
    }
}

/// One by the product of the differences between the value p at `pair` and all points but infinity; the same for -p.
const fn scale<const N: usize>(values: &[f64; N], pair: usize) -> f64 {
    let square = values[pair] * values[pair];
    let (mut product, mut other) = (2.0 * square, 0);
    while other < N {
        if other != pair {
            product *= square - values[other] * values[other];
        }
        other += 1;
    }
    1.0 / product
}

/// Coefficients from z⁰ on of the product of `z - q²` over all values q but the one at `without`.
const fn product_without<const N: usize>(values: &[f64; N], without: usize) -> [f64; PAIRS + 1] {
    let mut coefficients = [0.0; PAIRS + 1];
    coefficients[0] = 1.0;
    let (mut degree, mut index) = (0, 0);
    while index < N {
        if index != without {
            let square = values[index] * values[index];
            degree += 1;
            let mut k = degree;
            while k > 0 {
                coefficients[k] = coefficients[k - 1] - square * coefficients[k];
                k -= 1;
            }
            coefficients[0] *= -square;
        }
        index += 1;
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_by_hand() {
        let near = |found: &[f32], expected: &[f32]| {
            let all = found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-6);
            assert!(all, "{found:?} instead of {expected:?}");
        };
        // (z - 1/2)(z - 2), and one factor of it.
        near(&SIX.all, &[1.0, -2.5, 1.0]);
        near(&SIX.others[0], &[-2.0, 1.0]);
        near(&SIX.others[1], &[-0.5, 1.0]);
        // (z - 1/4)(z - 4) and (z - 1/2)(z - 2): 1 - 4.25 z + z², 1 - 2.5 z + z².
        near(&TEN.all, &[1.0, -6.75, 12.625, -6.75, 1.0]);
        near(&TEN.powers[3], &[1.0, 2.0, 4.0, 8.0]);
    }
}
