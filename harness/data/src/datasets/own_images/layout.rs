//! How the images of a dataset of one's own are arranged: which split and which class each belongs to.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::super::{DataError, Split, stylegan};
use crate::files::ImageTree;

/// Of so many images of a class one is held out where there is no test split.
const HELD_OUT_OF: usize = 10;

const TRAIN: &str = "train";
/// Folders of test images, the first that is there.
const TEST: [&str; 2] = ["test", "val"];

const HINT: &str = "arrange all images as <class>/IMAGE, train/<class>/IMAGE and test/<class>/IMAGE, train/IMAGE and \
    test/IMAGE, or IMAGE alone, or add StyleGAN's dataset.json";

/// What was recognised.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arrangement {
    /// The layout, for provenances.
    pub(super) layout: String,
    /// Class names, sorted by their bytes; none for images without labels.
    pub(super) classes: Vec<String>,
    /// The class of every image.
    pub(super) labels: Option<Vec<u32>>,
    /// The split of every image; `None` for one that belongs to neither.
    pub(super) splits: Vec<Option<Split>>,
}

/// Tells the layout of the images of `tree`, which lies at `path`.
///
/// # Errors
/// A [`DataError`] naming what fits into no layout.
pub(super) fn recognise(tree: &ImageTree, path: &Path) -> Result<Arrangement, DataError> {
    let refused = |reason: String| DataError::malformed(path, reason, HINT);
    if tree.names.is_empty() {
        return Err(refused("it holds no images".to_owned()));
    }
    if let Some(labels) = stylegan::labels(tree)? {
        let classes = labels.iter().flatten().max().map_or(0, |&last| last + 1);
        return Ok(Arrangement {
            layout: format!("StyleGAN's dataset.json, {}", held_out_note()),
            classes: (0..classes).map(|label| label.to_string()).collect(),
            splits: held_out(&within(&tree.names), labels.as_deref()),
            labels,
        });
    }
    if let Some(folder) = odd_folder(&tree.names) {
        return Err(refused(format!("the name of its folder `{folder}` is not UTF-8")));
    }
    by_folders(&tree.names).map_err(refused)
}

/// The folder of an image whose name is not UTF-8, and so is no class's.
fn odd_folder(names: &[String]) -> Option<&str> {
    let folders = names.iter().filter_map(|name| Some(name.rsplit_once('/')?.0));
    folders.into_iter().find(|folders| folders.contains(char::REPLACEMENT_CHARACTER))
}

/// Tells the layout of images of these names, at least one, by the folders that they lie in; the error is the reason.
fn by_folders(names: &[String]) -> Result<Arrangement, String> {
    let mut folders: Vec<Vec<&str>> = names.iter().map(|name| folders_of(name)).collect();
    strip_wrappers(&mut folders);
    let by_split = take_split_folders(&mut folders);
    check_depth(&folders, names)?;

    let mut classes: Vec<String> = folders.concat().into_iter().map(str::to_owned).collect();
    classes.sort();
    classes.dedup();
    let arrangement = match (by_split.is_some(), classes.is_empty()) {
        (true, true) => "split folders",
        (true, false) => "class folders in split folders",
        (false, true) => "images without classes",
        (false, false) => "class folders",
    };
    let label_of = |own: &Vec<&str>| {
        let class = own.first()?;
        classes.binary_search_by(|known| known.as_str().cmp(class)).ok().map(|label| label as u32)
    };
    let labels: Option<Vec<u32>> = folders.iter().map(label_of).collect();
    let (layout, splits) = match by_split {
        Some(SplitFolders { test: Some(test), splits }) => {
            (format!("{arrangement}, {TRAIN} and {test}"), splits)
        }
        _ => {
            let splits = held_out(&within(names), labels.as_deref());
            (format!("{arrangement}, {}", held_out_note()), splits)
        }
    };
    Ok(Arrangement { layout, classes, labels, splits })
}

/// What split folders say.
struct SplitFolders {
    /// The folder of test images, if there is one.
    test: Option<&'static str>,
    /// The split of every image; `None` for one that belongs to neither.
    splits: Vec<Option<Split>>,
}

/// Takes the outermost folders away if all of them are splits and one is that of training images.
fn take_split_folders(folders: &mut [Vec<&str>]) -> Option<SplitFolders> {
    let tops: Option<Vec<&str>> = folders.iter().map(|own| own.first().copied()).collect();
    let tops = tops.filter(|tops| tops.iter().all(|top| is_split(top)) && tops.contains(&TRAIN))?;
    for own in folders.iter_mut() {
        own.remove(0);
    }
    let test = TEST.into_iter().find(|test| tops.contains(test));
    let split_of = |&top: &&str| match top {
        TRAIN => Some(Split::Train),
        top if Some(top) == test => Some(Split::Test),
        _ => None,
    };
    Some(SplitFolders { test, splits: tops.iter().map(split_of).collect() })
}

/// Refuses images that lie in more than one folder, or some in one and others in none; the reason names two of them.
fn check_depth(folders: &[Vec<&str>], names: &[String]) -> Result<(), String> {
    let named = |found: &dyn Fn(&Vec<&str>) -> bool| {
        let place = folders.iter().position(found)?;
        names.get(place)
    };
    if let Some(deep) = named(&|own| own.len() > 1) {
        return Err(format!("`{deep}` lies deeper than in a class folder"));
    }
    match (named(&|own| own.is_empty()), named(&|own| !own.is_empty())) {
        (Some(bare), Some(classed)) => {
            Err(format!("`{bare}` lies in no class folder, and `{classed}` does"))
        }
        _ => Ok(()),
    }
}

fn is_split(folder: &str) -> bool {
    folder == TRAIN || TEST.contains(&folder)
}

fn held_out_note() -> String {
    format!("of every class one image in {HELD_OUT_OF} drawn as test")
}

/// A tenth of every class as test, rounded, and the others to train on; images without labels are one class.
///
/// The draw is a stream named after its purpose: of each class those whose names come first by their digests, so that it
/// depends on no other class, and a further image moves few others.
fn held_out(names: &[String], labels: Option<&[u32]>) -> Vec<Option<Split>> {
    let mut by_class: BTreeMap<u32, Vec<([u8; 32], usize)>> = BTreeMap::new();
    for (image, name) in names.iter().enumerate() {
        let rank = Sha256::digest(format!("bench held-out test images\n{name}"));
        let label = labels.map_or(0, |labels| labels[image]);
        by_class.entry(label).or_default().push((rank.into(), image));
    }
    let mut splits = vec![Some(Split::Train); names.len()];
    for mut ranked in by_class.into_values() {
        ranked.sort_unstable();
        let test = (ranked.len() + HELD_OUT_OF / 2) / HELD_OUT_OF;
        ranked.iter().take(test).for_each(|&(_, image)| splits[image] = Some(Split::Test));
    }
    splits
}

/// The names of files without the folders that hold everything: those in a folder, in an archive of it, and in one of a
/// folder around it are the same.
fn within(names: &[String]) -> Vec<String> {
    let mut folders: Vec<Vec<&str>> = names.iter().map(|name| folders_of(name)).collect();
    strip_wrappers(&mut folders);
    take_split_folders(&mut folders);
    let file = |name: &'_ str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let full = |(own, name): (&Vec<&str>, &String)| format!("{}/{}", own.join("/"), file(name));
    folders.iter().zip(names).map(full).collect()
}

/// The folders that a file of that name lies in.
fn folders_of(name: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = name.split('/').filter(|part| !["", "."].contains(part)).collect();
    parts.pop();
    parts
}

/// Takes away the folders that hold everything and no image themselves, as archives of a folder have them.
fn strip_wrappers(folders: &mut [Vec<&str>]) {
    loop {
        let Some(&first) = folders.first().and_then(|own| own.first()) else { return };
        let is_wrapper = folders.iter().all(|own| own.len() > 1 && own[0] == first);
        if !is_wrapper || is_split(first) {
            return;
        }
        for own in folders.iter_mut() {
            own.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_names_are_arranged_whole_or_refused(
            parts in prop::collection::vec(
                prop::collection::vec(prop::sample::select(vec!["train", "test", "val", "a", "b", ".", ""]), 0..4),
                1..12,
            )
        ) {
            let names: Vec<String> =
                parts.iter().enumerate().map(|(i, own)| format!("{}/{i}.png", own.join("/"))).collect();
            if let Ok(arrangement) = by_folders(&names) {
                prop_assert_eq!(arrangement.splits.len(), names.len());
                let labels = arrangement.labels.unwrap_or_default();
                prop_assert!([0, names.len()].contains(&labels.len()));
                prop_assert_eq!(labels.is_empty(), arrangement.classes.is_empty());
                prop_assert!(labels.iter().all(|&label| (label as usize) < arrangement.classes.len()));
            }
        }
    }
}
