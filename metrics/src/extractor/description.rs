//! What a model's metadata say of it, checked.

use std::collections::BTreeMap;

use super::metadata_keys as keys;
use super::resize::ResizeRule;
use crate::error::MetricsError;

/// Longest side of an extractor's input.
const MAX_SIZE: usize = 1024;
/// Longest name of an extractor, in characters.
const MAX_NAME: usize = 64;

/// How to feed a model and read its outputs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Description {
    pub(super) name: String,
    pub(super) size: usize,
    pub(super) resize: ResizeRule,
    /// Whether the square in an image's middle is taken, instead of all of it.
    pub(super) crop: bool,
    pub(super) mean: [f32; 3],
    pub(super) std: [f32; 3],
    pub(super) features: String,
    /// `None` for an extractor of features alone.
    pub(super) logits: Option<String>,
    /// `None` for an extractor without spatial features.
    pub(super) spatial: Option<String>,
}

impl Description {
    /// Checks the metadata of the model that error texts call `model`.
    pub(super) fn parse(
        model: &str,
        entries: &BTreeMap<String, String>,
    ) -> Result<Self, MetricsError> {
        let refuse = |key: &'static str, reason: String| MetricsError::ModelMetadata {
            model: model.to_owned(),
            key,
            reason,
        };
        let entry = |key: &'static str| {
            entries.get(key).ok_or_else(|| refuse(key, "is missing".to_owned()))
        };
        let odd = |key, value: &str, expected: &str| {
            refuse(key, format!("is {value:?} instead of {expected}"))
        };

        let name = entry(keys::NAME)?;
        if name.trim().is_empty()
            || name.chars().count() > MAX_NAME
            || name.chars().any(char::is_control)
        {
            return Err(odd(keys::NAME, name, "1 to 64 printable characters"));
        }
        let size = entry(keys::INPUT_SIZE)?;
        let side = size.parse().ok().filter(|side| (1..=MAX_SIZE).contains(side));
        let resize = entry(keys::INPUT_RESIZE)?;
        let rule = ResizeRule::ALL.into_iter().find(|rule| rule.name() == resize);
        let mean = entry(keys::INPUT_MEAN)?;
        let std = entry(keys::INPUT_STD)?;
        let crop = match entries.get(keys::INPUT_CROP).map(String::as_str) {
            None => false,
            Some(keys::CENTRE) => true,
            Some(other) => return Err(odd(keys::INPUT_CROP, other, keys::CENTRE)),
        };
        let positive = |values: &[f32; 3]| values.iter().all(|&value| value > 0.0);
        Ok(Self {
            name: name.clone(),
            size: side.ok_or_else(|| odd(keys::INPUT_SIZE, size, "a side from 1 to 1024"))?,
            resize: rule.ok_or_else(|| {
                let known = ResizeRule::ALL.map(ResizeRule::name).join(", ");
                odd(keys::INPUT_RESIZE, resize, &format!("one of {known}"))
            })?,
            crop,
            mean: three_numbers(mean)
                .ok_or_else(|| odd(keys::INPUT_MEAN, mean, "three numbers"))?,
            std: three_numbers(std)
                .filter(positive)
                .ok_or_else(|| odd(keys::INPUT_STD, std, "three numbers above 0"))?,
            features: entry(keys::OUTPUT_FEATURES)?.clone(),
            logits: entries.get(keys::OUTPUT_LOGITS).cloned(),
            spatial: entries.get(keys::OUTPUT_SPATIAL).cloned(),
        })
    }
}

/// Three finite numbers separated by commas.
fn three_numbers(text: &str) -> Option<[f32; 3]> {
    let numbers: Vec<f32> =
        text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    let three: [f32; 3] = numbers.try_into().ok()?;
    three.iter().all(|number| number.is_finite()).then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> BTreeMap<String, String> {
        [
            (keys::NAME, "tiny"),
            (keys::INPUT_SIZE, "32"),
            (keys::INPUT_RESIZE, "bilinear"),
            (keys::INPUT_MEAN, "127.5, 127.5,127.5"),
            (keys::INPUT_STD, "127.5,127.5,127.5"),
            (keys::OUTPUT_FEATURES, "features"),
            (keys::OUTPUT_LOGITS, "logits"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn sound_metadata_are_read() {
        let description = Description::parse("m.onnx", &sound()).expect("sound metadata");
        assert_eq!((description.size, description.mean), (32, [127.5; 3]));
        assert_eq!(
            (description.features.as_str(), description.logits.as_deref()),
            ("features", Some("logits"))
        );
    }

    #[test]
    fn missing_keys_are_named() {
        for key in sound().into_keys().filter(|key| key != keys::OUTPUT_LOGITS) {
            let mut entries = sound();
            entries.remove(&key);
            let error =
                Description::parse("m.onnx", &entries).expect_err("a missing key").to_string();
            assert!(error.contains(&key) && error.contains("m.onnx"), "{error}");
        }
    }

    #[test]
    fn logits_may_be_missing() {
        let mut entries = sound();
        entries.remove(keys::OUTPUT_LOGITS);
        let description = Description::parse("m.onnx", &entries).expect("features alone");
        assert_eq!(description.logits, None);
    }

    #[test]
    fn odd_values_are_named() {
        let odd = [
            (keys::NAME, ""),
            (keys::NAME, "two\nlines"),
            (keys::INPUT_SIZE, "0"),
            (keys::INPUT_SIZE, "-3"),
            (keys::INPUT_SIZE, "99999"),
            (keys::INPUT_RESIZE, "tf2-bilinear"),
            (keys::INPUT_RESIZE, "cubic"),
            (keys::INPUT_CROP, "left"),
            (keys::INPUT_MEAN, "1,2"),
            (keys::INPUT_MEAN, "1,2,nan"),
            (keys::INPUT_STD, "1,2,0"),
            (keys::INPUT_STD, "1,2,inf"),
        ];
        for (key, value) in odd {
            let mut entries = sound();
            entries.insert(key.to_owned(), value.to_owned());
            let error =
                Description::parse("m.onnx", &entries).expect_err("an odd value").to_string();
            assert!(error.contains(key), "{key} = {value:?}: {error}");
        }
    }
}
