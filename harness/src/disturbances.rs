//! The disturbances of Heusel et al. 2017 (appendix A1, Figure 3) that a distance between images
//! must rise with: each is one function of an image, a level and a random stream.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::StandardNormal;

/// A way to damage an image, at five levels.
#[derive(Clone, Copy)]
pub struct Disturbance {
    /// Name in tables and figures.
    pub name: &'static str,
    /// What the level means.
    pub level_meaning: &'static str,
    /// Five rising levels; 0 is the undisturbed image.
    pub levels: [f64; 5],
    apply: fn(&mut Pixels, f64, &mut ChaCha8Rng),
}

/// All disturbances, in the order of the paper's figure.
pub const DISTURBANCES: [Disturbance; 5] = [
    Disturbance {
        name: "gaussian noise",
        level_meaning: "share of the noise image",
        levels: [0.1, 0.2, 0.35, 0.5, 0.75],
        apply: gaussian_noise,
    },
    Disturbance {
        name: "gaussian blur",
        level_meaning: "standard deviation in 1/32 of the image's side",
        levels: [0.5, 1.0, 1.5, 2.0, 4.0],
        apply: gaussian_blur,
    },
    Disturbance {
        name: "black rectangles",
        level_meaning: "sides of five rectangles as a share of the image's",
        levels: [0.1, 0.2, 0.3, 0.45, 0.6],
        apply: black_rectangles,
    },
    Disturbance {
        name: "swirl",
        level_meaning: "angle at the centre in radians",
        levels: [0.5, 1.0, 2.0, 3.0, 4.0],
        apply: swirl,
    },
    Disturbance {
        name: "salt and pepper",
        level_meaning: "share of the pixels",
        levels: [0.02, 0.05, 0.1, 0.2, 0.3],
        apply: salt_and_pepper,
    },
];

impl Disturbance {
    /// Image number `index` (`height` x `width` x `channels`) at `level`. The random draws depend
    /// on the disturbance and the index, not on the level: a higher level is more of the same.
    pub fn disturb(
        &self,
        image: &[u8],
        (height, width, channels): (usize, usize, usize),
        level: f64,
        index: u64,
    ) -> Vec<u8> {
        let mut seed = [0; 32];
        for (slot, byte) in seed.iter_mut().zip(self.name.bytes()) {
            *slot = byte;
        }
        let mut rng = ChaCha8Rng::from_seed(seed);
        rng.set_stream(index);
        let values = image.iter().map(|&byte| f64::from(byte)).collect();
        let mut pixels = Pixels { values, height, width, channels };
        (self.apply)(&mut pixels, level, &mut rng);
        pixels.values.iter().map(|value| value.round().clamp(0.0, 255.0) as u8).collect()
    }
}

/// An image as numbers from 0 to 255, H x W x C.
struct Pixels {
    values: Vec<f64>,
    height: usize,
    width: usize,
    channels: usize,
}

impl Pixels {
    fn at(&self, y: usize, x: usize, channel: usize) -> f64 {
        self.values[(y * self.width + x) * self.channels + channel]
    }

    /// The same size, each value computed from its place.
    fn map(&self, value: impl Fn(usize, usize, usize) -> f64) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.values.len());
        for y in 0..self.height {
            for x in 0..self.width {
                values.extend((0..self.channels).map(|channel| value(y, x, channel)));
            }
        }
        values
    }
}

/// `(1 - level) X + level N`, with N normal noise stretched to 0..255.
fn gaussian_noise(image: &mut Pixels, level: f64, rng: &mut ChaCha8Rng) {
    let noise: Vec<f64> = rng.sample_iter(StandardNormal).take(image.values.len()).collect();
    let least = noise.iter().copied().fold(f64::INFINITY, f64::min);
    let most = noise.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let scale = 255.0 / (most - least).max(f64::MIN_POSITIVE);
    for (value, noise) in image.values.iter_mut().zip(noise) {
        *value = (1.0 - level) * *value + level * (noise - least) * scale;
    }
}

/// Convolution with a Gaussian cut at four standard deviations, the border repeated.
fn gaussian_blur(image: &mut Pixels, level: f64, _rng: &mut ChaCha8Rng) {
    let sigma = level * image.width as f64 / 32.0;
    let reach = (4.0 * sigma).ceil() as i64;
    let weights: Vec<f64> =
        (-reach..=reach).map(|d| (-0.5 * (d as f64 / sigma).powi(2)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let clamp = |at: usize, d: i64, n: usize| (at as i64 + d).clamp(0, n as i64 - 1) as usize;
    let taps = || (-reach..=reach).zip(weights.iter().map(|w| w / total));
    image.values = image
        .map(|y, x, c| taps().map(|(d, w)| w * image.at(y, clamp(x, d, image.width), c)).sum());
    image.values = image
        .map(|y, x, c| taps().map(|(d, w)| w * image.at(clamp(y, d, image.height), x, c)).sum());
}

/// Five black rectangles of `level` times the image's size, anywhere wholly inside it.
fn black_rectangles(image: &mut Pixels, level: f64, rng: &mut ChaCha8Rng) {
    let side = |n: usize| ((level * n as f64).round() as usize).clamp(1, n);
    let (height, width) = (side(image.height), side(image.width));
    for _ in 0..5 {
        let place = |room: usize, at: f64| (at * (room + 1) as f64) as usize;
        let top = place(image.height - height, rng.random());
        let left = place(image.width - width, rng.random());
        for y in top..top + height {
            let start = (y * image.width + left) * image.channels;
            image.values[start..start + width * image.channels].fill(0.0);
        }
    }
}

/// A whirlpool about the centre: the angle grows by `level * exp(-5 r / (ln 2 * rho))`, with rho
/// 25 pixels of 64. Colours are interpolated, the border repeated.
fn swirl(image: &mut Pixels, level: f64, _rng: &mut ChaCha8Rng) {
    let rho = 25.0 / 64.0 * image.width as f64;
    let (y0, x0) = ((image.height - 1) as f64 / 2.0, (image.width - 1) as f64 / 2.0);
    image.values = image.map(|y, x, c| {
        let (dy, dx) = (y as f64 - y0, x as f64 - x0);
        let radius = dy.hypot(dx);
        let angle = dy.atan2(dx) + level * (-5.0 * radius / (std::f64::consts::LN_2 * rho)).exp();
        bilinear(image, y0 + radius * angle.sin(), x0 + radius * angle.cos(), c)
    });
}

fn bilinear(image: &Pixels, y: f64, x: f64, channel: usize) -> f64 {
    let y = y.clamp(0.0, (image.height - 1) as f64);
    let x = x.clamp(0.0, (image.width - 1) as f64);
    let (top, left) = (y as usize, x as usize);
    let (bottom, right) = ((top + 1).min(image.height - 1), (left + 1).min(image.width - 1));
    let (fy, fx) = (y - top as f64, x - left as f64);
    let mix = |a: f64, b: f64, share: f64| a + (b - a) * share;
    mix(
        mix(image.at(top, left, channel), image.at(top, right, channel), fx),
        mix(image.at(bottom, left, channel), image.at(bottom, right, channel), fx),
        fy,
    )
}

/// A share of `level` of the pixels turns black or white, half of them each.
fn salt_and_pepper(image: &mut Pixels, level: f64, rng: &mut ChaCha8Rng) {
    for pixel in image.values.chunks_mut(image.channels) {
        let (drawn, white): (f64, bool) = (rng.random(), rng.random());
        if drawn < level {
            pixel.fill(if white { 255.0 } else { 0.0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: (usize, usize, usize) = (32, 32, 3);

    fn image() -> Vec<u8> {
        (0..32 * 32 * 3).map(|i| ((i * 37) % 251) as u8).collect()
    }

    fn change(disturbance: &Disturbance, level: f64) -> f64 {
        let image = image();
        let disturbed = disturbance.disturb(&image, SHAPE, level, 0);
        let pairs = image.iter().zip(&disturbed);
        pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>()
    }

    #[test]
    fn each_disturbance_changes_the_image_and_repeats_itself() {
        for disturbance in &DISTURBANCES {
            let level = disturbance.levels[2];
            assert!(change(disturbance, level) > 0.0, "{}", disturbance.name);
            let again = |index| disturbance.disturb(&image(), SHAPE, level, index);
            assert_eq!(again(3), again(3), "{}", disturbance.name);
        }
    }

    #[test]
    fn levels_rise_and_so_does_the_random_damage() {
        for disturbance in &DISTURBANCES {
            assert!(disturbance.levels.is_sorted_by(|a, b| a < b));
        }
        for disturbance in [&DISTURBANCES[0], &DISTURBANCES[4]] {
            let changes = disturbance.levels.map(|level| change(disturbance, level));
            assert!(changes.is_sorted_by(|a, b| a < b), "{} {changes:?}", disturbance.name);
        }
    }

    #[test]
    fn blur_keeps_a_constant_image_and_the_mean() {
        let grey = vec![90; 32 * 32 * 3];
        assert_eq!(DISTURBANCES[1].disturb(&grey, SHAPE, 2.0, 0), grey);
    }

    #[test]
    fn five_rectangles_blacken_what_they_should_at_most() {
        let white = vec![255; 32 * 32 * 3];
        let black =
            DISTURBANCES[2].disturb(&white, SHAPE, 0.25, 7).iter().filter(|&&b| b == 0).count() / 3;
        assert!((64..=5 * 64).contains(&black), "{black}");
    }

    #[test]
    fn a_swirl_turns_the_centre_and_leaves_the_border() {
        let image = image();
        let swirled = DISTURBANCES[3].disturb(&image, SHAPE, 4.0, 0);
        assert_eq!(image[..3], swirled[..3]);
        let centre = (15 * 32 + 17) * 3;
        assert_ne!(image[centre..centre + 3], swirled[centre..centre + 3]);
    }
}
