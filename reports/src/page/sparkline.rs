//! Small charts of one run, drawn into the page itself so that they need no script and follow its colours.

use std::ops::RangeInclusive;

/// Width and height of the plot, in units.
const SIZE: (f64, f64) = (240.0, 64.0);
/// More points than this are not told apart at this width.
const MOST_POINTS: usize = 120;
/// Share of values at either end that may leave the plot, so that one spike does not flatten the rest.
const CLIPPED_SHARE: f64 = 0.01;

/// One line of a small chart: its name and its values by step.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, Option<f64>)>,
}

/// An SVG of the lines, described by `label`; `None` where none has two values.
pub(super) fn svg(label: &str, lines: &[Line]) -> Option<String> {
    let thinned: Vec<Vec<(f64, Option<f64>)>> =
        lines.iter().map(|line| thin(&line.points)).collect();
    let drawable =
        |points: &Vec<(f64, Option<f64>)>| points.iter().filter(|p| p.1.is_some()).count() > 1;
    if !thinned.iter().any(drawable) {
        return None;
    }
    let steps = extent(thinned.iter().flatten().map(|point| point.0))?;
    let values = shown_range(thinned.iter().flatten().filter_map(|point| point.1).collect())?;
    let mut svg = format!(
        "<svg class=\"spark\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{label}\" preserveAspectRatio=\"none\">",
        SIZE.0, SIZE.1
    );
    for (index, points) in thinned.iter().enumerate() {
        let path = path(points, &steps, &values);
        svg.push_str(&format!("<path class=\"line-{index}\" d=\"{path}\"/>"));
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// Moves and lines through the values; a gap begins a new stretch.
fn path(
    points: &[(f64, Option<f64>)],
    steps: &RangeInclusive<f64>,
    values: &RangeInclusive<f64>,
) -> String {
    let mut path = String::new();
    let mut pen = 'M';
    for &(step, value) in points {
        let Some(value) = value else {
            pen = 'M';
            continue;
        };
        let x = share(step, steps) * SIZE.0;
        let y = (1.0 - share(value.clamp(*values.start(), *values.end()), values)) * SIZE.1;
        path.push_str(&format!("{pen}{x:.1} {y:.1}"));
        pen = 'L';
    }
    path
}

fn share(value: f64, range: &RangeInclusive<f64>) -> f64 {
    let width = range.end() - range.start();
    if width > 0.0 { (value - range.start()) / width } else { 0.5 }
}

/// The mean of each bin of points; a bin without a value is a gap.
fn thin(points: &[(f64, Option<f64>)]) -> Vec<(f64, Option<f64>)> {
    let bin = points.len().div_ceil(MOST_POINTS).max(1);
    let thinned = points.chunks(bin).map(|chunk| {
        let finite: Vec<f64> = chunk.iter().filter_map(|point| point.1).collect();
        let mean = finite.iter().sum::<f64>() / finite.len() as f64;
        (chunk[chunk.len() / 2].0, (!finite.is_empty()).then_some(mean))
    });
    thinned.collect()
}

fn shown_range(mut values: Vec<f64>) -> Option<RangeInclusive<f64>> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let clipped = (values.len() as f64 * CLIPPED_SHARE) as usize;
    Some(values[clipped]..=values[last - clipped])
}

fn extent(values: impl Iterator<Item = f64>) -> Option<RangeInclusive<f64>> {
    values.fold(None, |extent, value| match extent {
        None => Some(value..=value),
        Some(extent) => Some(extent.start().min(value)..=extent.end().max(value)),
    })
}

#[cfg(test)]
mod tests {
    use super::{Line, svg};

    #[test]
    fn gaps_break_a_line_and_lone_values_draw_none() {
        let line = |values: &[Option<f64>]| Line {
            name: "a",
            points: (0..).map(f64::from).zip(values.iter().copied()).collect(),
        };
        let drawn = svg("x", &[line(&[Some(0.0), Some(1.0), None, Some(1.0), Some(0.0)])]);
        let drawn = drawn.expect("a line");
        assert!(drawn.contains("d=\"M0.0 64.0L60.0 0.0M180.0 0.0L240.0 64.0\""), "{drawn}");
        assert_eq!(svg("x", &[line(&[None, Some(1.0)])]), None);
        assert_eq!(svg("x", &[]), None);
        let flat = svg("x", &[line(&[Some(3.0), Some(3.0)])]).expect("a line");
        assert!(flat.contains("d=\"M0.0 32.0L240.0 32.0\""), "{flat}");
    }
}
