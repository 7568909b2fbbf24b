//! The nearest known name, for errors about unknown ones.

/// Names at least this similar (Jaro-Winkler, 0 to 1) are suggested.
const NEAR: f64 = 0.8;

/// `, did you mean `x`?`-style text naming the known name nearest to `name`, or nothing.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let name = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(candidate, &name), candidate))
        .filter(|(similarity, _)| *similarity > NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(String::new(), |(_, candidate)| format!(", did you mean `{candidate}`"))
}

/// [`nearest`] for what serde says of an unknown field or variant: "unknown field `x`, expected
/// one of `y`, `z`". Nothing for any other message.
pub fn nearest_field(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match quoted.next() {
        Some(unknown) if message.contains("unknown ") => nearest(unknown, quoted),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_a_near_name_and_nothing_far() {
        assert_eq!(nearest("dcgn", ["acgan", "dcgan"]), ", did you mean `dcgan`");
        assert_eq!(nearest("zzz", ["acgan", "dcgan"]), "");
    }

    #[test]
    fn a_message_of_serde_names_the_near_field() {
        let message = "unknown field `titel`, expected one of `name`, `title`";
        assert_eq!(nearest_field(message), ", did you mean `title`");
        assert_eq!(nearest_field("missing field `title`"), "");
    }
}
