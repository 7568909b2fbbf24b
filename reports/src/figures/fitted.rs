//! Texts of an SVG as wide as they were laid out to be, whatever sans-serif font its reader has.

use super::font::text_width;

/// Fonts with the widths of the embedded one, where there are any.
const FAMILY: &str = "font-family=\"'Liberation Sans', Arial, Helvetica, sans-serif\"";

/// An SVG of plotters with a `textLength` on each text, and without characters that XML does not allow.
pub(super) fn fitted(svg: &str) -> String {
    let allowed =
        |c: char| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c };
    let mut fitted = String::with_capacity(svg.len() * 5 / 4);
    let mut parts = svg.split("<text ");
    fitted.extend(parts.next().unwrap_or_default().chars().map(allowed));
    for part in parts {
        fitted.push_str("<text ");
        if let Some(width) = width(part).filter(|width| *width > 0.0) {
            let length = format!("textLength=\"{width:.0}\" lengthAdjust=\"spacingAndGlyphs\" ");
            fitted.push_str(&length);
        }
        let part = part.replacen("font-family=\"sans-serif\"", FAMILY, 1);
        fitted.extend(part.chars().map(allowed));
    }
    fitted
}

/// The width of a text in pixels, from its attributes and its content.
fn width(element: &str) -> Option<f64> {
    let (attributes, rest) = element.split_once('>')?;
    let size: f64 = attributes.split_once("font-size=\"")?.1.split_once('"')?.0.parse().ok()?;
    let (content, _) = rest.split_once("</text>")?;
    // The ampersand last: what it yields is no reference.
    let references =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    let text = references
        .iter()
        .fold(content.trim().to_owned(), |text, (reference, c)| text.replace(reference, c));
    Some(text_width(&text, size))
}

#[cfg(test)]
mod tests {
    use super::{fitted, width};
    use crate::figures::font::text_width;

    #[test]
    fn texts_keep_their_width_and_lose_forbidden_characters() {
        let svg = "<svg>\n<text x=\"1\" font-family=\"sans-serif\" font-size=\"50\" fill=\"#222\">\na &lt; b\u{1}\n</text>\n</svg>\n";
        let fitted = fitted(svg);
        let length = format!("<text textLength=\"{:.0}\" ", text_width("a < b\u{1}", 50.0));
        assert!(fitted.contains(&length) && fitted.contains("a &lt; b\u{fffd}\n"), "{fitted}");
        assert!(fitted.starts_with("<svg>\n<text ") && fitted.ends_with("</text>\n</svg>\n"));
        assert_eq!(width("no attributes"), None);
        assert_eq!(super::fitted("<svg></svg>"), "<svg></svg>");
    }
}
