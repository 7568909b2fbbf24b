//! What an image shows: one shape with its place, size, angle and colours, before a background.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::distance::Kind;
use super::paint::{Colour, ease, from_hsv, mix, shade, wave};

/// Farthest from the centre that a shape, its shadow or a pixel on its edge can lie, in radii:
/// beyond it there is only background.
const REACH: f32 = 1.9;

/// Everything drawn, in units of the image's side; `y` grows downwards.
#[derive(Debug)]
pub(super) struct Scene {
    kind: Kind,
    centre: (f32, f32),
    radius: f32,
    /// Cosine and sine of the angle.
    turn: (f32, f32),
    fill: Colour,
    /// How much lighter the fill is towards the light, per radius.
    relief: f32,
    /// Where the light comes from, a vector of length below 1.
    light: (f32, f32),
    /// Width in radii, and colour.
    outline: Option<(f32, Colour)>,
    /// Offset in radii, and strength from 0 to 1.
    shadow: Option<((f32, f32), f32)>,
    background: Background,
}

#[derive(Debug)]
struct Background {
    first: Colour,
    second: Colour,
    pattern: Pattern,
}

#[derive(Debug)]
enum Pattern {
    Linear { direction: (f32, f32), offset: f32 },
    Radial { centre: (f32, f32), reach: f32 },
    Stripes { frequency: (f32, f32), phase: f32 },
    Checks { frequency: f32, phase: (f32, f32) },
    Clouds { waves: [(f32, f32, f32); 3] },
}

impl Scene {
    /// Draws every property of a scene from the stream, always in the same order.
    pub(super) fn random(kind: Kind, random: &mut ChaCha8Rng) -> Self {
        let radius = random.random_range(0.20_f32..0.38);
        let margin = 0.95 * radius;
        let centre =
            (random.random_range(margin..1.0 - margin), random.random_range(margin..1.0 - margin));
        // Tangent of half the angle, so that no trigonometry is needed: up to 40 degrees.
        let half = random.random_range(-0.36_f32..0.36);
        let turn = ((1.0 - half * half) / (1.0 + half * half), 2.0 * half / (1.0 + half * half));

        let hue = random.random_range(0.0_f32..1.0);
        let other_hue = hue + random.random_range(0.2_f32..0.8);
        let dark_ground = random.random_bool(0.5);
        let fill = if dark_ground {
            from_hsv(hue, random.random_range(0.25..0.95), random.random_range(0.75..1.0))
        } else {
            from_hsv(hue, random.random_range(0.55..1.0), random.random_range(0.25..0.65))
        };
        let relief = random.random_range(0.0_f32..0.3);
        let light = (random.random_range(-0.7_f32..0.7), random.random_range(-0.7_f32..-0.1));
        let outline = random.random_bool(0.35).then(|| {
            let width = random.random_range(0.12_f32..0.22);
            (width, shade(fill, random.random_range(0.35..0.6)))
        });
        let shadow = random.random_bool(0.4).then(|| {
            let depth = random.random_range(0.15_f32..0.3);
            ((-depth * light.0, -depth * light.1 + 0.1), random.random_range(0.3_f32..0.6))
        });
        let background = Background::random(other_hue, dark_ground, random);
        Self { kind, centre, radius, turn, fill, relief, light, outline, shadow, background }
    }

    /// The colour of the pixel centred at (x, y) and `pixel` wide.
    pub(super) fn colour(&self, x: f32, y: f32, pixel: f32) -> Colour {
        let mut colour = self.background.colour(x, y);
        let (x, y) = ((x - self.centre.0) / self.radius, (y - self.centre.1) / self.radius);
        if x * x + y * y > REACH * REACH {
            return colour;
        }
        if let Some((offset, strength)) = self.shadow {
            const BLUR: f32 = 0.3;
            let distance = self.distance(x - offset.0, y - offset.1);
            let cover = ease(0.5 - distance / BLUR);
            colour = shade(colour, 1.0 - strength * cover);
        }
        let distance = self.distance(x, y);
        // Share of the pixel inside the edge, taken as straight within a pixel.
        let covered = |distance: f32| (0.5 - distance * self.radius / pixel).clamp(0.0, 1.0);
        let lit = 1.0 + self.relief * (x * self.light.0 + y * self.light.1);
        let fill = shade(self.fill, lit);
        let cover = covered(distance);
        match self.outline {
            Some((width, edge)) => {
                let shape = mix(edge, fill, covered(distance + width));
                mix(colour, shape, cover)
            }
            None => mix(colour, fill, cover),
        }
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        let (cosine, sine) = self.turn;
        self.kind.distance(cosine * x + sine * y, cosine * y - sine * x)
    }
}

impl Background {
    fn random(hue: f32, dark: bool, random: &mut ChaCha8Rng) -> Self {
        let mut tint = |hue: f32| {
            let saturation = random.random_range(0.1_f32..0.7);
            let value = random.random_range(0.0_f32..1.0);
            if dark {
                from_hsv(hue, saturation, 0.08 + 0.40 * value)
            } else {
                from_hsv(hue, 0.6 * saturation, 0.72 + 0.28 * value)
            }
        };
        let (first, second) = (tint(hue), tint(hue + 0.08));
        Self { first, second, pattern: Pattern::random(random) }
    }

    fn colour(&self, x: f32, y: f32) -> Colour {
        mix(self.first, self.second, self.pattern.amount(x, y))
    }
}

impl Pattern {
    fn random(random: &mut ChaCha8Rng) -> Self {
        let kind = random.random_range(0_u32..5);
        let mut within = |low: f32, high: f32| random.random_range(low..high);
        match kind {
            0 => Self::Linear {
                direction: (within(-1.2, 1.2), within(-1.2, 1.2)),
                offset: within(0.3, 0.7),
            },
            1 => Self::Radial {
                centre: (within(0.1, 0.9), within(0.1, 0.9)),
                reach: within(0.5, 1.0),
            },
            2 => Self::Stripes {
                frequency: (within(-4.0, 4.0), within(-4.0, 4.0)),
                phase: within(0.0, 1.0),
            },
            3 => Self::Checks {
                frequency: within(1.5, 3.5),
                phase: (within(0.0, 1.0), within(0.0, 1.0)),
            },
            _ => Self::Clouds {
                waves: [(); 3].map(|()| (within(-1.8, 1.8), within(-1.8, 1.8), within(0.0, 1.0))),
            },
        }
    }

    /// Share of the second colour at (x, y), from 0 to 1.
    fn amount(&self, x: f32, y: f32) -> f32 {
        match *self {
            Self::Linear { direction, offset } => {
                ease(offset + (x - 0.5) * direction.0 + (y - 0.5) * direction.1)
            }
            Self::Radial { centre, reach } => {
                let (dx, dy) = (x - centre.0, y - centre.1);
                ease((dx * dx + dy * dy).sqrt() / reach)
            }
            Self::Stripes { frequency, phase } => wave(x * frequency.0 + y * frequency.1 + phase),
            Self::Checks { frequency, phase } => {
                let (across, down) = (wave(x * frequency + phase.0), wave(y * frequency + phase.1));
                across + down - 2.0 * across * down
            }
            Self::Clouds { waves } => {
                let each = waves.map(|(right, down, phase)| wave(x * right + y * down + phase));
                (each[0] + each[1] + each[2]) / 3.0
            }
        }
    }
}
