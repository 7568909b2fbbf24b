//! A line over steps, of one run or of the mean of its seeds with the interval around it.

use super::palette::SeriesStyle;
use super::plot::Plot;
use super::scene::{Scene, Stroke};
use crate::statistics::Sample;

/// Width of a line, in units.
pub(super) const LINE: f64 = 2.0;
/// Markers along a line.
const MARKERS: usize = 12;

/// A quantity by step, over the seeds that have it; `None` is a gap.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub(super) label: String,
    pub(super) style: SeriesStyle,
    pub(super) points: Vec<(f64, Option<Sample>)>,
}

impl Curve {
    /// The steps that have a value, with it.
    pub(super) fn values(&self) -> impl Iterator<Item = (f64, Sample)> {
        self.points.iter().filter_map(|&(step, sample)| Some((step, sample?)))
    }

    /// Draws the interval of each stretch of steps that has one.
    pub(super) fn draw_band(&self, scene: &mut Scene, plot: &Plot) {
        let fill = self.style.colour.with_alpha(0.2);
        let mut band = Vec::new();
        for (step, sample) in &self.points {
            match sample.and_then(|sample| sample.interval()) {
                Some((low, high)) => band.push((*step, low, high)),
                None => plot.band(scene, &std::mem::take(&mut band), fill),
            }
        }
        plot.band(scene, &band, fill);
    }

    /// Draws the line, broken at gaps.
    pub(super) fn draw_line(&self, scene: &mut Scene, plot: &Plot) {
        let SeriesStyle { colour, dash, .. } = self.style;
        plot.line(scene, &self.means(), Stroke { ink: colour, width: LINE, dash });
    }

    /// Draws a marker a value while there are few, else about a dozen along the line, and one at every value between two
    /// gaps, which has no line.
    pub(super) fn draw_markers(&self, scene: &mut Scene, plot: &Plot) {
        let stride = self.points.len().div_ceil(MARKERS).max(1);
        let last = self.points.len().saturating_sub(1);
        for (index, &(step, sample)) in self.points.iter().enumerate() {
            let missing = |index: Option<usize>| {
                index.and_then(|index| self.points.get(index)).is_none_or(|(_, s)| s.is_none())
            };
            let alone = missing(index.checked_sub(1)) && missing(Some(index + 1));
            if (alone || index.is_multiple_of(stride) || index == last)
                && let Some(at) = sample.and_then(|sample| plot.point(step, sample.mean))
                && plot.shows(at)
            {
                scene.marker(self.style.marker, at, 4.0, self.style.colour);
            }
        }
    }

    fn means(&self) -> Vec<(f64, Option<f64>)> {
        self.points.iter().map(|&(step, sample)| (step, sample.map(|s| s.mean))).collect()
    }
}
