//! What clipped coverage comes to for images of the reference's own distribution.

/// Numbers of images and of neighbours.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExpectedCoverage {
    pub(super) k: usize,
    pub(super) reference: usize,
    pub(super) generated: usize,
}

impl ExpectedCoverage {
    /// The share of good images at which `coverage` is expected: of the numbers 0 to n of good images among n, how many
    /// have a smaller expected coverage.
    pub(super) fn share_of_good(&self, coverage: f64) -> f64 {
        let logarithms = LogFactorials::up_to(self.reference + self.generated);
        // Expected coverage grows with the number of good images.
        let (mut below, mut end) = (0, self.generated + 1);
        while below < end {
            let middle = below + (end - below) / 2;
            if self.at(middle, &logarithms) < coverage { below = middle + 1 } else { end = middle }
        }
        below as f64 / (self.generated + 1) as f64
    }

    /// Expected coverage by `good` images: the mean of min(J, k) / k, where J, the number of them in the ball of a
    /// reference image up to its k-th nearest of the other N - 1, is beta-binomial: its share of the distribution
    /// is Beta(k, N - k). 0 for fewer than k images, as the authors' program has it.
    fn at(&self, good: usize, logarithms: &LogFactorials) -> f64 {
        let &Self { k, reference, .. } = self;
        if good < k {
            return 0.0;
        }
        let beta = |a: usize, b: usize| {
            logarithms.of(a - 1) + logarithms.of(b - 1) - logarithms.of(a + b - 1)
        };
        let probability = |j: usize| {
            let choices = logarithms.of(good) - logarithms.of(j) - logarithms.of(good - j);
            (choices + beta(k + j, reference - k + good - j) - beta(k, reference - k)).exp()
        };
        let missing: f64 = (0..k).map(|j| (k - j) as f64 * probability(j)).sum();
        1.0 - missing / k as f64
    }
}

/// Logarithms of factorials.
struct LogFactorials(Vec<f64>);

impl LogFactorials {
    fn up_to(n: usize) -> Self {
        let sums = (1..=n).scan(0.0, |sum, i| {
            *sum += (i as f64).ln();
            Some(*sum)
        });
        Self(std::iter::once(0.0).chain(sums).collect())
    }

    fn of(&self, n: usize) -> f64 {
        self.0[n]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_by_hand() {
        // One reference neighbour and one good image: it is the nearer of two with probability 1/2.
        let expected = ExpectedCoverage { k: 1, reference: 2, generated: 3 };
        let logarithms = LogFactorials::up_to(5);
        for (good, value) in [(0, 0.0), (1, 0.5), (2, 2.0 / 3.0), (3, 0.75)] {
            assert!((expected.at(good, &logarithms) - value).abs() < 1e-14, "{good}");
        }
        assert_eq!(expected.share_of_good(0.0), 0.0);
        assert_eq!(expected.share_of_good(0.6), 0.5);
        assert_eq!(expected.share_of_good(1.0), 1.0);
    }

    #[test]
    fn expectations_grow_with_good_images() {
        let expected = ExpectedCoverage { k: 5, reference: 300, generated: 200 };
        let logarithms = LogFactorials::up_to(500);
        let values: Vec<f64> = (0..=200).map(|good| expected.at(good, &logarithms)).collect();
        assert!(values[5..].windows(2).all(|pair| pair[0] < pair[1]));
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
    }
}
