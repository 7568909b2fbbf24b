//! Painting a scene with plotters, as PNG or SVG.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, Circle, DrawingArea, DrawingBackend, IntoDrawingArea, PathElement, Polygon,
    RGBAColor, RGBColor, Rectangle, SVGBackend, ShapeStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, IntoTextStyle, TextStyle};

use super::fitted::fitted;
use super::font::{self, LINE_HEIGHT};
use super::scene::{Align, Ink, Picture, Point, Scene, Shape, Stroke, Text};
use crate::error::ReportError;

/// Pixels a unit is wide in a PNG: a figure of 480 units has 1440 pixels.
pub(super) const PIXELS_PER_UNIT: f64 = 3.0;

/// Bitmaps are painted this many times larger and averaged, which smooths what plotters does not.
pub(super) const SUPERSAMPLING: u32 = 2;

/// A scene as an 8-bit RGB PNG.
pub(super) fn png(figure: &str, scene: &Scene) -> Result<Vec<u8>, ReportError> {
    font::register()?;
    let (width, height) = pixel_size(scene);
    let (wide, high) = (width * SUPERSAMPLING, height * SUPERSAMPLING);
    let mut pixels = vec![0xff; wide as usize * high as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (wide, high)).into_drawing_area();
        let painter = Painter {
            area: &area,
            scale: PIXELS_PER_UNIT * f64::from(SUPERSAMPLING),
            em_to_size: LINE_HEIGHT,
            // The bitmap backend sets baselines a tenth of an em below the anchor; capitals are 0.72 em high.
            drop: 0.25,
            segments: true,
        };
        painter.paint(scene).map_err(|error| ReportError::figure(figure, error))?;
        area.present().map_err(|error| ReportError::figure(figure, error))?;
    }
    encode_png(figure, &averaged(&pixels, width, height), width, height)
}

/// A scene as SVG, with texts as texts in the reader's sans-serif font.
pub(super) fn svg(figure: &str, scene: &Scene) -> Result<String, ReportError> {
    font::register()?;
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, pixel_size(scene)).into_drawing_area();
        let painter = Painter {
            area: &area,
            scale: PIXELS_PER_UNIT,
            // plotters divides font sizes by this before it writes them into SVG.
            em_to_size: 1.24,
            drop: 0.1,
            segments: false,
        };
        painter.paint(scene).map_err(|error| ReportError::figure(figure, error))?;
        area.present().map_err(|error| ReportError::figure(figure, error))?;
    }
    Ok(fitted(&text))
}

/// RGB pixels as a PNG.
pub(super) fn encode_png(
    figure: &str,
    rgb: &[u8],
    width: u32,
    height: u32,
) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive)
        .write_image(rgb, width, height, ExtendedColorType::Rgb8)
        .map_err(|error| ReportError::figure(figure, error))?;
    Ok(bytes)
}

fn pixel_size(scene: &Scene) -> (u32, u32) {
    let pixels = |units: f64| (units * PIXELS_PER_UNIT).round().max(1.0) as u32;
    (pixels(scene.width), pixels(scene.height))
}

/// Averages squares of [`SUPERSAMPLING`] pixels a side; `width` and `height` are those of the result.
fn averaged(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let factor = SUPERSAMPLING as usize;
    let (width, height) = (width as usize, height as usize);
    let row_bytes = width * factor * 3;
    let mut small = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = 0_usize;
                for dy in 0..factor {
                    for dx in 0..factor {
                        sum += usize::from(
                            pixels[(y * factor + dy) * row_bytes + (x * factor + dx) * 3 + channel],
                        );
                    }
                }
                let count = factor * factor;
                small.push(((sum + count / 2) / count) as u8);
            }
        }
    }
    small
}

/// A scene's way onto one backend.
struct Painter<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    /// Pixels a unit.
    scale: f64,
    /// What an em is multiplied by to give plotters' font size.
    em_to_size: f64,
    /// How far below plotters' vertical centre capitals must go to be centred, in ems.
    drop: f64,
    /// Whether lines are painted segment by segment with round joins. plotters fills a wide bitmap line as one
    /// polygon, which leaves holes where the line crosses itself.
    segments: bool,
}

type PaintResult<DB> =
    Result<(), plotters::drawing::DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

impl<DB: DrawingBackend> Painter<'_, DB> {
    fn paint(&self, scene: &Scene) -> PaintResult<DB> {
        self.area.fill(&RGBColor(0xff, 0xff, 0xff))?;
        for shape in &scene.shapes {
            match shape {
                Shape::Line { points, stroke } => self.line(points, stroke)?,
                Shape::Polygon { points, fill } => self.polygon(points, *fill)?,
                Shape::Disc { centre, radius, fill } => {
                    self.disc(*centre, radius * self.scale, *fill)?
                }
                Shape::Text(text) => self.text(text)?,
                Shape::Picture(picture) => self.picture(picture)?,
            }
        }
        Ok(())
    }

    fn pixel(&self, (x, y): Point) -> (i32, i32) {
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }

    fn line(&self, points: &[Point], stroke: &Stroke) -> PaintResult<DB> {
        let width = (stroke.width * self.scale).round().max(1.0);
        let style =
            ShapeStyle { color: colour(stroke.ink), filled: false, stroke_width: width as u32 };
        for dash in dashes(points, stroke.dash.pattern()) {
            let pixels: Vec<(i32, i32)> = dash.iter().map(|&point| self.pixel(point)).collect();
            if !self.segments {
                self.area.draw(&PathElement::new(pixels, style))?;
                continue;
            }
            for pair in pixels.windows(2) {
                if pair[0] != pair[1] {
                    self.area.draw(&PathElement::new(pair.to_vec(), style))?;
                }
            }
            if width >= 3.0 && dash.len() > 2 {
                for &join in &dash[1..dash.len() - 1] {
                    self.disc(join, width / 2.0, stroke.ink)?;
                }
            }
        }
        Ok(())
    }

    fn polygon(&self, points: &[Point], fill: Ink) -> PaintResult<DB> {
        let pixels: Vec<(i32, i32)> = points.iter().map(|&point| self.pixel(point)).collect();
        self.area.draw(&Polygon::new(pixels, colour(fill).filled()))
    }

    /// A filled circle; the radius is in pixels.
    fn disc(&self, centre: Point, radius: f64, fill: Ink) -> PaintResult<DB> {
        let radius = radius.round().max(1.0) as i32;
        self.area.draw(&Circle::new(self.pixel(centre), radius, colour(fill).filled()))
    }

    fn text(&self, text: &Text) -> PaintResult<DB> {
        let horizontal = match text.align {
            Align::Left => HPos::Left,
            Align::Centre => HPos::Center,
            Align::Right => HPos::Right,
        };
        let font = font::font(text.size * self.scale * self.em_to_size / LINE_HEIGHT);
        let font = if text.upwards { font.transform(FontTransform::Rotate270) } else { font };
        let ink = colour(text.ink);
        let style: TextStyle =
            font.into_text_style(&(1, 1)).color(&ink).pos(Pos::new(horizontal, VPos::Center));
        let drop = self.drop * text.size;
        let (x, y) = text.at;
        let anchor = if text.upwards { (x + drop, y) } else { (x, y + drop) };
        self.area.draw_text(&text.text, &style, self.pixel(anchor))
    }

    fn picture(&self, picture: &Picture) -> PaintResult<DB> {
        let (columns, rows) = picture.pixels;
        let cell = (picture.size.0 / f64::from(columns), picture.size.1 / f64::from(rows));
        for (index, rgb) in picture.rgb.chunks_exact(3).enumerate() {
            let (column, row) = (index as u32 % columns, index as u32 / columns);
            let corner = |column: u32, row: u32| {
                self.pixel((
                    picture.at.0 + f64::from(column) * cell.0,
                    picture.at.1 + f64::from(row) * cell.1,
                ))
            };
            let (left, top) = corner(column, row);
            let (right, bottom) = corner(column + 1, row + 1);
            let fill = RGBColor(rgb[0], rgb[1], rgb[2]).filled();
            self.area.draw(&Rectangle::new([(left, top), (right, bottom)], fill))?;
        }
        Ok(())
    }
}

fn colour(ink: Ink) -> RGBAColor {
    RGBAColor(ink.red, ink.green, ink.blue, ink.alpha)
}

/// Cuts a line into the pieces its pattern draws.
fn dashes(points: &[Point], pattern: &[f64]) -> Vec<Vec<Point>> {
    if pattern.is_empty() {
        return vec![points.to_vec()];
    }
    let mut pieces = Vec::new();
    let mut piece = vec![points[0]];
    let (mut index, mut left) = (0_usize, pattern[0]);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length <= left {
                left -= length;
                piece.push(to);
                break;
            }
            let share = left / length;
            from = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            piece.push(from);
            let finished = std::mem::replace(&mut piece, vec![from]);
            if index.is_multiple_of(2) {
                pieces.push(finished);
            }
            index += 1;
            left = pattern[index % pattern.len()];
        }
    }
    if index.is_multiple_of(2) && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}
