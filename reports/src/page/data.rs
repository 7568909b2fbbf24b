//! What the script draws curves from: scores and histories of every run as JSON inside the page.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::labels::LabelledRun;
use crate::history::{LossPoint, MetricPoint};
use crate::measure::{Direction, union_over_extractors};
use crate::record::MetricValues;
use crate::run::Run;

/// Steps and values of all loss curves of the page together; one takes about 8 bytes.
const MOST_VALUES: usize = 200_000;
/// Points of one run's curves, whatever the number of runs.
const POINTS_OF_A_RUN: std::ops::RangeInclusive<usize> = 100..=600;

#[derive(Serialize)]
struct Data<'a> {
    measures: Vec<ShownMeasure<'a>>,
    runs: Vec<ShownRun<'a>>,
}

#[derive(Serialize)]
struct ShownMeasure<'a> {
    key: &'a str,
    title: &'a str,
    unit: &'a str,
    decimals: usize,
    lower_is_better: bool,
}

/// A run; `place` is its number in the ids of the page.
#[derive(Serialize)]
struct ShownRun<'a> {
    label: &'a str,
    place: usize,
    images_a_step: Option<f64>,
    last: &'a MetricValues,
    untrained: &'a MetricValues,
    best: Option<&'a MetricValues>,
    best_step: Option<u64>,
    scores: Curves,
    losses: Curves,
}

/// Curves over one axis of steps; a gap is `null`.
#[derive(Serialize)]
struct Curves {
    /// How many steps a point is the mean of.
    steps_a_point: usize,
    steps: Vec<u64>,
    values: BTreeMap<String, Vec<Option<f64>>>,
}

/// The data of the page as JSON without `<`, so that nothing in it ends the element that holds it.
pub(super) fn json(runs: &[LabelledRun<'_>]) -> String {
    let values_of_a_point: usize = runs.iter().map(|run| values_of_a_point(&run.run.losses)).sum();
    let points = (MOST_VALUES / values_of_a_point.max(1))
        .clamp(*POINTS_OF_A_RUN.start(), *POINTS_OF_A_RUN.end());
    let measures = union_over_extractors(runs.iter().map(|run| run.run.record.measures.as_slice()));
    let data = Data {
        measures: measures
            .iter()
            .map(|measure| ShownMeasure {
                key: &measure.key,
                title: &measure.title,
                unit: &measure.unit,
                decimals: measure.decimals,
                lower_is_better: measure.direction == Direction::LowerIsBetter,
            })
            .collect(),
        runs: runs.iter().enumerate().map(|(place, run)| shown(place, run, points)).collect(),
    };
    // Maps of strings and finite numbers: there is nothing that JSON could not say.
    let json = serde_json::to_string(&data).unwrap_or_default();
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The step of a point, both losses, and their parts.
fn values_of_a_point(history: &[LossPoint]) -> usize {
    3 + history.iter().map(|point| point.parts.len()).max().unwrap_or_default()
}

fn shown<'a>(place: usize, labelled: &'a LabelledRun<'_>, points: usize) -> ShownRun<'a> {
    let Run { record, losses, metrics, .. } = labelled.run;
    let images_a_step = record.images_seen as f64 / record.steps as f64;
    ShownRun {
        label: &labelled.label,
        place,
        images_a_step: (record.steps > 0).then_some(images_a_step),
        last: &record.metrics,
        untrained: &record.untrained,
        best: record.best.as_ref().map(|best| &best.metrics),
        best_step: record.best.as_ref().map(|best| best.step),
        scores: scores(metrics),
        losses: self::losses(losses, points),
    }
}

fn scores(history: &[MetricPoint]) -> Curves {
    let keys: BTreeSet<&String> = history.iter().flat_map(|point| point.values.keys()).collect();
    let curve = |key: &String| {
        let values = history.iter().map(|point| Some(rounded(*point.values.get(key)?)));
        (key.clone(), values.collect())
    };
    Curves {
        steps_a_point: 1,
        steps: history.iter().map(|point| point.step).collect(),
        values: keys.into_iter().map(curve).collect(),
    }
}

/// Losses and their parts, each point the mean of so many steps that there are at most `points`.
fn losses(history: &[LossPoint], points: usize) -> Curves {
    let bin = history.len().div_ceil(points).max(1);
    let mut keys: Vec<String> =
        history.iter().flat_map(|point| point.parts.keys().cloned()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.splice(0..0, [DISCRIMINATOR, GENERATOR].map(str::to_owned));
    let curve = |key: String| {
        let values = history.chunks(bin).map(|chunk| mean(chunk, &key)).collect::<Vec<_>>();
        (key, values)
    };
    let mut values: BTreeMap<_, _> = keys.into_iter().map(curve).collect();
    values.retain(|_, curve| curve.iter().any(Option::is_some));
    let steps = history.chunks(bin).map(|chunk| chunk[chunk.len() / 2].step).collect();
    Curves { steps_a_point: bin, steps, values }
}

/// The columns of `losses.csv` that every run has.
const DISCRIMINATOR: &str = "loss_d";
const GENERATOR: &str = "loss_g";

/// The mean of the steps that have a value; `None` where none has.
fn mean(chunk: &[LossPoint], key: &str) -> Option<f64> {
    let values = chunk.iter().filter_map(|point| match key {
        DISCRIMINATOR => point.discriminator,
        GENERATOR => point.generator,
        part => point.parts.get(part).copied(),
    });
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| rounded(sum / f64::from(count)))
}

/// To five significant digits, which is more than a chart shows.
fn rounded(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{losses, rounded};
    use crate::history::LossPoint;

    fn point(step: u64, discriminator: Option<f64>) -> LossPoint {
        LossPoint { step, discriminator, generator: None, parts: Default::default() }
    }

    #[test]
    fn points_are_means_of_the_steps_that_have_a_value_and_gaps_stay_gaps() {
        let history: Vec<LossPoint> =
            [Some(1.0), Some(2.0), None, Some(5.0), None, None, Some(7.0)]
                .into_iter()
                .zip(1..)
                .map(|(value, step)| point(step, value))
                .collect();
        let curves = losses(&history, 4);
        assert_eq!((curves.steps_a_point, curves.steps), (2, vec![2, 4, 6, 7]));
        assert_eq!(curves.values["loss_d"], [Some(1.5), Some(5.0), None, Some(7.0)]);
        assert!(!curves.values.contains_key("loss_g"), "a curve without a value is none");
        assert!(losses(&[], 4).steps.is_empty());
    }

    #[test]
    fn five_digits_are_kept_at_any_size() {
        assert_eq!([rounded(123_456.7), rounded(-1.234_567e-9)], [123_460.0, -1.2346e-9]);
        assert_eq!(rounded(0.0), 0.0);
    }
}
