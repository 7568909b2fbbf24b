//! A scene as PDF: vectors, and texts as texts in the embedded font.

use std::ops::Range;
use std::sync::OnceLock;

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point as At, Size, Transform};
use krilla::image::Image;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke as Pen, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Data, Document};
use ttf_parser::Face;

use super::font::{LIBERATION_SANS, text_width};
use super::scene::{Align, Ink, Picture, Point, Scene, Shape, Stroke, Text};
use crate::error::ReportError;

/// Points a unit is wide: a figure of 480 units is as wide as a column of a paper.
const POINTS_PER_UNIT: f64 = 0.5;

/// Half the height of capitals, in ems: how far the baseline lies below the middle of a text.
const DROP: f64 = 0.36;

/// Bezier handles of a quarter of a circle of radius 1.
const ROUND: f64 = 0.552_284_75;

/// A scene as a PDF of one page of its size. The same scene gives the same bytes.
pub(super) fn pdf(figure: &str, scene: &Scene) -> Result<Vec<u8>, ReportError> {
    let failed = |reason: &str| ReportError::figure(figure, reason);
    let (width, height) = (points(scene.width), points(scene.height));
    let settings =
        PageSettings::from_wh(width, height).ok_or_else(|| failed("the page has no size"))?;
    let mut document = Document::new();
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    for shape in &scene.shapes {
        match shape {
            Shape::Line { points, stroke } => line(&mut surface, points, stroke),
            Shape::Polygon { points, fill } => fill_path(&mut surface, polygon(points), *fill),
            Shape::Disc { centre, radius, fill } => {
                fill_path(&mut surface, disc(*centre, *radius), *fill);
            }
            Shape::Text(words) => text(&mut surface, words)
                .ok_or_else(|| failed("the embedded font is not readable"))?,
            Shape::Picture(shown) => picture(&mut surface, shown),
        }
    }
    surface.finish();
    page.finish();
    document.finish().map_err(|error| failed(&format!("{error:?}")))
}

fn points(units: f64) -> f32 {
    (units * POINTS_PER_UNIT) as f32
}

fn fill_of(ink: Ink) -> Fill {
    Fill { paint: colour(ink).into(), opacity: opacity(ink), rule: FillRule::NonZero }
}

fn colour(ink: Ink) -> rgb::Color {
    rgb::Color::new(ink.red, ink.green, ink.blue)
}

fn opacity(ink: Ink) -> NormalizedF32 {
    NormalizedF32::new(ink.alpha as f32).unwrap_or(NormalizedF32::ONE)
}

fn line(surface: &mut Surface<'_>, line: &[Point], stroke: &Stroke) {
    let mut path = PathBuilder::new();
    trace(&mut path, line);
    let pattern: Vec<f32> = stroke.dash.pattern().iter().map(|&length| points(length)).collect();
    surface.set_fill(None);
    surface.set_stroke(Some(Pen {
        paint: colour(stroke.ink).into(),
        width: points(stroke.width),
        line_cap: LineCap::Butt,
        line_join: LineJoin::Round,
        opacity: opacity(stroke.ink),
        dash: (!pattern.is_empty()).then_some(StrokeDash { array: pattern, offset: 0.0 }),
        ..Pen::default()
    }));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn fill_path(surface: &mut Surface<'_>, path: Option<Path>, ink: Ink) {
    surface.set_stroke(None);
    surface.set_fill(Some(fill_of(ink)));
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

fn trace(path: &mut PathBuilder, line: &[Point]) {
    for (index, &(x, y)) in line.iter().enumerate() {
        match index {
            0 => path.move_to(points(x), points(y)),
            _ => path.line_to(points(x), points(y)),
        }
    }
}

fn polygon(corners: &[Point]) -> Option<Path> {
    let mut path = PathBuilder::new();
    trace(&mut path, corners);
    path.close();
    path.finish()
}

fn disc((x, y): Point, radius: f64) -> Option<Path> {
    let at = |dx: f64, dy: f64| (points(x + dx * radius), points(y + dy * radius));
    let mut path = PathBuilder::new();
    let (start_x, start_y) = at(1.0, 0.0);
    path.move_to(start_x, start_y);
    // Quarter by quarter: from (a, b) to (-b, a).
    for (a, b) in [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)] {
        let (x1, y1) = at(a - b * ROUND, b + a * ROUND);
        let (x2, y2) = at(-b + a * ROUND, a + b * ROUND);
        let (x3, y3) = at(-b, a);
        path.cubic_to(x1, y1, x2, y2, x3, y3);
    }
    path.close();
    path.finish()
}

/// Draws a text; `None` where the embedded font cannot be read.
fn text(surface: &mut Surface<'_>, text: &Text) -> Option<()> {
    static FONT: OnceLock<Option<Font>> = OnceLock::new();
    let font = FONT.get_or_init(|| Font::new(Data::from(LIBERATION_SANS), 0)).clone()?;
    let face = Face::parse(LIBERATION_SANS, 0).ok()?;
    let em = f32::from(face.units_per_em());
    let glyphs: Vec<KrillaGlyph> = text
        .text
        .char_indices()
        .map(|(start, c)| {
            let glyph = face.glyph_index(c).unwrap_or_default();
            let advance = face.glyph_hor_advance(glyph).unwrap_or(0);
            let range: Range<usize> = start..start + c.len_utf8();
            KrillaGlyph {
                glyph_id: GlyphId::new(u32::from(glyph.0)),
                text_range: range,
                x_advance: f32::from(advance) / em,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            }
        })
        .collect();
    let back = match text.align {
        Align::Left => 0.0,
        Align::Centre => text_width(&text.text, text.size) / 2.0,
        Align::Right => text_width(&text.text, text.size),
    };
    let (x, y) = text.at;
    surface.set_stroke(None);
    surface.set_fill(Some(fill_of(text.ink)));
    surface.push_transform(&Transform::from_translate(points(x), points(y)));
    if text.upwards {
        surface.push_transform(&Transform::from_rotate(-90.0));
    }
    let start = At::from_xy(points(-back), points(DROP * text.size));
    surface.draw_glyphs(start, &glyphs, font, &text.text, points(text.size), false);
    if text.upwards {
        surface.pop();
    }
    surface.pop();
    Some(())
}

fn picture(surface: &mut Surface<'_>, picture: &Picture) {
    let rgba = picture.rgb.chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 0xff]).collect();
    let (columns, rows) = picture.pixels;
    let Some(size) = Size::from_wh(points(picture.size.0), points(picture.size.1)) else { return };
    let place = Transform::from_translate(points(picture.at.0), points(picture.at.1));
    surface.push_transform(&place);
    surface.draw_image(Image::from_rgba8(rgba, columns, rows), size);
    surface.pop();
}
