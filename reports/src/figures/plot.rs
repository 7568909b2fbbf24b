//! A plot: two axes around an area that data are drawn in.

use super::axis::Axis;
use super::font::{elide, text_width};
use super::palette::{GRID, INK, MUTED};
use super::scene::{Align, Point, Scene, Stroke, Text};

/// Em size of tick labels and legends, in units: 7 pt when a figure of 480 units is set 3.3 inches wide.
pub(super) const SMALL: f64 = 14.0;
/// Em size of axis labels.
pub(super) const MEDIUM: f64 = 15.0;
/// Em size of titles.
pub(super) const LARGE: f64 = 17.0;

/// Space between texts and what they belong to.
const GAP: f64 = 6.0;
const TICK: f64 = 4.0;

/// A rectangle, in units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Frame {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// Axes laid out on a page; maps data to points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plot {
    pub(super) area: Frame,
    x: Axis,
    y: Axis,
}

/// Which grid lines a plot has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grid {
    /// Across the y axis' ticks.
    Horizontal,
    /// Across the x axis' ticks.
    Vertical,
}

impl Plot {
    /// Lays the axes out so that they and their labels fill `frame`, and draws them.
    pub(super) fn new(scene: &mut Scene, frame: Frame, x: Axis, y: Axis, grid: Grid) -> Self {
        // Half of the last label of the x axis may stand out on the right.
        let overhang = x.ticks.last().map_or(0.0, |tick| text_width(&tick.label, SMALL) / 2.0);
        let widest = y.ticks.iter().map(|tick| text_width(&tick.label, SMALL)).fold(0.0, f64::max);
        let y_label_width = if y.label.is_empty() { 0.0 } else { MEDIUM + GAP };
        let x_label_height = if x.label.is_empty() { 0.0 } else { MEDIUM + GAP / 2.0 };
        let area = Frame {
            left: frame.left + y_label_width + widest + GAP + TICK,
            top: frame.top + SMALL / 2.0,
            right: frame.right - overhang.min(24.0),
            bottom: frame.bottom - x_label_height - SMALL - GAP - TICK,
        };
        let mut plot = Self { area, x, y };
        plot.drop_crowded_labels();
        plot.draw_axes(scene, frame, grid);
        plot
    }

    /// The point of a pair of values; `None` for what cannot be shown.
    pub(super) fn point(&self, x: f64, y: f64) -> Option<Point> {
        Some((self.x_point(x)?, self.y_point(y)?))
    }

    pub(super) fn x_point(&self, x: f64) -> Option<f64> {
        Some(self.area.left + self.x.position(x)? * self.area.width())
    }

    pub(super) fn y_point(&self, y: f64) -> Option<f64> {
        Some(self.area.bottom - self.y.position(y)? * self.area.height())
    }

    /// Whether a point lies between the area's upper and lower edge.
    pub(super) fn shows(&self, (_, y): Point) -> bool {
        (self.area.top..=self.area.bottom).contains(&y)
    }

    /// A line through values, broken where one is missing, cut at the area's upper and lower edge.
    pub(super) fn line(&self, scene: &mut Scene, values: &[(f64, Option<f64>)], stroke: Stroke) {
        let points = values.iter().map(|&(x, y)| y.and_then(|y| self.point(x, y)));
        let mut piece: Vec<Point> = Vec::new();
        let mut previous: Option<Point> = None;
        for point in points {
            if let (Some(from), Some(to)) = (previous, point)
                && let Some((from, to)) = self.visible(from, to)
            {
                if piece.last() != Some(&from) {
                    scene.line(std::mem::take(&mut piece), stroke);
                    piece.push(from);
                }
                piece.push(to);
            }
            previous = point;
        }
        scene.line(piece, stroke);
    }

    /// The band between two values at each x, cut at the area's edges.
    pub(super) fn band(
        &self,
        scene: &mut Scene,
        band: &[(f64, f64, f64)],
        fill: super::scene::Ink,
    ) {
        let edge = |x: f64, y: f64| {
            let x = self.x_point(x)?;
            // A lower edge that a logarithmic axis cannot show lies at the bottom.
            let y = self.y_point(y).unwrap_or(self.area.bottom);
            Some((x, y.clamp(self.area.top, self.area.bottom)))
        };
        let upper = band.iter().filter_map(|&(x, _, high)| edge(x, high));
        let lower = band.iter().rev().filter_map(|&(x, low, _)| edge(x, low));
        scene.polygon(upper.chain(lower).collect(), fill);
    }

    /// A remark in the middle of the area, for a plot without data.
    pub(super) fn remark(&self, scene: &mut Scene, text: &str) {
        scene.text(Text {
            at: (
                (self.area.left + self.area.right) / 2.0,
                (self.area.top + self.area.bottom) / 2.0,
            ),
            text: elide(text, MEDIUM, self.area.width()),
            size: MEDIUM,
            ink: MUTED,
            align: Align::Centre,
            upwards: false,
        });
    }

    /// The part of a segment between the area's upper and lower edge.
    fn visible(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        let (top, bottom) = (self.area.top, self.area.bottom);
        let rise = to.1 - from.1;
        let cut = |point: Point| {
            if (top..=bottom).contains(&point.1) {
                return point;
            }
            let edge = point.1.clamp(top, bottom);
            (from.0 + (to.0 - from.0) * (edge - from.1) / rise, edge)
        };
        let outside = from.1.max(to.1) < top || from.1.min(to.1) > bottom;
        (!outside).then(|| (cut(from), cut(to)))
    }

    /// Empties labels that would touch the one before.
    fn drop_crowded_labels(&mut self) {
        let (width, height) = (self.area.width(), self.area.height());
        drop_crowded(&mut self.x, |label| text_width(label, SMALL) + GAP, width);
        drop_crowded(&mut self.y, |_| SMALL, height);
    }

    fn draw_axes(&self, scene: &mut Scene, frame: Frame, grid: Grid) {
        let area = self.area;
        let thin = Stroke::solid(GRID, 1.0);
        let spine = Stroke::solid(INK, 1.0);
        for tick in &self.y.ticks {
            let Some(y) = self.y_point(tick.value) else {
                continue;
            };
            let major = !tick.label.is_empty();
            if grid == Grid::Horizontal && major {
                scene.line(vec![(area.left, y), (area.right, y)], thin);
            }
            let length = if major { TICK } else { TICK / 2.0 };
            if grid == Grid::Horizontal {
                scene.line(vec![(area.left - length, y), (area.left, y)], spine);
            }
            scene.text(Text {
                at: (area.left - TICK - GAP / 2.0, y),
                text: tick.label.clone(),
                size: SMALL,
                ink: INK,
                align: Align::Right,
                upwards: false,
            });
        }
        for tick in &self.x.ticks {
            let Some(x) = self.x_point(tick.value) else {
                continue;
            };
            let major = !tick.label.is_empty();
            if grid == Grid::Vertical && major {
                scene.line(vec![(x, area.top), (x, area.bottom)], thin);
            }
            let length = if major { TICK } else { TICK / 2.0 };
            scene.line(vec![(x, area.bottom), (x, area.bottom + length)], spine);
            scene.text(Text {
                at: (x, area.bottom + TICK + GAP / 2.0 + SMALL / 2.0),
                text: tick.label.clone(),
                size: SMALL,
                ink: INK,
                align: Align::Centre,
                upwards: false,
            });
        }
        scene.line(vec![(area.left, area.top), (area.left, area.bottom)], spine);
        scene.line(vec![(area.left, area.bottom), (area.right, area.bottom)], spine);
        scene.text(Text {
            at: ((area.left + area.right) / 2.0, frame.bottom - MEDIUM / 2.0),
            text: elide(&self.x.label, MEDIUM, frame.width()),
            size: MEDIUM,
            ink: INK,
            align: Align::Centre,
            upwards: false,
        });
        scene.text(Text {
            at: (frame.left + MEDIUM / 2.0, (area.top + area.bottom) / 2.0),
            text: elide(&self.y.label, MEDIUM, frame.height()),
            size: MEDIUM,
            ink: INK,
            align: Align::Centre,
            upwards: true,
        });
    }
}

/// Empties labels of ticks, in order, that come closer to the last one kept than the room both need; `length` is the
/// axis' length on the page.
fn drop_crowded(axis: &mut Axis, room: impl Fn(&str) -> f64, length: f64) {
    let places: Vec<Option<f64>> = axis
        .ticks
        .iter()
        .map(|tick| axis.position(tick.value).map(|share| share * length))
        .collect();
    let mut last: Option<(f64, f64)> = None;
    for (tick, place) in axis.ticks.iter_mut().zip(places) {
        let Some(place) = place.filter(|_| !tick.label.is_empty()) else {
            continue;
        };
        let half = room(&tick.label) / 2.0;
        match last {
            Some((kept, kept_half)) if (place - kept).abs() < half + kept_half => {
                tick.label.clear()
            }
            _ => last = Some((place, half)),
        }
    }
}
