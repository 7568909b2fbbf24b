//! A legend below a plot, in as many columns as its names allow.

use super::font::{elide, text_width};
use super::palette::{INK, SeriesStyle};
use super::plot::SMALL;
use super::scene::{Align, Scene, Stroke, Text};

/// Length of the sample of a line.
const SWATCH: f64 = 32.0;
/// Space between a sample and its name.
const GAP: f64 = 6.0;
/// Space between columns.
const COLUMN_GAP: f64 = 18.0;
const ROW: f64 = 1.45 * SMALL;
/// More entries than this are never laid out in a single column.
const MOST_ROWS: usize = 4;

/// What stands before a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Swatch {
    /// The marker of a series on its line, of this width in units.
    Line(SeriesStyle, f64),
    /// A marker.
    Point(SeriesStyle),
    /// A marker in outline.
    Outline(SeriesStyle),
    /// A line alone.
    Stroke(Stroke),
}

/// The entries of a legend, laid out for a width.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Legend {
    entries: Vec<(Swatch, String)>,
    columns: usize,
    column_width: f64,
}

impl Legend {
    /// Lays the entries out in columns no wider than `width` together.
    pub(super) fn new(entries: Vec<(Swatch, String)>, width: f64) -> Self {
        // Many names go in two columns at least, shortened if need be.
        let room = if entries.len() > MOST_ROWS { (width - COLUMN_GAP) / 2.0 } else { width };
        let name_width = room - SWATCH - GAP;
        let entries: Vec<(Swatch, String)> = entries
            .into_iter()
            .map(|(swatch, name)| (swatch, elide(&name, SMALL, name_width)))
            .collect();
        let widest = entries.iter().map(|(_, name)| text_width(name, SMALL)).fold(0.0, f64::max);
        let column_width = SWATCH + GAP + widest + COLUMN_GAP;
        let columns =
            (((width + COLUMN_GAP) / column_width) as usize).clamp(1, entries.len().max(1));
        Self { entries, columns, column_width }
    }

    /// Height in units, with the space above; 0 without entries.
    pub(super) fn height(&self) -> f64 {
        match self.rows() {
            0 => 0.0,
            rows => rows as f64 * ROW + GAP,
        }
    }

    /// Draws the legend from `top` down, from `left` or as far left of it as keeps it within `right`; names run down
    /// the columns.
    pub(super) fn draw(&self, scene: &mut Scene, left: f64, right: f64, top: f64) {
        let left = left.min(right - self.columns as f64 * self.column_width + COLUMN_GAP);
        let rows = self.rows();
        for (index, (swatch, name)) in self.entries.iter().enumerate() {
            let x = left + (index / rows) as f64 * self.column_width;
            let y = top + GAP + ((index % rows) as f64 + 0.5) * ROW;
            swatch.draw(scene, x, y);
            scene.text(Text {
                at: (x + SWATCH + GAP, y),
                text: name.clone(),
                size: SMALL,
                ink: INK,
                align: Align::Left,
                upwards: false,
            });
        }
    }

    fn rows(&self) -> usize {
        self.entries.len().div_ceil(self.columns)
    }
}

impl Swatch {
    /// Draws it from `x` to the right, around the height `y`.
    fn draw(self, scene: &mut Scene, x: f64, y: f64) {
        let line = vec![(x, y), (x + SWATCH, y)];
        let centre = (x + SWATCH / 2.0, y);
        match self {
            Self::Line(SeriesStyle { colour, marker, dash }, width) => {
                scene.line(line, Stroke { ink: colour, width, dash });
                scene.marker(marker, centre, 4.0, colour);
            }
            Self::Point(SeriesStyle { colour, marker, .. }) => {
                scene.marker(marker, centre, 5.0, colour);
            }
            Self::Outline(SeriesStyle { colour, marker, .. }) => {
                scene.hollow_marker(marker, centre, 5.0, colour);
            }
            Self::Stroke(stroke) => scene.line(line, stroke),
        }
    }
}
