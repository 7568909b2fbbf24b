//! `--background`: what lies behind transparent images.

/// What lies behind transparent images that are trained on or exported.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct BackgroundArgs {
    /// Colour behind transparent images: white, black or #rrggbb. Without it their alpha is dropped, which shows whatever
    /// colour was stored there.
    #[arg(long, value_name = "COLOUR", value_parser = parse)]
    pub background: Option<Colour>,
}

/// Red, green and blue, 0 to 255.
pub type Colour = [u8; 3];

fn parse(text: &str) -> Result<Colour, String> {
    let level = |at: usize| {
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        // from_str_radix would take a sign.
        let mut digits = digits[at..at + 2].chars().map(|digit| digit.to_digit(16));
        digits.try_fold(0, |level, digit| Some(16 * level + digit? as u8))
    };
    match text {
        "white" => Ok([255; 3]),
        "black" => Ok([0; 3]),
        _ => level(0)
            .zip(level(2))
            .zip(level(4))
            .map(|((red, green), blue)| [red, green, blue])
            .ok_or_else(|| "a colour is white, black or #rrggbb".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_names_or_six_digits() {
        assert_eq!(parse("white"), Ok([255; 3]));
        assert_eq!(parse("#0a10FF"), Ok([10, 16, 255]));
        for wrong in ["", "#", "#12345", "#1234567", "red", "0a10ff", "#+1+2+3", "#ääää"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
