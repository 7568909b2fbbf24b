//! Sample grids: images side by side in one PNG.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::error::ReportError;

/// Pixels between and around the images.
pub const PADDING: usize = 2;

/// Lays out `n` images of `height` x `width` pixels with `channels` 1 (grey) or 3 (RGB), `u8` in N x H x W x C, in rows
/// of `columns`, with [`PADDING`] white pixels around each, and encodes them as PNG. A last row that is not full
/// stays white.
///
/// # Errors
/// [`ReportError::GridShape`] when the pixels are not of that shape, or when there is nothing to show.
pub fn sample_grid(
    pixels: &[u8],
    n: usize,
    height: usize,
    width: usize,
    channels: usize,
    columns: usize,
) -> Result<Vec<u8>, ReportError> {
    let shape = |reason: String| ReportError::GridShape { reason };
    let colour = match channels {
        1 => ExtendedColorType::L8,
        3 => ExtendedColorType::Rgb8,
        _ => return Err(shape(format!("{channels} channels"))),
    };
    if n == 0 || height == 0 || width == 0 || columns == 0 {
        return Err(shape(format!("{n} images of {height} x {width} pixels in {columns} columns")));
    }
    let expected =
        [height, width, channels].iter().try_fold(n, |product, side| product.checked_mul(*side));
    if expected != Some(pixels.len()) {
        return Err(shape(format!(
            "{} bytes for {n} x {height} x {width} x {channels}",
            pixels.len()
        )));
    }

    let columns = columns.min(n);
    let rows = n.div_ceil(columns);
    let grid_width = PADDING + columns * (width + PADDING);
    let grid_height = PADDING + rows * (height + PADDING);
    let mut grid = vec![0xff; grid_width * grid_height * channels];
    let row_bytes = width * channels;
    for (index, image) in pixels.chunks_exact(height * row_bytes).enumerate() {
        let left = PADDING + (index % columns) * (width + PADDING);
        let top = PADDING + (index / columns) * (height + PADDING);
        for (y, row) in image.chunks_exact(row_bytes).enumerate() {
            let start = ((top + y) * grid_width + left) * channels;
            grid[start..start + row_bytes].copy_from_slice(row);
        }
    }

    let side = |side: usize| {
        u32::try_from(side).map_err(|_| shape(format!("the grid would be {side} pixels long")))
    };
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&grid, side(grid_width)?, side(grid_height)?, colour)
        .map_err(|error| shape(error.to_string()))?;
    Ok(png)
}
