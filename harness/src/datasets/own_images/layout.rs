//! How the images of a dataset of one's own are arranged: which split and which class each belongs to.

use std::path::Path;

use super::super::image_tree::ImageTree;
use super::super::{DataError, Split, stylegan};

/// Of so many images the last is held out where there is no test split.
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
            labels,
            splits: held_out(tree.names.len()),
        });
    }
    let mut folders: Vec<Vec<&str>> = tree.names.iter().map(|name| folders_of(name)).collect();
    strip_wrappers(&mut folders);
    let test = TEST.into_iter().find(|test| folders.iter().any(|own| own.first() == Some(test)));
    let by_split = folders.iter().all(|own| own.first().is_some_and(|name| is_split(name)))
        && folders.iter().any(|own| own.first() == Some(&TRAIN));
    let mut splits = held_out(folders.len());
    if by_split {
        let tops: Vec<&str> = folders.iter_mut().map(|own| own.remove(0)).collect();
        if test.is_some() {
            let split_of = |top: &&str| match Some(*top) {
                Some(TRAIN) => Some(Split::Train),
                top if top == test => Some(Split::Test),
                _ => None,
            };
            splits = tops.iter().map(split_of).collect();
        }
    }
    let depth = folders.iter().map(Vec::len).max().unwrap_or(0);
    if let Some(odd) = folders.iter().position(|own| own.len() != depth || depth > 1) {
        let name = &tree.names[odd];
        let other = folders.iter().position(|own| own.len() == depth).unwrap_or(0);
        let other = &tree.names[other];
        return Err(refused(match depth {
            0 | 1 => format!("`{name}` lies in no class folder, and `{other}` does"),
            _ => format!("`{other}` lies deeper than in a class folder"),
        }));
    }
    let arrangement = match (by_split, depth) {
        (true, 0) => "split folders",
        (true, _) => "class folders in split folders",
        (false, 0) => "images without classes",
        (false, _) => "class folders",
    };
    let held_out = match by_split && test.is_some() {
        true => format!("train and {}", test.unwrap_or_default()),
        false => held_out_note(),
    };
    let mut classes: Vec<String> = folders.concat().into_iter().map(str::to_owned).collect();
    classes.sort();
    classes.dedup();
    let label_of = |own: &Vec<&str>| {
        let class = own.first()?;
        classes.binary_search_by(|known| known.as_str().cmp(class)).ok().map(|label| label as u32)
    };
    let labels = folders.iter().map(label_of).collect();
    Ok(Arrangement { layout: format!("{arrangement}, {held_out}"), labels, classes, splits })
}

fn is_split(folder: &str) -> bool {
    folder == TRAIN || TEST.contains(&folder)
}

fn held_out_note() -> String {
    format!("of every {HELD_OUT_OF} images by name the last held out as test")
}

/// Every tenth image as test, the others to train on.
fn held_out(n: usize) -> Vec<Option<Split>> {
    let split = |i| if i % HELD_OUT_OF == HELD_OUT_OF - 1 { Split::Test } else { Split::Train };
    (0..n).map(|i| Some(split(i))).collect()
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
