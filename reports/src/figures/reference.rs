//! Real images in a figure of generators: a dashed line, which no axis is stretched for.

use super::axis::{Axis, Scale, extent};
use super::legend::Swatch;
use super::number::true_minus;
use super::palette::MUTED;
use super::plot::Plot;
use super::scene::{Dash, Scene, Stroke};
use crate::cohort::Cohort;
use crate::group::Group;
use crate::measure::Measure;
use crate::table::Decimals;

/// The line of one measurement of real images.
pub(super) struct Reference {
    label: String,
    value: f64,
    decimals: usize,
}

const STROKE: Stroke = Stroke { ink: MUTED, width: 1.6, dash: Dash::Short };

/// What stands in a legend.
pub(super) const SWATCH: Swatch = Swatch::Stroke(STROKE);

/// Beyond this many times the range of the generators' values, a linear axis does not follow.
const FARTHEST: f64 = 2.0;

/// Beyond this factor of the generators' values, a logarithmic axis does not follow.
const FARTHEST_FACTOR: f64 = 20.0;

/// The real images that were scored as the cohort was.
pub(super) fn references(cohort: &Cohort<'_>, measure: &Measure) -> Vec<Reference> {
    let key = &measure.key;
    let reference = |group: &Group<'_>| {
        let label = match cohort.real.len() {
            1 => "real images".to_owned(),
            _ => format!("real images ({})", group.label),
        };
        let value = group.sample(|record| record.metric(key))?.mean;
        Some(Reference { label, value, decimals: measure.decimals })
    };
    cohort.real.iter().filter_map(reference).collect()
}

impl Reference {
    /// The entry of a legend; with the value, as the line may lie outside.
    pub(super) fn name(&self) -> String {
        let Self { label, value, decimals } = self;
        format!("{label}: {}", true_minus(&Decimals::Fixed(*decimals).shown(*value)))
    }

    /// A line across, for values upwards.
    pub(super) fn draw_across(&self, scene: &mut Scene, plot: &Plot) {
        let area = plot.area;
        if let Some(y) = plot.y_point(self.value).filter(|y| (area.top..=area.bottom).contains(y)) {
            scene.line(vec![(area.left, y), (area.right, y)], STROKE);
        }
    }

    /// An upright line, for values to the right.
    pub(super) fn draw_upright(&self, scene: &mut Scene, plot: &Plot) {
        let area = plot.area;
        if let Some(x) = plot.x_point(self.value).filter(|x| (area.left..=area.right).contains(x)) {
            scene.line(vec![(x, area.top), (x, area.bottom)], STROKE);
        }
    }
}

/// The axis of the generators' values, [`Axis::for_distances`], which shows the references as far as they lie near.
pub(super) fn axis(label: &str, values: Vec<f64>, references: &[Reference], count: usize) -> Axis {
    let own = Axis::for_distances(label, values.iter().copied(), count);
    let Some((low, high)) = extent(values.into_iter()) else {
        return own;
    };
    let references = || references.iter().map(|reference| reference.value);
    match own.scale {
        Scale::Linear => {
            let (low, high) = (low.min(0.0), high.max(0.0));
            let span = high - low;
            let near =
                |value: &f64| (low - FARTHEST * span..=high + FARTHEST * span).contains(value);
            let near = references().filter(near).chain([low, high]);
            let (low, high) = extent(near).unwrap_or((low, high));
            Axis::rounded(label, low, high, count)
        }
        Scale::Log => {
            let near =
                |value: &f64| (low / FARTHEST_FACTOR..=high * FARTHEST_FACTOR).contains(value);
            let near = references().filter(near).chain([low, high]);
            let (low, high) = extent(near).unwrap_or((low, high));
            Axis::log(&format!("{label} (log scale)"), low, high)
        }
    }
}
