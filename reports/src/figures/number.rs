//! Numbers as figures show them.

use crate::statistics::Sample;
use crate::table::Decimals;

/// Labels of equally spaced ticks, all with the same decimals and unit.
pub(super) fn tick_labels(values: &[f64], step: f64) -> Vec<String> {
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let (divisor, suffix) = match largest {
        l if l >= 1e9 || (l < 1e-3 && l > 0.0) => {
            return values.iter().map(|&value| number(value)).collect();
        }
        l if l >= 1e6 => (1e6, "M"),
        l if l >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let decimals = (-(step / divisor).log10().floor()).clamp(0.0, 12.0) as usize;
    values
        .iter()
        .map(|value| {
            // -0.0 is no tick of its own.
            let scaled = value / divisor + 0.0;
            let suffix = if scaled == 0.0 { "" } else { suffix };
            true_minus(&format!("{scaled:.decimals$}{suffix}"))
        })
        .collect()
}

/// A number as a label: plain where that is short, else with a power of ten.
pub(super) fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-3..1e6).contains(&magnitude) {
        let text = format!("{value:.1e}");
        return true_minus(&text.replace(".0e", "e"));
    }
    true_minus(&format!("{value}"))
}

/// A mean with its standard deviation, as tables show it; with a power of ten where that would be long.
pub(super) fn quoted(sample: Sample, decimals: usize) -> String {
    let Sample { mean, std, .. } = sample;
    if mean.abs() >= 1e6 {
        let std = std.map_or_else(String::new, |std| format!(" ± {std:.1e}"));
        return true_minus(&format!("{mean:.2e}{std}"));
    }
    let decimals = Decimals::Fixed(decimals);
    let std = std.map_or_else(String::new, |std| format!(" ± {}", decimals.shown(std)));
    true_minus(&format!("{}{std}", decimals.shown(mean)))
}

/// The text with true minus signs for hyphens.
pub(super) fn true_minus(text: &str) -> String {
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::{number, quoted};
    use crate::statistics::Sample;

    #[test]
    fn numbers_stay_short_and_have_the_digits_of_the_tables() {
        assert_eq!(number(0.5), "0.5");
        assert_eq!(number(2e-7), "2e−7");
        let shown = |mean, std| quoted(Sample { n: 3, mean, std }, 2);
        assert_eq!(shown(123.456, None), "123.46");
        assert_eq!(shown(0.012, None), "0.01");
        assert_eq!(shown(9.876, Some(0.123)), "9.88 ± 0.12");
        assert_eq!(shown(-0.001, None), "0.00");
        assert_eq!(shown(2.5e9, None), "2.50e9");
    }
}
