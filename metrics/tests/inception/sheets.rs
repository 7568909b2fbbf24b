//! The real images that the golden numbers belong to.

use std::path::Path;

use bench_metrics::{Activations, Extractor, ImageBatch, OnnxExtractor};

/// Side of an image in pixels.
const SIDE: usize = 32;
/// Images in a row of a sheet.
const COLUMNS: usize = 10;

/// The first `n` images, at most 120, of each of `classes`, one after another as `[n, 32, 32, 3]`.
pub(crate) fn pixels(classes: std::ops::Range<usize>, n: usize) -> Vec<u8> {
    classes.flat_map(|class| first_of_class(class, n)).collect()
}

fn first_of_class(class: usize, n: usize) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/sheets");
    let sheet = image::open(folder.join(format!("{class}.webp"))).expect("a sheet");
    let sheet = sheet.into_rgb8();
    let image = |index: usize| {
        let (x, y) = (index % COLUMNS * SIDE, index / COLUMNS * SIDE);
        let side = SIDE as u32;
        image::imageops::crop_imm(&sheet, x as u32, y as u32, side, side).to_image().into_raw()
    };
    (0..n).flat_map(image).collect()
}

/// What `extractor` makes of images of 32 x 32 pixels.
pub(crate) fn extract(extractor: &mut OnnxExtractor, pixels: &[u8]) -> Activations {
    let n = pixels.len() / (SIDE * SIDE * 3);
    let images = ImageBatch::new(pixels, n, SIDE, SIDE, 3).expect("sound images");
    extractor.extract(&images).expect("a working extractor")
}
