//! Statistics over the training seeds of one experiment, and between two experiments.
//!
//! Student's distribution is [`statrs`]'; the tests compare with values of SciPy's (`tests/golden/make_statistics.py`).

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Two-sided level of every interval and test.
pub(crate) const LEVEL: f64 = 0.05;

/// Quantiles of the standard normal distribution: of 1 - [`LEVEL`] / 2, and of a power of 80 %.
const Z_LEVEL: f64 = 1.959_963_984_540_054;
const Z_POWER: f64 = 0.841_621_233_572_914_3;

/// Values of one quantity, one a seed, by what is needed of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// How many there are, at least 1.
    pub(crate) n: usize,
    pub(crate) mean: f64,
    /// Standard deviation with divisor n - 1; `None` for a single value.
    pub(crate) std: Option<f64>,
}

impl Sample {
    /// `None` for no values.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let (&first, n) = (values.first()?, values.len());
        // Around the first value: equal values have exactly their mean and no deviation.
        let mean = first + values.iter().map(|value| value - first).sum::<f64>() / n as f64;
        let std = |unit: f64| {
            let squares: f64 = values.iter().map(|value| ((value - mean) / unit).powi(2)).sum();
            unit * (squares / (n as f64 - 1.0)).sqrt()
        };
        // Squares of extreme values may be beyond all numbers where their deviation is not.
        let std = (n > 1).then(|| if std(1.0).is_finite() { std(1.0) } else { std(mean.abs()) });
        Some(Self { n, mean, std })
    }

    /// Student's 95 % interval of the mean; `None` for a single value.
    pub(crate) fn interval(&self) -> Option<(f64, f64)> {
        let error = self.std? / (self.n as f64).sqrt();
        let half = t_quantile(self.n as f64 - 1.0)? * error;
        Some((self.mean - half, self.mean + half))
    }

    /// Squared standard error of the mean, and what it contributes to Welch's degrees of freedom; `None` also where these
    /// are beyond all numbers.
    fn error(&self) -> Option<(f64, f64)> {
        let squared = self.std?.powi(2) / self.n as f64;
        let weight = squared.powi(2) / (self.n as f64 - 1.0);
        weight.is_finite().then_some((squared, weight))
    }
}

/// What Welch's test says of two means (Welch 1947, "The generalization of Student's problem when several different
/// population variances are involved", with Satterthwaite's degrees of freedom).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Welch {
    /// Mean of the first less mean of the second.
    pub(crate) difference: f64,
    /// Its 95 % interval.
    pub(crate) interval: (f64, f64),
    /// Two-sided p-value of no difference.
    pub(crate) p: f64,
}

/// Compares two means; `None` where one of them is of a single value.
pub(crate) fn welch(a: &Sample, b: &Sample) -> Option<Welch> {
    let difference = a.mean - b.mean;
    let ((error_a, weight_a), (error_b, weight_b)) = (a.error()?, b.error()?);
    let error = (error_a + error_b).sqrt();
    if error == 0.0 {
        // No deviation on either side: equal means are equal, others differ for certain.
        let p = if difference == 0.0 { 1.0 } else { 0.0 };
        return Some(Welch { difference, interval: (difference, difference), p });
    }
    let freedom = (error_a + error_b).powi(2) / (weight_a + weight_b);
    let half = t_quantile(freedom)? * error;
    let p = 2.0 * student(freedom)?.sf((difference / error).abs());
    Some(Welch { difference, interval: (difference - half, difference + half), p })
}

/// Holm's step-down adjustment of the p-values of one family (Holm 1979, "A simple sequentially rejective multiple test
/// procedure"), in the order given.
pub(crate) fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut highest = 0.0_f64;
    for (rank, &index) in order.iter().enumerate() {
        highest = highest.max((p.len() - rank) as f64 * p[index]).min(1.0);
        adjusted[index] = highest;
    }
    adjusted
}

/// Seeds a side that tell two means apart at 5 %, two-sided, with a power of 80 %, were difference and deviations those
/// seen: 2 (z₀.₉₇₅ + z₀.₈)² s² / d² + z₀.₉₇₅² / 4, rounded up, with s² the mean of the two variances (Guenther 1981,
/// "Sample size formulas for normal theory t tests"). `None` for a single seed or no difference.
pub(crate) fn seeds_needed(a: &Sample, b: &Sample) -> Option<u64> {
    let variance = (a.std?.powi(2) + b.std?.powi(2)) / 2.0;
    let effect = (a.mean - b.mean).powi(2) / variance;
    let seeds = 2.0 * (Z_LEVEL + Z_POWER).powi(2) / effect + Z_LEVEL.powi(2) / 4.0;
    // Fewer than two have no deviation.
    (effect > 0.0 && seeds.is_finite()).then(|| seeds.ceil().max(2.0) as u64)
}

/// The quantile of 1 - [`LEVEL`] / 2 of Student's distribution.
fn t_quantile(freedom: f64) -> Option<f64> {
    Some(student(freedom)?.inverse_cdf(1.0 - LEVEL / 2.0))
}

fn student(freedom: f64) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, freedom).ok()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Sample, holm, seeds_needed, welch};

    /// Values of SciPy and NumPy, by `tests/golden/make_statistics.py`.
    const GOLDEN: &str = include_str!("../tests/golden/statistics.json");

    #[derive(Deserialize)]
    struct Golden {
        pairs: Vec<Pair>,
        holm: Vec<Family>,
        seeds: Vec<Power>,
    }

    #[derive(Deserialize)]
    struct Pair {
        a: Vec<f64>,
        b: Vec<f64>,
        mean: f64,
        std: f64,
        interval: [f64; 2],
        difference: f64,
        difference_interval: [f64; 2],
        p: f64,
    }

    #[derive(Deserialize)]
    struct Family {
        p: Vec<f64>,
        adjusted: Vec<f64>,
    }

    #[derive(Deserialize)]
    struct Power {
        difference: f64,
        stds: [f64; 2],
        n: u64,
    }

    fn golden() -> Golden {
        serde_json::from_str(GOLDEN).expect("golden values")
    }

    fn close(found: f64, expected: f64) {
        let error = (found - expected).abs();
        assert!(error <= 1e-9 * expected.abs().max(1e-3), "{found} instead of {expected}");
    }

    #[test]
    fn samples_and_welch_agree_with_scipy() {
        for pair in golden().pairs {
            let (a, b) = (Sample::of(&pair.a).expect("a"), Sample::of(&pair.b).expect("b"));
            close(a.mean, pair.mean);
            close(a.std.expect("std"), pair.std);
            let (low, high) = a.interval().expect("an interval");
            close(low, pair.interval[0]);
            close(high, pair.interval[1]);
            let welch = welch(&a, &b).expect("a test");
            close(welch.difference, pair.difference);
            close(welch.interval.0, pair.difference_interval[0]);
            close(welch.interval.1, pair.difference_interval[1]);
            assert!((welch.p / pair.p - 1.0).abs() < 1e-6, "{} instead of {}", welch.p, pair.p);
        }
    }

    #[test]
    fn holm_agrees_with_its_definition() {
        for family in golden().holm {
            for (found, expected) in holm(&family.p).into_iter().zip(family.adjusted) {
                close(found, expected);
            }
        }
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn seeds_needed_are_within_one_of_the_exact_power() {
        let sample = |mean: f64, std: f64| Sample { n: 3, mean, std: Some(std) };
        for Power { difference, stds, n } in golden().seeds {
            let found = seeds_needed(&sample(difference, stds[0]), &sample(0.0, stds[1]));
            assert!(found.expect("a number").abs_diff(n) <= 1, "{found:?} instead of {n}");
        }
    }

    #[test]
    fn one_value_has_no_deviation_and_is_not_compared() {
        let one = Sample::of(&[3.5]).expect("a sample");
        let two = Sample::of(&[3.0, 4.0]).expect("a sample");
        assert_eq!(one, Sample { n: 1, mean: 3.5, std: None });
        assert_eq!(one.interval(), None);
        assert_eq!(welch(&one, &two), None);
        assert_eq!(seeds_needed(&two, &one), None);
        assert_eq!(Sample::of(&[]), None);
    }

    #[test]
    fn equal_values_do_not_deviate() {
        let same = Sample::of(&[0.1, 0.1, 0.1]).expect("a sample");
        assert_eq!((same.mean, same.std), (0.1, Some(0.0)));
        let extreme = Sample::of(&[1e300, 1.0, 0.0]).expect("values");
        let (low, high) = extreme.interval().expect("an interval");
        assert!(low.is_finite() && high.is_finite(), "{extreme:?}");
        assert_eq!(welch(&extreme, &same), None);
        assert_eq!(welch(&same, &same).map(|welch| welch.p), Some(1.0));
        let other = Sample::of(&[0.2, 0.2]).expect("a sample");
        assert_eq!(welch(&same, &other).map(|welch| welch.p), Some(0.0));
        assert_eq!(seeds_needed(&same, &same), None);
        assert_eq!(seeds_needed(&same, &other), Some(2));
    }
}
