//! `figures/losses-<suite>-<dataset>.*`: the losses of several experiments over each other.

use std::collections::BTreeMap;

use super::Figure;
use super::curve::Curve;
use super::drawing::{Caption, Drawing, Pictures};
use super::overlay::{Panel, scene};
use super::palette::Styles;
use super::smoothing::{self, running_mean, window};
use crate::cohort::{Cohort, cohorts};
use crate::error::ReportError;
use crate::group::{Group, groups};
use crate::history::LossPoint;
use crate::results::Results;
use crate::statistics::Sample;

/// Losses of the experiments of a cohort, one figure a cohort of several.
pub(super) struct LossesTogether;

/// More lines than this tangle; the figures of single runs are left.
const MOST_LINES: usize = 12;
/// Steps of a line that are told apart.
const MOST_STEPS: usize = 300;

/// Columns of `losses.csv` in words.
const COLUMNS: &[(&str, &str)] = &[
    ("loss_d", "Discriminator's loss"),
    ("loss_g", "Generator's loss"),
    ("loss_d_real", "Discriminator's loss on real images"),
    ("loss_d_fake", "Discriminator's loss on generated images"),
    ("loss_d_class", "Discriminator's loss on classes"),
    ("loss_g_class", "Generator's loss on classes"),
    ("loss_g_adversarial", "Generator's adversarial loss"),
    ("penalty", "Gradient penalty"),
    ("gradient_norm", "Norm of the gradient"),
    ("score_real", "Score of real images"),
    ("score_fake", "Score of generated images"),
];

/// The columns of `losses.csv` that a figure of a source can show.
pub fn loss_columns() -> impl Iterator<Item = &'static str> + Clone {
    COLUMNS.iter().map(|(column, _)| *column)
}

impl Figure for LossesTogether {
    fn name(&self) -> &'static str {
        "losses-together"
    }

    fn doc(&self) -> &'static str {
        "losses of the experiments of a suite over each other, running mean; mean and 95 % interval where there are several \
         seeds"
    }

    fn draw(&self, results: &Results) -> Result<Vec<Drawing>, ReportError> {
        let styles = Styles::of(&groups(&results.runs));
        let cohorts = cohorts(&results.runs);
        Ok(cohorts.iter().filter_map(|cohort| drawing(cohort, &styles)).collect())
    }
}

fn drawing(cohort: &Cohort<'_>, styles: &Styles) -> Option<Drawing> {
    let trained = cohort.groups.iter().filter(|group| has_losses(group));
    let trained: Vec<&Group<'_>> = trained.collect();
    if !(2..=MOST_LINES).contains(&trained.len()) {
        return None;
    }
    let panels = ["loss_d", "loss_g"].map(|column| Panel {
        title: column_title(column),
        label: "Loss".to_owned(),
        curves: trained
            .iter()
            .map(|group| Curve {
                label: group.label.clone(),
                style: styles.style(&group.label),
                points: over_seeds(group, column),
            })
            .collect(),
    });
    let caption = Caption {
        title: format!("Losses on {}", cohort.setting()),
        provenance: format!("{}; {}", cohort.seeds(), smoothing::RULE),
        caveat: None,
        remarks: Vec::new(),
    };
    let stem = cohort.named(&["losses"]);
    Some(Drawing { stem, caption, scene: scene(&panels, false), pictures: Pictures::Scaling })
}

fn has_losses(group: &Group<'_>) -> bool {
    group.seeds.iter().any(|run| !run.losses.is_empty())
}

/// A column of `losses.csv` in words.
pub(super) fn column_title(column: &str) -> String {
    let known = COLUMNS.iter().find(|(known, _)| *known == column);
    known.map_or_else(|| column.replace('_', " "), |(_, title)| (*title).to_owned())
}

/// Whether a run of the group has this column.
pub(super) fn has_column(group: &Group<'_>, column: &str) -> bool {
    let mut points = group.seeds.iter().flat_map(|run| &run.losses);
    points.any(|point| value(point, column).is_some())
}

fn value(point: &LossPoint, column: &str) -> Option<f64> {
    match column {
        "loss_d" => point.discriminator,
        "loss_g" => point.generator,
        part => point.parts.get(part).copied(),
    }
}

/// The running mean of a column of a group's losses over the seeds that have it, at about [`MOST_STEPS`] steps.
pub(super) fn over_seeds(group: &Group<'_>, column: &str) -> Vec<(f64, Option<Sample>)> {
    let mut by_step: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for run in &group.seeds {
        let raw: Vec<(f64, Option<f64>)> =
            run.losses.iter().map(|point| (point.step as f64, value(point, column))).collect();
        for (point, (_, mean)) in run.losses.iter().zip(running_mean(&raw, window(raw.len()))) {
            by_step.entry(point.step).or_default().extend(mean);
        }
    }
    let stride = by_step.len().div_ceil(MOST_STEPS).max(1);
    let last = by_step.len().saturating_sub(1);
    let thinned = by_step
        .into_iter()
        .enumerate()
        .filter(|(index, _)| index.is_multiple_of(stride) || *index == last);
    thinned.map(|(_, (step, values))| (step as f64, Sample::of(&values).map(calm))).collect()
}

/// Without the deviation of two seeds, whose interval is mostly that of Student's t at one degree of freedom.
fn calm(sample: Sample) -> Sample {
    Sample { std: sample.std.filter(|_| sample.n > 2), ..sample }
}
