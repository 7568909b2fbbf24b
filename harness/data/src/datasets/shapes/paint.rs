//! Colours and patterns, in RGB from 0 to 1.

/// Red, green, blue, each from 0 to 1.
pub(super) type Colour = [f32; 3];

/// A colour from hue (one turn is 1, any real number), saturation and value (0 to 1).
pub(super) fn from_hsv(hue: f32, saturation: f32, value: f32) -> Colour {
    [5.0, 3.0, 1.0].map(|offset: f32| {
        let sector = (offset / 6.0 + fraction(hue)) * 6.0;
        let sector = sector - 6.0 * (sector / 6.0).floor();
        let ramp = sector.min(4.0 - sector).clamp(0.0, 1.0);
        value - value * saturation * ramp
    })
}

/// From `a` at 0 to `b` at 1.
pub(super) fn mix(a: Colour, b: Colour, amount: f32) -> Colour {
    std::array::from_fn(|channel| a[channel] + (b[channel] - a[channel]) * amount)
}

/// A colour made lighter (above 1) or darker (below 1).
pub(super) fn shade(colour: Colour, factor: f32) -> Colour {
    colour.map(|channel| (channel * factor).clamp(0.0, 1.0))
}

/// Rounded to bytes.
pub(super) fn to_bytes(colour: Colour) -> [u8; 3] {
    colour.map(|channel| (channel.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
}

/// A smooth wave of period 1 between 0 and 1, flat at both ends.
pub(super) fn wave(phase: f32) -> f32 {
    ease((2.0 * fraction(phase) - 1.0).abs())
}

/// 0 to 1, flat at both ends (`3 t^2 - 2 t^3`), clamped outside.
pub(super) fn ease(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn fraction(value: f32) -> f32 {
    value - value.floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hues_of_the_colour_wheel() {
        let wheel = [
            (0.0, [255, 0, 0]),
            (1.0 / 6.0, [255, 255, 0]),
            (1.0 / 3.0, [0, 255, 0]),
            (0.5, [0, 255, 255]),
            (2.0 / 3.0, [0, 0, 255]),
            (-1.0 / 6.0, [255, 0, 255]),
        ];
        for (hue, rgb) in wheel {
            assert_eq!(to_bytes(from_hsv(hue, 1.0, 1.0)), rgb, "hue {hue}");
        }
        assert_eq!(to_bytes(from_hsv(0.3, 0.0, 0.5)), [128; 3]);
    }
}
