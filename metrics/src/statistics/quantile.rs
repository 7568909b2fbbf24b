//! Quantiles of few values.

/// The quantile of at least one value, interpolated between the two values around it as `numpy.quantile` does.
///
/// # Panics
/// If there are no values, or the share is not in `[0, 1]`: the callers see to both.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut ascending = values.to_vec();
    ascending.sort_unstable_by(f64::total_cmp);
    let place = share * (ascending.len() - 1) as f64;
    let (below, above) = (ascending[place.floor() as usize], ascending[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([3, 1, 4, 1, 5], [0, 0.01, 0.3, 0.5, 1])
        let expected = [1.0, 1.0, 1.4, 3.0, 5.0];
        for (share, expected) in [0.0, 0.01, 0.3, 0.5, 1.0].into_iter().zip(expected) {
            let found = quantile(&[3.0, 1.0, 4.0, 1.0, 5.0], share);
            assert!((found - expected).abs() < 1e-12, "{share}: {found}");
        }
        assert_eq!(quantile(&[7.0], 0.01), 7.0);
    }
}
