//! The variance of KID.

use super::kernel_sums::{Between, KernelSums, Within};

/// Variances of the parts that a kernel has by its Hoeffding decomposition, x and y being the two sets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Components {
    /// Of an image's mean kernel with x less that with y, over x and over y.
    single: [f64; 2],
    /// Of what a pair within x, within y holds beyond the mean kernels of its two images.
    within: [f64; 2],
    /// Of the same for pairs of x and y.
    between: f64,
}

impl Components {
    /// Unbiased estimates from the kernel matrices of subsets; none from fewer than 4 images.
    pub(super) fn estimate(sums: &KernelSums) -> Option<Self> {
        let m = sums.between.rows.len();
        if m < 4 {
            return None;
        }
        let [x, y] = sums.within.each_ref().map(Effects::within);
        let ([of_rows, of_columns], between) = Effects::between(&sums.between);
        let m = m as f64;
        let single = |own: &Effects, other: &[f64]| {
            let differences = own.of_images.iter().zip(other).map(|(own, other)| own - other);
            let spread = differences.map(|value| value * value).sum::<f64>() / (m - 1.0);
            // The means are over m images, and scatter with what is left of each pair.
            spread - own.rest / (m - 2.0) - between / m
        };
        Some(Self {
            single: [single(&x, &of_rows), single(&y, &of_columns)],
            within: [x.rest, y.rest],
            between,
        })
    }

    /// The mean of several estimates; none of none.
    pub(super) fn mean(estimates: &[Self]) -> Option<Self> {
        let mean = |part: fn(&Self) -> f64| {
            estimates.iter().map(part).sum::<f64>() / estimates.len() as f64
        };
        (!estimates.is_empty()).then(|| Self {
            single: [mean(|own| own.single[0]), mean(|own| own.single[1])],
            within: [mean(|own| own.within[0]), mean(|own| own.within[1])],
            between: mean(|own| own.between),
        })
    }

    /// Variance of the unbiased squared maximum mean discrepancy of n images of x and m of y. Where the part of single
    /// images is estimated below 0, as it may be for equal distributions, it counts as 0.
    pub(super) fn variance(&self, n: usize, m: usize) -> f64 {
        let (n, m) = (n as f64, m as f64);
        let of_images = 4.0 * self.single[0] / n + 4.0 * self.single[1] / m;
        let of_pairs = 2.0 * self.within[0] / (n * (n - 1.0))
            + 2.0 * self.within[1] / (m * (m - 1.0))
            + 4.0 * self.between / (n * m);
        of_images.max(0.0) + of_pairs.max(0.0)
    }
}

/// What kernels hold beyond their mean: an effect of each image, and the rest of each pair.
struct Effects {
    of_images: Vec<f64>,
    /// Variance of the rest.
    rest: f64,
}

impl Effects {
    /// Of pairs within a set: `k(i, j) = mean + effect i + effect j + rest`, by least squares without the diagonal.
    fn within(sums: &Within) -> Self {
        let m = sums.rows.len() as f64;
        let mean = sums.rows.iter().sum::<f64>() / (m * (m - 1.0));
        let of_images: Vec<f64> =
            sums.rows.iter().map(|row| (row - (m - 1.0) * mean) / (m - 2.0)).collect();
        let explained = (m - 2.0) * sum_of_squares(&of_images);
        let pairs = m * (m - 1.0) / 2.0;
        let rest = (sums.squares - pairs * mean * mean - explained) / (m * (m - 3.0) / 2.0);
        Self { of_images, rest }
    }

    /// Of pairs of two sets: the effects of rows and of columns, and the variance of the rest.
    fn between(sums: &Between) -> ([Vec<f64>; 2], f64) {
        let m = sums.rows.len() as f64;
        let mean = sums.rows.iter().sum::<f64>() / (m * m);
        let effects = [&sums.rows, &sums.columns]
            .map(|sums| sums.iter().map(|sum| sum / m - mean).collect::<Vec<f64>>());
        let explained = m * effects.iter().map(|effects| sum_of_squares(effects)).sum::<f64>();
        let rest = (sums.squares - m * m * mean * mean - explained) / (m - 1.0).powi(2);
        (effects, rest)
    }
}

fn sum_of_squares(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}
