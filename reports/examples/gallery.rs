//! Shrinks figures for a README: `cargo run --release -p bench-reports --example gallery -- OUT FIGURE.png…` writes each as
//! `OUT/gallery-<number>.png`, half as wide as a column of text and with 16 shades a channel, which compress well.

use std::fs::File;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::{self, FilterType as Resampling};
use image::{DynamicImage, GrayImage};

/// Width of a small figure, in pixels.
const WIDTH: u32 = 480;
/// Shades of a channel, less one.
const STEPS: f32 = 15.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let out = arguments.next().ok_or("give a folder and figures")?;
    for (index, figure) in arguments.enumerate() {
        let image = image::open(&figure)?.to_rgb8();
        let height = (image.height() * WIDTH).div_ceil(image.width());
        let mut small = imageops::resize(&image, WIDTH, height, Resampling::CatmullRom);
        for pixel in small.pixels_mut() {
            for channel in &mut pixel.0 {
                *channel = ((f32::from(*channel) / 255.0 * STEPS).round() * 255.0 / STEPS) as u8;
            }
        }
        // What has no colour takes a third of the room without it.
        let grey = small.pixels().all(|pixel| pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2]);
        let picture = match grey {
            true => DynamicImage::from(GrayImage::from_fn(WIDTH, height, |x, y| {
                image::Luma([small.get_pixel(x, y).0[0]])
            })),
            false => DynamicImage::from(small),
        };
        let file = File::create(Path::new(&out).join(format!("gallery-{}.png", index + 1)))?;
        let encoder =
            PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::NoFilter);
        picture.write_with_encoder(encoder)?;
    }
    Ok(())
}
