//! Shrinks figures for a README: `cargo run --release -p bench-reports --example gallery -- OUT FIGURE.png…` writes each as
//! `OUT/gallery-<number>.png`, half as wide as a column of text.

use std::path::Path;

use image::imageops::FilterType;

/// Width of a small figure, in pixels.
const WIDTH: u32 = 620;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let out = arguments.next().ok_or("give a folder and figures")?;
    for (index, figure) in arguments.enumerate() {
        let image = image::open(&figure)?.to_rgb8();
        let height = (image.height() * WIDTH).div_ceil(image.width());
        let small = image::imageops::resize(&image, WIDTH, height, FilterType::CatmullRom);
        small.save(Path::new(&out).join(format!("gallery-{}.png", index + 1)))?;
    }
    Ok(())
}
