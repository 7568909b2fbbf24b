//! Colours, markers and dashes that stay apart for every kind of colour vision, and in grey.
//!
//! The colours are those of Okabe and Ito, "Color Universal Design" (2008), without black, which is the ink, and
//! with the yellow darkened, which is too pale for lines on white.

use super::scene::{Dash, Ink, Marker};
use crate::group::Group;

/// Axes, titles and values.
pub(super) const INK: Ink = Ink::opaque(0x22, 0x22, 0x22);
/// Subtitles and remarks.
pub(super) const MUTED: Ink = Ink::opaque(0x5c, 0x5c, 0x5c);
/// Grid lines.
pub(super) const GRID: Ink = Ink::opaque(0xe3, 0xe3, 0xe3);
/// What must not be overlooked: Okabe and Ito's vermillion, darkened for small type.
pub(super) const CAUTION: Ink = Ink::opaque(0xa8, 0x3f, 0x00);

const COLOURS: [Ink; 7] = [
    Ink::opaque(0x00, 0x72, 0xb2), // blue
    Ink::opaque(0xd5, 0x5e, 0x00), // vermillion
    Ink::opaque(0x00, 0x9e, 0x73), // bluish green
    Ink::opaque(0xcc, 0x79, 0xa7), // reddish purple
    Ink::opaque(0xe6, 0x9f, 0x00), // orange
    Ink::opaque(0x56, 0xb4, 0xe9), // sky blue
    Ink::opaque(0xb3, 0xa6, 0x00), // yellow, darkened
];

const MARKERS: [Marker; 6] = [
    Marker::Circle,
    Marker::Square,
    Marker::TriangleUp,
    Marker::Diamond,
    Marker::TriangleDown,
    Marker::Cross,
];

const DASHES: [Dash; 4] = [Dash::Solid, Dash::Long, Dash::Short, Dash::Mixed];

/// How one series is told from the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SeriesStyle {
    pub(super) colour: Ink,
    pub(super) marker: Marker,
    pub(super) dash: Dash,
}

/// The style of the series with this index; the first 84 differ from each other, neighbours in all three ways.
pub(super) fn series_style(index: usize) -> SeriesStyle {
    SeriesStyle {
        colour: COLOURS[index % COLOURS.len()],
        marker: MARKERS[index % MARKERS.len()],
        dash: DASHES[index % DASHES.len()],
    }
}

/// One style for each name of a run, the same in every figure of a report.
pub(super) struct Styles {
    labels: Vec<String>,
}

impl Styles {
    /// Styles in the order in which the names first occur.
    pub(super) fn of(groups: &[Group<'_>]) -> Self {
        let mut labels: Vec<String> = Vec::new();
        for group in groups.iter().filter(|group| !group.is_real()) {
            if !labels.contains(&group.label) {
                labels.push(group.label.clone());
            }
        }
        Self { labels }
    }

    /// The style of a name.
    pub(super) fn style(&self, label: &str) -> SeriesStyle {
        let index = self.labels.iter().position(|known| known == label);
        series_style(index.unwrap_or(self.labels.len()))
    }
}
