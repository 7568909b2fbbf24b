//! Settings that tell experiments apart: which differ, and what they are called beside each other.

use std::collections::BTreeSet;

use crate::record::{Record, SHOWN_DIGITS};

/// Keys of the settings whose values differ between these records, in name order; a record without a setting that
/// others have differs in it.
pub(crate) fn differing<'a>(records: &[&'a Record]) -> Vec<&'a str> {
    let keys: BTreeSet<&str> =
        records.iter().flat_map(|record| record.settings.keys()).map(String::as_str).collect();
    keys.into_iter().filter(|key| values(records, key).len() > 1).collect()
}

/// The distinct values of a setting, `None` for records without it.
pub(crate) fn values<'a>(records: &[&'a Record], key: &str) -> BTreeSet<Option<&'a str>> {
    records.iter().map(|record| record.settings.get(key).map(String::as_str)).collect()
}

/// The shortest endings of the keys that tell them apart: `lr` for `recipe.generator_optimizer.lr`, unless another
/// optimiser has one.
pub(crate) fn short_names<'a>(keys: &[&'a str]) -> Vec<&'a str> {
    let ending = |key: &'a str, parts: usize| {
        let start = key.rmatch_indices('.').nth(parts - 1).map_or(0, |(dot, _)| dot + 1);
        &key[start..]
    };
    let unique = |key: &&'a str| {
        let parts = key.split('.').count();
        (1..=parts)
            .map(|count| (count, ending(key, count)))
            .find(|(count, short)| {
                keys.iter().all(|other| other == key || ending(other, *count) != *short)
            })
            .map_or(*key, |(_, short)| short)
    };
    keys.iter().map(unique).collect()
}

/// A value as people read it: hashes with a few digits, and a dash for none.
pub(crate) fn shown(value: Option<&str>) -> &str {
    match value {
        Some(hash) if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            &hash[..SHOWN_DIGITS]
        }
        Some(value) => value,
        None => "–",
    }
}

#[cfg(test)]
mod tests {
    use super::{short_names, shown};

    #[test]
    fn names_are_as_short_as_tells_them_apart() {
        let keys = ["recipe.generator.lr", "recipe.discriminator.lr", "recipe.batch_size", "loss"];
        assert_eq!(short_names(&keys), ["generator.lr", "discriminator.lr", "batch_size", "loss"]);
        assert_eq!(short_names(&["a.x", "x"]), ["a.x", "x"]);
    }

    #[test]
    fn hashes_are_cut_and_nothing_else() {
        assert_eq!(shown(Some(&"0123456789abcdef".repeat(4))), "01234567");
        assert_eq!(shown(Some("bce")), "bce");
        assert_eq!(shown(None), "–");
    }
}
