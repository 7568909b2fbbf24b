//! Decoded pixels of any kind to 8-bit RGB.

use image::DynamicImage;

use super::{DecodeError, Treatment};

/// The pixels as RGB, one byte a channel.
///
/// # Errors
/// [`DecodeError::Unsupported`] for floating-point pixels.
pub(super) fn pixels(image: DynamicImage, treatment: Treatment) -> Result<Vec<u8>, DecodeError> {
    let high = |value: u16| (value >> 8) as u8;
    let grey16 = |value: u16| match treatment {
        Treatment::AsPil => value.min(255) as u8,
        Treatment::Upright { .. } => high(value),
    };
    let over = |colour: [u8; 3], alpha: u8| match treatment {
        Treatment::Upright { background: Some(background) } => blend(colour, alpha, background),
        _ => colour,
    };
    Ok(match image {
        DynamicImage::ImageRgb8(rgb) => rgb.into_raw(),
        DynamicImage::ImageLuma8(grey) => grey.as_raw().iter().flat_map(|&l| [l; 3]).collect(),
        DynamicImage::ImageLumaA8(grey) => {
            grey.pixels().flat_map(|p| over([p.0[0]; 3], p.0[1])).collect()
        }
        DynamicImage::ImageRgba8(rgba) => {
            rgba.pixels().flat_map(|p| over([p.0[0], p.0[1], p.0[2]], p.0[3])).collect()
        }
        DynamicImage::ImageLuma16(grey) => {
            grey.as_raw().iter().flat_map(|&l| [grey16(l); 3]).collect()
        }
        DynamicImage::ImageLumaA16(grey) => {
            grey.pixels().flat_map(|p| over([high(p.0[0]); 3], high(p.0[1]))).collect()
        }
        DynamicImage::ImageRgb16(rgb) => rgb.as_raw().iter().map(|&value| high(value)).collect(),
        DynamicImage::ImageRgba16(rgba) => rgba
            .pixels()
            .flat_map(|p| over([0, 1, 2].map(|i| high(p.0[i])), high(p.0[3])))
            .collect(),
        other => {
            let kind = format!("pixels of type {:?}", other.color());
            return Err(DecodeError::Unsupported(kind));
        }
    })
}

/// `colour` over `background`, rounded to the nearest level.
fn blend(colour: [u8; 3], alpha: u8, background: [u8; 3]) -> [u8; 3] {
    let alpha = u32::from(alpha);
    std::array::from_fn(|i| {
        let sum = u32::from(colour[i]) * alpha + u32::from(background[i]) * (255 - alpha);
        ((sum + 127) / 255) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_blends_between_the_colours() {
        assert_eq!(blend([10, 20, 30], 255, [255; 3]), [10, 20, 30]);
        assert_eq!(blend([10, 20, 30], 0, [255, 0, 7]), [255, 0, 7]);
        assert_eq!(blend([0, 255, 100], 128, [255, 0, 100]), [127, 128, 100]);
    }
}
