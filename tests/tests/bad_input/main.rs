//! Bad input as a user meets it: an exit code, the path, the reason and what to do, and never a panic.

#![cfg(unix)]

mod arrays;
mod datasets;
mod disk;
mod extractors;
mod images;
mod sources;

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use bench_tests::{Outcome, bench};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use zip::write::SimpleFileOptions;

/// An image with some structure; those of different `seed`s differ.
fn picture(width: u32, height: u32, seed: u8) -> DynamicImage {
    let wave = |x: u32, y: u32| (x * 7 + y * 3 + u32::from(seed) * 29) as u8;
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        Rgb([wave(x, y), wave(y, x).wrapping_mul(seed), wave(x, x)])
    }))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The bytes of a PNG.
fn png(width: u32, height: u32, seed: u8) -> Vec<u8> {
    encoded(&picture(width, height, seed), ImageFormat::Png)
}

/// A folder `name` of `n` small images.
fn folder_of_images(root: &Path, name: &str, n: u8) {
    fs::create_dir(root.join(name)).unwrap();
    for seed in 0..n {
        fs::write(root.join(name).join(format!("{seed:03}.png")), png(8, 8, seed)).unwrap();
    }
}

/// Writes a zip archive.
fn archive(path: &Path, members: &[(&str, &[u8])]) {
    let mut writer = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
}

/// Asserts that `outcome` is an error of bad input whose text holds every part, each once.
fn refused(outcome: &Outcome, parts: &[&str]) {
    assert_eq!(outcome.code, 3, "{}\n{}", outcome.stdout, outcome.stderr);
    assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    let error = outcome.stderr.lines().find(|line| line.starts_with("bench: error: "));
    let error = error.unwrap_or_else(|| panic!("no error in:\n{}", outcome.stderr));
    for part in parts {
        assert_eq!(error.matches(part).count(), 1, "`{part}` is not once in: {error}");
    }
}

/// What `bench eval` says of a source.
fn eval(root: &Path, source: &str) -> Outcome {
    bench(root, &["eval", source, "--metrics", "is"])
}
