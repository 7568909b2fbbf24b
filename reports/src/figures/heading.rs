//! The lines above a figure: what it shows, and where its numbers come from; and remarks below it.

use super::font::wrap;
use super::palette::{CAUTION, INK, MUTED};
use super::plot::{LARGE, SMALL};
use super::scene::{Align, Ink, Scene, Text};

/// Distance between baselines, in ems.
const LEADING: f64 = 1.3;
/// Space below the last line, in units.
const GAP: f64 = 8.0;

/// Title, provenance and caveat, broken into lines for a width.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heading {
    lines: Vec<(String, f64, Ink)>,
}

impl Heading {
    /// Lines no wider than `width` units.
    pub(super) fn new(title: &str, provenance: &str, caveat: Option<&str>, width: f64) -> Self {
        let mut lines = Vec::new();
        lines.extend(wrap(title, LARGE, width).into_iter().map(|line| (line, LARGE, INK)));
        lines.extend(wrap(provenance, SMALL, width).into_iter().map(|line| (line, SMALL, MUTED)));
        if let Some(caveat) = caveat {
            lines.extend(wrap(caveat, SMALL, width).into_iter().map(|line| (line, SMALL, CAUTION)));
        }
        Self { lines }
    }

    /// Remarks, each from a line of its own, no wider than `width` units.
    pub(super) fn remarks(remarks: impl Iterator<Item = String>, width: f64) -> Self {
        let lines = remarks.flat_map(|remark| wrap(&remark, SMALL, width));
        Self { lines: lines.map(|line| (line, SMALL, MUTED)).collect() }
    }

    /// Height in units, with the space below; 0 without lines.
    pub(super) fn height(&self) -> f64 {
        if self.lines.is_empty() {
            return 0.0;
        }
        self.lines.iter().map(|(_, size, _)| size * LEADING).sum::<f64>() + GAP
    }

    /// Draws the lines from `(left, top)` down.
    pub(super) fn draw(&self, scene: &mut Scene, left: f64, top: f64) {
        let mut y = top;
        for (line, size, ink) in &self.lines {
            scene.text(Text {
                at: (left, y + size * LEADING / 2.0),
                text: line.clone(),
                size: *size,
                ink: *ink,
                align: Align::Left,
                upwards: false,
            });
            y += size * LEADING;
        }
    }
}
