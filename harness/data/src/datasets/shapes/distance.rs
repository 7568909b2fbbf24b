//! Signed distances to the ten shapes, negative inside, in units of the shape's radius.
//!
//! `y` grows downwards. Distances are exact near the edges, which is where antialiasing needs
//! them; outside sharp corners they may fall short of the Euclidean distance.

/// Class names, by label.
pub(super) const NAMES: [&str; 10] = [
    "circle", "ellipse", "square", "triangle", "pentagon", "star", "cross", "ring", "crescent",
    "heart",
];

/// A class of shapes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Circle,
    Ellipse,
    Square,
    Triangle,
    Pentagon,
    Star,
    Cross,
    Ring,
    Crescent,
    Heart,
}

/// By label, in the order of [`NAMES`].
pub(super) const KINDS: [Kind; 10] = [
    Kind::Circle,
    Kind::Ellipse,
    Kind::Square,
    Kind::Triangle,
    Kind::Pentagon,
    Kind::Star,
    Kind::Cross,
    Kind::Ring,
    Kind::Crescent,
    Kind::Heart,
];

/// Outward normals of a regular pentagon with a corner at the top, right half: sine and cosine of
/// 36 and 108 degrees from the upright, and the one that points down.
const PENTAGON: [(f32, f32); 3] =
    [(0.587_785_25, -0.809_017), (0.951_056_5, 0.309_017), (0.0, 1.0)];

impl Kind {
    /// Signed distance from (x, y) to the shape's edge.
    pub(super) fn distance(self, x: f32, y: f32) -> f32 {
        match self {
            Self::Circle => circle(x, y, 0.9),
            Self::Ellipse => ellipse(x, y, 1.05, 0.55),
            Self::Square => rectangle(x, y, 0.78, 0.78),
            Self::Triangle => triangle(x, y + 0.15),
            Self::Pentagon => pentagon(x, y),
            Self::Star => star(x, y - 0.05),
            Self::Cross => rectangle(x, y, 0.95, 0.32).min(rectangle(x, y, 0.32, 0.95)),
            Self::Ring => (length(x, y) - 0.7).abs() - 0.24,
            Self::Crescent => circle(x, y, 0.95).max(-circle(x - 0.45, y, 0.78)),
            Self::Heart => heart(x, y),
        }
    }
}

fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

fn circle(x: f32, y: f32, radius: f32) -> f32 {
    length(x, y) - radius
}

/// First-order distance: the implicit function over the length of its gradient.
fn ellipse(x: f32, y: f32, a: f32, b: f32) -> f32 {
    let implicit = length(x / a, y / b);
    let gradient = length(x / (a * a), y / (b * b));
    if gradient < 1e-6 { -b } else { implicit * (implicit - 1.0) / gradient }
}

fn rectangle(x: f32, y: f32, half_width: f32, half_height: f32) -> f32 {
    let (dx, dy) = (x.abs() - half_width, y.abs() - half_height);
    length(dx.max(0.0), dy.max(0.0)) + dx.max(dy).min(0.0)
}

/// Equilateral, a corner at the top, inscribed in a circle of radius 1.1.
fn triangle(x: f32, y: f32) -> f32 {
    const HALF_ROOT_3: f32 = 0.866_025_4;
    (HALF_ROOT_3 * x.abs() - 0.5 * y).max(y) - 0.55
}

/// Regular, a corner at the top, inscribed in a circle of radius 0.98.
fn pentagon(x: f32, y: f32) -> f32 {
    let side = |(normal_x, normal_y): (f32, f32)| normal_x * x.abs() + normal_y * y;
    PENTAGON.into_iter().map(side).fold(f32::NEG_INFINITY, f32::max) - 0.79
}

/// Five-pointed, a point at the top: folded onto half a point, then the distance to its edge.
fn star(x: f32, y: f32) -> f32 {
    const TIP: f32 = 1.1;
    const NOTCH: f32 = 0.48;
    let [(sin36, minus_cos36), (sin72, cos72), _] = PENTAGON;
    let cos36 = -minus_cos36;
    let (mut x, mut y) = (x.abs(), -y);
    // Mirrors along the valleys, 108 and 36 degrees from the upright, carry every point of the
    // star onto the upper one. Their normals point towards what is carried over.
    for (normal_x, normal_y) in [(-cos72, -sin72), (cos36, -sin36)] {
        let beyond = 2.0 * (normal_x * x + normal_y * y).max(0.0);
        x -= beyond * normal_x;
        y -= beyond * normal_y;
    }
    let x = x.abs();
    // From the tip (0, TIP) to the notch at 36 degrees.
    let (edge_x, edge_y) = (NOTCH * sin36, NOTCH * cos36 - TIP);
    let (from_x, from_y) = (x, y - TIP);
    let along = (from_x * edge_x + from_y * edge_y) / (edge_x * edge_x + edge_y * edge_y);
    let along = along.clamp(0.0, 1.0);
    let away = length(from_x - along * edge_x, from_y - along * edge_y);
    let inside = from_x * edge_y - from_y * edge_x > 0.0;
    if inside { -away } else { away }
}

/// A square on its corner with a half disc on each upper side.
fn heart(x: f32, y: f32) -> f32 {
    const HALF: f32 = 0.53;
    const ROOT_HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;
    let y = y - 0.17;
    let (along, across) = ((x.abs() + y) * ROOT_HALF, (x.abs() - y) * ROOT_HALF);
    let body = rectangle(along, across, HALF, HALF);
    let lobe = circle(along, across - HALF, HALF);
    body.min(lobe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_an_inside_and_fits_its_frame() {
        for (kind, name) in KINDS.into_iter().zip(NAMES) {
            let grid = || (-60..=60).flat_map(|i| (-60..=60).map(move |j| (i, j)));
            let inside = grid()
                .filter(|&(i, j)| kind.distance(i as f32 / 40.0, j as f32 / 40.0) < 0.0)
                .collect::<Vec<_>>();
            let area = inside.len() as f64 / 1600.0;
            assert!((0.8..3.2).contains(&area), "{name} has area {area}");
            let reach = inside.iter().map(|&(i, j)| (i * i + j * j) as f64).fold(0.0, f64::max);
            assert!(reach.sqrt() / 40.0 < 1.3, "{name} reaches {}", reach.sqrt() / 40.0);
        }
    }

    #[test]
    fn distances_change_no_faster_than_the_place() {
        // Any distance is 1-Lipschitz; the ellipse's first-order one only near the edge, where it
        // is within 25 % of that.
        for (kind, name) in KINDS.into_iter().zip(NAMES) {
            for i in -50..50 {
                for j in -50..50 {
                    let (x, y) = (i as f32 / 40.0, j as f32 / 40.0);
                    let here = kind.distance(x, y);
                    let step = kind.distance(x + 0.01, y) - here;
                    let bound = match name {
                        "ellipse" if here.abs() > 0.2 => continue,
                        "ellipse" => 0.0125,
                        _ => 0.0101,
                    };
                    assert!(step.abs() <= bound, "{name} at ({x}, {y}): {step}");
                }
            }
        }
    }

    #[test]
    fn the_star_has_five_points() {
        // On a circle between notches and tips, the edge is crossed ten times.
        let inside = |step: i32| {
            let angle = f64::from(step) * std::f64::consts::TAU / 3600.0;
            Kind::Star.distance(0.8 * angle.cos() as f32, 0.8 * angle.sin() as f32 + 0.05) < 0.0
        };
        let crossings = (0..3600).filter(|&step| inside(step) != inside(step + 1)).count();
        assert_eq!(crossings, 10);
    }
}
