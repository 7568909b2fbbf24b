//! What images have beyond plain 8-bit RGB pixels, told from their headers.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::codecs::tiff::TiffDecoder;
use image::codecs::webp::WebPDecoder;
use image::{ExtendedColorType, ImageDecoder, ImageFormat, ImageReader, ImageResult};

use super::decode::{Orientation, Treatment, check_size, is_cmyk_jpeg, is_grey_png};

/// Something that 8-bit RGB pixels cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// An alpha channel or a transparent colour.
    Alpha,
    /// 16 bits of grey.
    Grey16,
    /// 16 bits a channel, of colour or of grey with alpha.
    Deep,
    /// An EXIF orientation other than upright. That of TIFF is none: every reader turns such a file.
    Orientation,
    /// A colour profile other than sRGB.
    Profile,
    /// More than one frame or page.
    Frames,
    /// Four inks.
    Cmyk,
}

/// What an image's header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    format: ImageFormat,
    /// Columns, as stored.
    pub width: u32,
    /// Rows, as stored.
    pub height: u32,
    /// How the stored image is to be turned to stand upright, if it does not.
    pub orientation: Option<Orientation>,
    /// What it has beyond 8-bit RGB, each once.
    pub properties: Vec<Property>,
}

impl Property {
    /// What `treatment` does with images that have it, as the end of `3 of 10 images …`; `None` where it does all that
    /// was asked for.
    #[must_use]
    pub fn consequence(self, treatment: Treatment) -> Option<&'static str> {
        let as_pil = treatment == Treatment::AsPil;
        let is_blended = matches!(treatment, Treatment::Upright { background: Some(_) });
        Some(match self {
            Self::Alpha if is_blended => return None,
            Self::Alpha if as_pil => {
                "are partly transparent: alpha is dropped and not blended, as PIL does it"
            }
            Self::Alpha => "are partly transparent: alpha is dropped; --background blends them",
            Self::Grey16 if as_pil => {
                "are 16-bit grey, clipped at 255 as PIL does it, so nearly white; convert them to 8 bits"
            }
            Self::Grey16 | Self::Deep => "have 16 bits a channel: the lower 8 are dropped",
            Self::Orientation if as_pil => {
                "have an EXIF orientation, which is not applied, as in PIL: they are taken as they are stored"
            }
            Self::Orientation => "are turned upright by their EXIF orientation",
            Self::Profile => "have a colour profile other than sRGB, which is not applied",
            Self::Frames => "are animated or have several pages: the first is taken",
            Self::Cmyk => "are CMYK, which becomes RGB by PIL's formula, without a profile",
        })
    }
}

impl Header {
    /// Reads the header of an encoded image; `None` where it is no image or one that is not decoded.
    #[must_use]
    pub fn read(encoded: &[u8]) -> Option<Self> {
        let header = read(encoded).ok()?;
        check_size(header.width, header.height).is_ok().then_some(header)
    }

    /// Columns and rows once `treatment` was applied.
    #[must_use]
    pub fn size(&self, treatment: Treatment) -> (u32, u32) {
        let is_turned = treatment != Treatment::AsPil || self.format == ImageFormat::Tiff;
        match self.orientation {
            Some(orientation) if is_turned && orientation.swaps_sides() => {
                (self.height, self.width)
            }
            _ => (self.width, self.height),
        }
    }
}

fn read(encoded: &[u8]) -> ImageResult<Header> {
    let format = image::guess_format(encoded)?;
    let bytes = Cursor::new(encoded);
    let (mut header, frames) = match format {
        ImageFormat::Png => {
            let decoder = PngDecoder::new(bytes)?;
            let frames = decoder.is_apng()?;
            (of_decoder(decoder, format)?, frames)
        }
        ImageFormat::WebP => {
            let decoder = WebPDecoder::new(bytes)?;
            let frames = decoder.has_animation();
            (of_decoder(decoder, format)?, frames)
        }
        ImageFormat::Tiff => (of_decoder(TiffDecoder::new(bytes)?, format)?, has_pages(encoded)),
        _ => {
            let decoder = ImageReader::with_format(bytes, format).into_decoder()?;
            (of_decoder(decoder, format)?, false)
        }
    };
    header.orientation = Orientation::of(encoded, format);
    let is_silent = format == ImageFormat::Tiff;
    let further = [
        (Property::Orientation, header.orientation.is_some() && !is_silent),
        (Property::Frames, frames),
        (Property::Cmyk, format == ImageFormat::Jpeg && is_cmyk_jpeg(encoded)),
    ];
    header.properties.extend(further.into_iter().filter(|(_, is)| *is).map(|(which, _)| which));
    if is_grey_png(encoded, format) {
        let grey = |property: &mut Property| {
            if *property == Property::Deep {
                *property = Property::Grey16;
            }
        };
        header.properties.iter_mut().for_each(grey);
    }
    Ok(header)
}

fn of_decoder(mut decoder: impl ImageDecoder, format: ImageFormat) -> ImageResult<Header> {
    use ExtendedColorType as Colour;
    let (width, height) = decoder.dimensions();
    let profile = decoder.icc_profile().ok().flatten();
    let (stored, shown) = (decoder.original_color_type(), decoder.color_type());
    let found = [
        (Property::Alpha, shown.has_alpha()),
        (Property::Grey16, stored == Colour::L16),
        (Property::Deep, [Colour::La16, Colour::Rgb16, Colour::Rgba16].contains(&stored)),
        (Property::Profile, profile.is_some_and(|profile| !is_srgb(&profile))),
        (Property::Cmyk, [Colour::Cmyk8, Colour::Cmyk16].contains(&stored)),
    ];
    let properties = found.into_iter().filter(|(_, is)| *is).map(|(property, _)| property);
    Ok(Header { format, width, height, orientation: None, properties: properties.collect() })
}

fn has_pages(encoded: &[u8]) -> bool {
    let decoder = tiff::decoder::Decoder::new(Cursor::new(encoded));
    decoder.is_ok_and(|decoder| decoder.more_images())
}

/// Whether a profile calls itself sRGB, in ASCII or in UTF-16 as ICC version 4 writes it.
fn is_srgb(profile: &[u8]) -> bool {
    let contains = |text: &[u8]| profile.windows(text.len()).any(|window| window == text);
    contains(b"sRGB") || contains(b"s\0R\0G\0B") || contains(b"\0s\0R\0G\0B")
}
