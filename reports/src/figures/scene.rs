//! A figure before it is painted: shapes in units of a page, from the top left, independent of any backend.

/// A point, in units.
pub(super) type Point = (f64, f64);

/// A colour with its opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ink {
    pub(super) red: u8,
    pub(super) green: u8,
    pub(super) blue: u8,
    /// In `[0, 1]`.
    pub(super) alpha: f64,
}

impl Ink {
    pub(super) const WHITE: Self = Self::opaque(0xff, 0xff, 0xff);

    pub(super) const fn opaque(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue, alpha: 1.0 }
    }

    /// The same colour, see-through.
    pub(super) fn with_alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    /// The opaque colour that this share of the ink gives on white paper.
    pub(super) fn tint(self, share: f64) -> Self {
        let mix = |channel: u8| (f64::from(channel) * share + 255.0 * (1.0 - share)).round() as u8;
        Self::opaque(mix(self.red), mix(self.green), mix(self.blue))
    }
}

/// The pattern of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Long,
    Short,
    Mixed,
}

impl Dash {
    /// Lengths drawn and left out in turn, in units; empty for a solid line.
    pub(super) fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Long => &[9.0, 3.5],
            Self::Short => &[3.5, 2.5],
            Self::Mixed => &[9.0, 3.0, 2.0, 3.0],
        }
    }
}

/// A line's look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub(super) ink: Ink,
    /// In units.
    pub(super) width: f64,
    pub(super) dash: Dash,
}

impl Stroke {
    pub(super) fn solid(ink: Ink, width: f64) -> Self {
        Self { ink, width, dash: Dash::Solid }
    }
}

/// A mark at a data point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    Circle,
    Square,
    TriangleUp,
    Diamond,
    TriangleDown,
    Cross,
}

impl Marker {
    /// The outline around `centre`; `None` for a circle. All markers look about as large as a circle of `radius`.
    pub(super) fn outline(self, (x, y): Point, radius: f64) -> Option<Vec<Point>> {
        let r = radius;
        let offsets: Vec<Point> = match self {
            Self::Circle => return None,
            Self::Square => vec![(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            Self::TriangleUp => vec![(0.0, -1.25), (1.15, 0.8), (-1.15, 0.8)],
            Self::Diamond => vec![(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
            Self::TriangleDown => vec![(0.0, 1.25), (-1.15, -0.8), (1.15, -0.8)],
            Self::Cross => {
                let arm = 0.38;
                let quarter = [(-arm, -1.2), (arm, -1.2), (arm, -arm)];
                let turned = |turn: usize| {
                    quarter.iter().map(move |&(x, y)| match turn {
                        0 => (x, y),
                        1 => (-y, x),
                        2 => (-x, -y),
                        _ => (y, -x),
                    })
                };
                (0..4).flat_map(turned).collect()
            }
        };
        Some(offsets.into_iter().map(|(dx, dy)| (x + dx * r, y + dy * r)).collect())
    }
}

/// Where a text lies relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// A line of text; its capitals are centred vertically on its point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) at: Point,
    pub(super) text: String,
    /// Size of an em, in units.
    pub(super) size: f64,
    pub(super) ink: Ink,
    pub(super) align: Align,
    /// Whether the text runs upwards.
    pub(super) upwards: bool,
}

/// A picture of 8-bit RGB pixels, each painted as a square.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// Top left corner.
    pub(super) at: Point,
    /// Width and height in units.
    pub(super) size: Point,
    /// Columns and rows of pixels.
    pub(super) pixels: (u32, u32),
    /// Rows of RGB triples.
    pub(super) rgb: Vec<u8>,
}

/// Anything that can be painted.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Line { points: Vec<Point>, stroke: Stroke },
    Polygon { points: Vec<Point>, fill: Ink },
    Disc { centre: Point, radius: f64, fill: Ink },
    Text(Text),
    Picture(Picture),
}

/// A page of shapes, painted in order on white.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scene {
    /// In units.
    pub(super) width: f64,
    /// In units.
    pub(super) height: f64,
    pub(super) shapes: Vec<Shape>,
}

/// How large a scene is, in units.
pub(super) struct SceneSize {
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Scene {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    pub(super) fn size(&self) -> SceneSize {
        SceneSize { width: self.width, height: self.height }
    }

    /// Adds another scene's shapes, so far down.
    pub(super) fn append(&mut self, other: &Scene, down: f64) {
        self.shapes.extend(other.shapes.iter().cloned().map(|mut shape| {
            match &mut shape {
                Shape::Line { points, .. } | Shape::Polygon { points, .. } => {
                    points.iter_mut().for_each(|(_, y)| *y += down);
                }
                Shape::Disc { centre, .. } => centre.1 += down,
                Shape::Text(text) => text.at.1 += down,
                Shape::Picture(picture) => picture.at.1 += down,
            }
            shape
        }));
    }

    pub(super) fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, stroke });
        }
    }

    pub(super) fn polygon(&mut self, points: Vec<Point>, fill: Ink) {
        if points.len() > 2 {
            self.shapes.push(Shape::Polygon { points, fill });
        }
    }

    /// A filled rectangle between two opposite corners.
    pub(super) fn rectangle(&mut self, (x0, y0): Point, (x1, y1): Point, fill: Ink) {
        self.polygon(vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill);
    }

    /// A filled marker with a thin white rim, which keeps it apart from what it covers.
    pub(super) fn marker(&mut self, marker: Marker, centre: Point, radius: f64, fill: Ink) {
        self.shape_of(marker, centre, radius + 0.9, Ink::WHITE);
        self.shape_of(marker, centre, radius, fill);
    }

    /// A marker in outline, white inside.
    pub(super) fn hollow_marker(&mut self, marker: Marker, centre: Point, radius: f64, ink: Ink) {
        self.shape_of(marker, centre, radius, ink);
        self.shape_of(marker, centre, radius - 1.3, Ink::WHITE);
    }

    fn shape_of(&mut self, marker: Marker, centre: Point, radius: f64, fill: Ink) {
        match marker.outline(centre, radius) {
            Some(points) => self.polygon(points, fill),
            None => self.shapes.push(Shape::Disc { centre, radius, fill }),
        }
    }

    pub(super) fn text(&mut self, text: Text) {
        if !text.text.is_empty() {
            self.shapes.push(Shape::Text(text));
        }
    }

    pub(super) fn picture(&mut self, picture: Picture) {
        self.shapes.push(Shape::Picture(picture));
    }
}
