//! Panels beside and below each other, each with a title, over both columns of a paper.

use super::font::elide;
use super::palette::INK;
use super::plot::{Frame, MEDIUM};
use super::scene::{Align, Scene, Text};
use super::{MARGIN, PAGE_WIDTH};

/// Space between panels, in units.
const GAP: f64 = 12.0;
/// Height of a title.
const TITLE: f64 = 1.5 * MEDIUM;

/// Where panels lie.
pub(super) struct Panels {
    count: usize,
    columns: usize,
    width: f64,
    height: f64,
}

impl Panels {
    /// Panels of a height, in at most so many columns.
    pub(super) fn new(count: usize, most_columns: usize, height: f64) -> Self {
        let columns = count.clamp(1, most_columns);
        let room = PAGE_WIDTH - 2.0 * MARGIN + GAP;
        Self { count, columns, width: room / columns as f64 - GAP, height }
    }

    /// An empty page with room for all of them, and so much below.
    pub(super) fn scene(&self, below: f64) -> Scene {
        let rows = self.count.div_ceil(self.columns);
        let height = rows as f64 * (self.height + GAP) - GAP;
        Scene::new(PAGE_WIDTH, 2.0 * MARGIN + height + below)
    }

    /// Where a panel's plot lies.
    pub(super) fn frame(&self, index: usize) -> Frame {
        let left = MARGIN + (index % self.columns) as f64 * (self.width + GAP);
        let top = MARGIN + (index / self.columns) as f64 * (self.height + GAP);
        Frame { left, top: top + TITLE, right: left + self.width, bottom: top + self.height }
    }

    /// Writes a panel's title.
    pub(super) fn title(&self, scene: &mut Scene, index: usize, title: &str) {
        let frame = self.frame(index);
        scene.text(Text {
            at: ((frame.left + frame.right) / 2.0, frame.top - TITLE / 2.0),
            text: elide(title, MEDIUM, self.width),
            size: MEDIUM,
            ink: INK,
            align: Align::Centre,
            upwards: false,
        });
    }

    pub(super) fn is_leftmost(&self, index: usize) -> bool {
        index.is_multiple_of(self.columns)
    }

    /// Whether no panel lies below it.
    pub(super) fn is_lowest(&self, index: usize) -> bool {
        index + self.columns >= self.count
    }
}
