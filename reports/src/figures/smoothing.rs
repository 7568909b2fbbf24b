//! The running mean of a history: one rule for every run.

/// The running mean covers this share of a run.
const SHARE: f64 = 0.02;
/// Runs of fewer steps are not smoothed.
const FEWEST: usize = 50;

/// What a caption says of the rule.
pub(super) const RULE: &str = "lines are running means over 2 % of a run's steps";

/// Steps in the running mean, odd; 1 for runs too short to smooth.
pub(super) fn window(steps: usize) -> usize {
    match steps {
        0..FEWEST => 1,
        _ => (steps as f64 * SHARE) as usize | 1,
    }
}

/// The mean of the finite values in a centred window; missing where the value itself is missing.
pub(super) fn running_mean(
    values: &[(f64, Option<f64>)],
    window: usize,
) -> Vec<(f64, Option<f64>)> {
    let reach = window / 2;
    // Prefix sums of values and of their number.
    let mut sums = vec![(0.0, 0_usize)];
    for (_, value) in values {
        let (sum, count) = sums[sums.len() - 1];
        sums.push((sum + value.unwrap_or(0.0), count + usize::from(value.is_some())));
    }
    values
        .iter()
        .enumerate()
        .map(|(index, &(x, value))| {
            let (from, to) =
                (sums[index.saturating_sub(reach)], sums[(index + reach + 1).min(values.len())]);
            let count = to.1 - from.1;
            (x, value.filter(|_| count > 0).map(|_| (to.0 - from.0) / count as f64))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::running_mean;

    #[test]
    fn running_mean_skips_gaps_and_keeps_them() {
        let values = [(1.0, Some(1.0)), (2.0, None), (3.0, Some(5.0)), (4.0, Some(6.0))];
        let means: Vec<Option<f64>> =
            running_mean(&values, 3).into_iter().map(|(_, y)| y).collect();
        assert_eq!(means, [Some(1.0), None, Some(5.5), Some(5.5)]);
    }
}
