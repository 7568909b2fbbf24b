//! JPEG by the arithmetic of libjpeg-turbo, which is PIL's: mozjpeg decodes with its code.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mozjpeg::{ColorSpace, Decompress};

use super::{DecodeError, DecodedImage, check_size};

/// Decodes a JPEG file to RGB; `None` for one of four channels (CMYK), which the library leaves as they are.
///
/// # Errors
/// [`DecodeError::TooLarge`], before memory is taken, and [`DecodeError::Damaged`].
pub(super) fn decode_rgb(encoded: &[u8]) -> Result<Option<DecodedImage>, DecodeError> {
    // The library reports errors by unwinding, without a message of its own.
    match catch_unwind(AssertUnwindSafe(|| decode(encoded))) {
        Ok(decoded) => decoded,
        Err(payload) => {
            let message = payload.downcast_ref::<String>().map_or("", String::as_str);
            Err(damaged(message.trim_start_matches("libjpeg fatal error: ")))
        }
    }
}

/// Whether a JPEG file is of four channels; `false` where that cannot be told.
pub(in crate::files) fn is_cmyk(encoded: &[u8]) -> bool {
    let header = AssertUnwindSafe(|| Decompress::new_mem(encoded).map(|jpeg| is_four_inks(&jpeg)));
    matches!(catch_unwind(header), Ok(Ok(true)))
}

fn is_four_inks<R>(header: &Decompress<R>) -> bool {
    matches!(header.color_space(), ColorSpace::JCS_CMYK | ColorSpace::JCS_YCCK)
}

fn decode(encoded: &[u8]) -> Result<Option<DecodedImage>, DecodeError> {
    let header = Decompress::new_mem(encoded).map_err(damaged)?;
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let (width, height) = (side(header.width()), side(header.height()));
    check_size(width, height)?;
    if is_four_inks(&header) {
        return Ok(None);
    }
    let mut image = header.rgb().map_err(damaged)?;
    let pixels: Vec<u8> = image.read_scanlines().map_err(damaged)?;
    image.finish().map_err(damaged)?;
    Ok(Some(DecodedImage { pixels, width, height }))
}

fn damaged(reason: impl ToString) -> DecodeError {
    DecodeError::Damaged(reason.to_string())
}
