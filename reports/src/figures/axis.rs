//! An axis: its range, its scale, and ticks at round numbers.

use super::number::{number, tick_labels};

/// Spread of values, highest by lowest, from which a logarithmic axis shows more than a linear one.
const LOG_SPREAD: f64 = 10.0;

/// Share of the farther end of a range up to which its nearer end gives way to zero.
const NEAR_ZERO: f64 = 0.8;

/// How values map to positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    /// Decimal logarithm; every value drawn must be positive.
    Log,
}

/// A labelled place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    /// Empty for a minor tick.
    pub(super) label: String,
}

/// One axis of a plot.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) label: String,
    pub(super) scale: Scale,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<Tick>,
}

impl Axis {
    /// A linear axis that spans exactly `low..high`, with about `count` ticks.
    pub(super) fn exact(label: &str, low: f64, high: f64, count: usize) -> Self {
        let (low, high) = widened(low, high);
        let step = round_step((high - low) / count.max(1) as f64);
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            low,
            high,
            ticks: linear_ticks(low, high, step),
        }
    }

    /// A linear axis from tick to tick around `low..high`, with about `count` ticks.
    pub(super) fn rounded(label: &str, low: f64, high: f64, count: usize) -> Self {
        let (low, high) = widened(low, high);
        let step = round_step((high - low) / count.max(1) as f64);
        // The margin keeps a value that is a rounding error beyond a tick from adding a whole step.
        let (low, high) = ((low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step);
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            low,
            high,
            ticks: linear_ticks(low, high, step),
        }
    }

    /// A logarithmic axis around `low..high`, both positive, with ticks at 1, 2 and 5 of a decade, or at decades.
    pub(super) fn log(label: &str, low: f64, high: f64) -> Self {
        // Quotients and margins of extreme values may be beyond all numbers, and their logarithms are not.
        let margin = 10_f64.powf(0.04 * decades(low, high)).max(1.05);
        let low = (low / margin).max(f64::MIN_POSITIVE);
        let high = (high * margin).min(f64::MAX);
        Self { label: label.to_owned(), scale: Scale::Log, low, high, ticks: log_ticks(low, high) }
    }

    /// A linear axis from tick to tick, from zero where that leaves the values a fifth of it.
    pub(super) fn from_zero(label: &str, low: f64, high: f64, count: usize) -> Self {
        let low = if low > 0.0 && low < NEAR_ZERO * high { 0.0 } else { low };
        let high = if high < 0.0 && high > NEAR_ZERO * low { 0.0 } else { high };
        Self::rounded(label, low, high, count)
    }

    /// A logarithmic axis where the values are positive and spread by more than a factor of ten, else a linear one
    /// from zero, or from below it where there are negative values.
    pub(super) fn for_distances(
        label: &str,
        values: impl Iterator<Item = f64>,
        count: usize,
    ) -> Self {
        match extent(values) {
            Some((low, high)) if low > 0.0 && high / low > LOG_SPREAD => {
                Self::log(label, low, high)
            }
            Some((low, high)) => Self::rounded(label, low.min(0.0), high.max(0.0), count),
            None => Self::rounded(label, 0.0, 1.0, count),
        }
    }

    /// An axis of places 0, 1, 2, … with names.
    pub(super) fn categories(label: &str, names: &[String]) -> Self {
        let last = names.len().saturating_sub(1) as f64;
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            low: -0.35,
            high: last + 0.35,
            ticks: names
                .iter()
                .enumerate()
                .map(|(index, name)| Tick { value: index as f64, label: name.clone() })
                .collect(),
        }
    }

    /// Where a value lies, 0 at the low end and 1 at the high end; `None` for what the scale cannot show.
    pub(super) fn position(&self, value: f64) -> Option<f64> {
        let share = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log if value > 0.0 => decades(self.low, value) / decades(self.low, self.high),
            Scale::Log => return None,
        };
        share.is_finite().then_some(share)
    }
}

/// Powers of ten from `low` to `high`, both positive.
fn decades(low: f64, high: f64) -> f64 {
    high.log10() - low.log10()
}

/// The lowest and highest finite value.
pub(super) fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

/// A range that has a width, whatever it is given.
fn widened(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = if low <= high { (low, high) } else { (high, low) };
    let magnitude = low.abs().max(high.abs());
    if !(low.is_finite() && high.is_finite()) {
        (0.0, 1.0)
    } else if high - low > 1e-9 * magnitude {
        (low, high)
    } else if magnitude == 0.0 {
        (0.0, 1.0)
    } else {
        (low - 0.5 * magnitude, high + 0.5 * magnitude)
    }
}

/// The next 1, 2 or 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let digits = step / power;
    let rounded = if digits <= 1.0 + 1e-9 {
        1.0
    } else if digits <= 2.0 {
        2.0
    } else if digits <= 5.0 {
        5.0
    } else {
        10.0
    };
    rounded * power
}

fn linear_ticks(low: f64, high: f64, step: f64) -> Vec<Tick> {
    let first = (low / step - 1e-9).ceil();
    let last = (high / step + 1e-9).floor();
    let count = (last - first).max(0.0) as usize + 1;
    let values: Vec<f64> = (0..count).map(|index| (first + index as f64) * step).collect();
    let labels = tick_labels(&values, step);
    values.into_iter().zip(labels).map(|(value, label)| Tick { value, label }).collect()
}

fn log_ticks(low: f64, high: f64) -> Vec<Tick> {
    let decades = decades(low, high);
    let labelled: &[u32] = match decades {
        d if d < 2.5 => &[1, 2, 5],
        _ => &[1],
    };
    let stride = (decades / 8.0).ceil().max(1.0) as i32;
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let mut ticks = Vec::new();
    for exponent in first..=last {
        for digit in 1..=9_u32 {
            let value = f64::from(digit) * 10_f64.powi(exponent);
            if value < low || value > high {
                continue;
            }
            let shown = labelled.contains(&digit) && exponent.rem_euclid(stride) == 0;
            if shown || stride == 1 {
                ticks
                    .push(Tick { value, label: if shown { number(value) } else { String::new() } });
            }
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::Axis;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks
            .iter()
            .map(|tick| tick.label.as_str())
            .filter(|label| !label.is_empty())
            .collect()
    }

    #[test]
    fn rounded_axes_end_on_round_ticks() {
        let axis = Axis::rounded("FID", 0.0, 93.0, 5);
        assert_eq!(labels(&axis), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!((axis.low, axis.high), (0.0, 100.0));
    }

    #[test]
    fn an_axis_begins_at_zero_unless_that_flattens_the_values() {
        let low = |low, high| Axis::from_zero("Loss", low, high, 5).low;
        assert_eq!([low(2.0, 6.0), low(0.6, 0.7), low(-3.0, 4.0)], [0.0, 0.6, -4.0]);
        assert_eq!(Axis::from_zero("Loss", -6.0, -2.0, 5).high, 0.0);
    }

    #[test]
    fn exact_axes_keep_their_ends() {
        let axis = Axis::exact("Step", 0.0, 27_000.0, 5);
        assert_eq!((axis.low, axis.high), (0.0, 27_000.0));
        assert_eq!(labels(&axis), ["0", "10k", "20k"]);
    }

    #[test]
    fn negative_ticks_have_a_true_minus_and_zero_has_none() {
        let axis = Axis::rounded("Loss", -0.4, 0.4, 4);
        assert_eq!(labels(&axis), ["−0.4", "−0.2", "0.0", "0.2", "0.4"]);
    }

    #[test]
    fn constant_and_absent_values_still_give_a_range() {
        for axis in [
            Axis::rounded("y", 3.0, 3.0, 5),
            Axis::rounded("y", 0.0, 0.0, 5),
            Axis::rounded("y", f64::NAN, 1.0, 5),
            Axis::for_distances("y", std::iter::empty(), 5),
            Axis::for_distances("y", [f64::NAN, f64::INFINITY].into_iter(), 5),
        ] {
            assert!(axis.high > axis.low, "{axis:?}");
            assert!(labels(&axis).len() >= 2, "{axis:?}");
        }
    }

    #[test]
    fn wide_spreads_are_logarithmic_and_labelled() {
        let axis = Axis::for_distances("FID", [20.0, 450.0].into_iter(), 5);
        assert_eq!(labels(&axis), ["20", "50", "100", "200", "500"]);
        assert_eq!(axis.position(-1.0), None);
        let axis = Axis::for_distances("FID", [1e-3, 1e5].into_iter(), 5);
        assert!((3..=9).contains(&labels(&axis).len()), "{axis:?}");
    }

    #[test]
    fn extreme_values_have_a_finite_axis() {
        for low in [1e-300, 1e-3] {
            let axis = Axis::for_distances("FID", [low, 1e300].into_iter(), 5);
            assert!(axis.low > 0.0 && axis.high.is_finite(), "{axis:?}");
            assert!((3..=9).contains(&labels(&axis).len()), "{axis:?}");
            let [near, far] = [low, 1e300].map(|value| axis.position(value).unwrap());
            assert!(0.0 < near && near < far && far < 1.0, "{near} {far}");
        }
    }
}
