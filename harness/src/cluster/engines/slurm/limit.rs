//! Slurm's way to write a time limit.

/// The seconds of a limit: `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes` or
/// `days-hours:minutes:seconds`; as good as for ever for `UNLIMITED` and `INFINITE`. `None` for anything else, and for 0,
/// which is no limit for Slurm and a mistake for anybody else.
pub(super) fn seconds(text: &str) -> Option<u64> {
    if ["unlimited", "infinite"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(u64::MAX);
    }
    let (days, rest) = match text.split_once('-') {
        Some((days, rest)) => (Some(number(days)?), rest),
        None => (None, text),
    };
    let parts: Vec<u64> = rest.split(':').map(number).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match (days, parts.as_slice()) {
        (_, &[hours, minutes, seconds]) => (hours, minutes, seconds),
        (None, &[minutes]) => (0, minutes, 0),
        (None, &[minutes, seconds]) => (0, minutes, seconds),
        (Some(_), &[hours]) => (hours, 0, 0),
        (Some(_), &[hours, minutes]) => (hours, minutes, 0),
        _ => return None,
    };
    let total = 60 * (60 * (24 * days.unwrap_or(0) + hours) + minutes) + seconds;
    (total > 0).then_some(total)
}

fn number(text: &str) -> Option<u64> {
    let digits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn limits_are_read_as_slurm_reads_them() {
        for (text, expected) in [
            ("90", 90 * 60),
            ("1:30", 90),
            ("4:00:00", 4 * 3600),
            ("2-12", 60 * 3600),
            ("0-1:30", 5400),
            ("1-00:00:01", 86401),
            ("UNLIMITED", u64::MAX),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "0", "abc", "1:2:3:4", "-1", "1-", "1h", "1.5", "٣", "1 ", "99999999999"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
