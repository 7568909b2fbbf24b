//! `dataset.json`, the labels beside the images of a dataset as StyleGAN's `dataset_tool.py` writes them:
//! `{"labels": [["00000/img00000000.png", 3], …]}`, or `{"labels": null}` for images without labels (Karras et al. 2020,
//! "Training generative adversarial networks with limited data").

use std::collections::HashMap;

use serde::Deserialize;

use super::DataError;
use crate::files::ImageTree;
use crate::files::image_tree::LABEL_FILE;

/// Most classes: labels lie below it.
pub const MAX_CLASSES: u32 = 10_000;

const HINT: &str = "write it as StyleGAN's dataset_tool.py does: {\"labels\": [[\"folder/image.png\", 3], …]}, or null";

#[derive(Deserialize)]
struct LabelFile {
    labels: Option<Vec<(String, u32)>>,
}

/// The labels of all images of a tree that has a `dataset.json` in its root, or in the only folder that all images lie
/// in; the outer `None` where there is no such file, the inner one where it gives no labels.
///
/// # Errors
/// A [`DataError`] naming the file where it cannot be read or is damaged, see [`parse`].
pub(crate) fn labels(tree: &ImageTree) -> Result<Option<Option<Vec<u32>>>, DataError> {
    let first = tree.names.first().map_or("", String::as_str);
    let folders = first.char_indices().filter(|&(_, letter)| letter == '/');
    let prefixes = [""].into_iter().chain(folders.map(|(at, _)| &first[..=at]));
    for prefix in prefixes.take_while(|prefix| tree.names.iter().all(|n| n.starts_with(prefix))) {
        if let Some((path, json)) = tree.read(&format!("{prefix}{LABEL_FILE}"))? {
            let names: Vec<&str> = tree.names.iter().map(|name| &name[prefix.len()..]).collect();
            let labels = parse(&json, &names);
            return labels.map(Some).map_err(|reason| DataError::malformed(&path, reason, HINT));
        }
    }
    Ok(None)
}

/// The labels that a file of the bytes `json` gives to the images called `names`; `None` where it gives none.
///
/// # Errors
/// The reason, where it is no such JSON, names an image twice or one that is not there, leaves one out, or has a label
/// that is no whole number below [`MAX_CLASSES`].
pub fn parse(json: &[u8], names: &[&str]) -> Result<Option<Vec<u32>>, String> {
    let file: LabelFile = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let Some(entries) = file.labels else { return Ok(None) };
    let places: HashMap<&str, usize> =
        names.iter().enumerate().map(|(i, &name)| (name, i)).collect();
    let mut labels = vec![None; names.len()];
    for (name, label) in entries {
        let name = name.replace('\\', "/");
        let Some(&place) = places.get(name.as_str()) else {
            return Err(format!("it labels `{name}`, which is not there"));
        };
        if label >= MAX_CLASSES {
            return Err(format!("label {label} of `{name}` is not below {MAX_CLASSES}"));
        }
        if labels[place].replace(label).is_some() {
            return Err(format!("it labels `{name}` twice"));
        }
    }
    if let Some(missing) = labels.iter().position(Option::is_none) {
        return Err(format!("it has no label for `{}`", names[missing]));
    }
    Ok(labels.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 2] = ["0/a.png", "0/b.png"];

    #[test]
    fn labels_come_in_the_order_of_the_images() {
        let json = br#"{"version": 1, "labels": [["0\\b.png", 7], ["0/a.png", 0]]}"#;
        assert_eq!(parse(json, &NAMES).unwrap(), Some(vec![0, 7]));
        assert_eq!(parse(br#"{"labels": null}"#, &NAMES).unwrap(), None);
        assert_eq!(parse(b"{}", &NAMES).unwrap(), None);
    }

    #[test]
    fn what_gives_no_labels_is_explained() {
        for (json, reason) in [
            (r#"{"labels": [["0/a.png", 0]]}"#, "no label for `0/b.png`"),
            (r#"{"labels": [["0/a.png", 0], ["0/a.png", 0]]}"#, "labels `0/a.png` twice"),
            (r#"{"labels": [["../c.png", 0]]}"#, "`../c.png`, which is not there"),
            (r#"{"labels": [["0/a.png", 10000]]}"#, "label 10000 of `0/a.png`"),
            (r#"{"labels": [["0/a.png", -1]]}"#, "line 1 column"),
            (r#"{"labels": [["0/a.png", 0.5]]}"#, "line 1 column"),
            (r#"{"labels": [["0/a.png", [0, 1]]]}"#, "line 1 column"),
            (r#"{"labels": [], "labels": null}"#, "duplicate field"),
            (r#"{"labels": [["0/a.p"#, "EOF"),
            ("", "EOF"),
            ("\u{0}", "line 1 column"),
        ] {
            let found = parse(json.as_bytes(), &NAMES).unwrap_err();
            assert!(found.contains(reason), "{json}: {found}");
        }
        let nested = "[".repeat(1 << 20);
        assert!(parse(format!(r#"{{"x": {nested}"#).as_bytes(), &NAMES).is_err());
    }

    proptest! {
        #[test]
        fn no_changed_byte_panics(at in 0_usize..60, byte: u8) {
            let mut json = br#"{"labels": [["0/b.png", 7], ["0/a.png", 12]], "note": [1e5]}"#.to_vec();
            json[at] = byte;
            if let Ok(Some(labels)) = parse(&json, &NAMES) {
                prop_assert_eq!(labels.len(), NAMES.len());
            }
        }
    }
}
