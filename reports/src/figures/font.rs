//! The embedded font, so that figures look alike on every machine: Liberation Sans (`assets/LiberationSans-LICENSE.txt`).

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use crate::error::ReportError;

pub(super) static LIBERATION_SANS: &[u8] =
    include_bytes!("../../assets/LiberationSans-Regular.ttf");

/// Ascent plus descent of the font in ems: plotters' bitmap backend takes that height for the size of a font.
pub(super) const LINE_HEIGHT: f64 = (1854.0 + 434.0) / 2048.0;

/// Em size at which texts are measured; large, because plotters rounds widths to whole pixels.
const MEASURING_EM: f64 = 200.0;

/// The font at `em` pixels.
pub(super) fn font(em: f64) -> FontDesc<'static> {
    FontDesc::new(FontFamily::SansSerif, em * LINE_HEIGHT, FontStyle::Normal)
}

/// Makes the font known to plotters; once is enough, and every function that paints or measures calls it.
pub(super) fn register() -> Result<(), ReportError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = REGISTERED.get_or_init(|| {
        register_font(FontFamily::SansSerif.as_str(), FontStyle::Normal, LIBERATION_SANS).is_ok()
    });
    match registered {
        true => Ok(()),
        false => Err(ReportError::figure("text", "the embedded font is not readable")),
    }
}

/// Width of a text set at `em`, in the unit of `em`.
pub(super) fn text_width(text: &str, em: f64) -> f64 {
    let measured = register()
        .ok()
        .and_then(|()| font(MEASURING_EM).box_size(text).ok())
        .map(|(width, _)| f64::from(width) / MEASURING_EM);
    // Without a font nothing can be painted either; the painter reports it.
    measured.unwrap_or(0.5 * text.chars().count() as f64) * em
}

/// The text, cut in the middle where it is wider than `width`: ends tell variants apart as often as beginnings.
pub(super) fn elide(text: &str, em: f64, width: f64) -> String {
    if text_width(text, em) <= width {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    for kept in (1..chars.len()).rev() {
        let head: String = chars[..kept.div_ceil(2)].iter().collect();
        let tail: String = chars[chars.len() - kept / 2..].iter().collect();
        let candidate = format!("{head}…{tail}");
        if text_width(&candidate, em) <= width {
            return candidate;
        }
    }
    "…".to_owned()
}

/// The text in lines no wider than `width`, broken at spaces; a word that is wider by itself is elided.
pub(super) fn wrap(text: &str, em: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if text_width(&longer, em) <= width {
                *line = longer;
                continue;
            }
        }
        lines.push(elide(word, em, width));
    }
    lines
}
