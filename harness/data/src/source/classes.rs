//! Which class every image of a source shows, where that is known.

use std::path::Path;

use crate::datasets::{DataError, stylegan};
use crate::files::ImageTree;
use crate::files::image_tree::{LABEL_FILE, Selection};

use super::{Files, Images, Source};

/// The classes of the images of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Class names.
    pub classes: Vec<String>,
    /// Index into `classes` of every image, in the order of the images, bad ones included.
    pub of_images: Vec<usize>,
}

impl Source {
    /// The classes of the images: of a dataset split its labels; of files those of `dataset.json`, or the names of the
    /// folders that they are in, unless some lie directly in the source. `None` where they are unknown.
    #[must_use]
    pub fn labels(&self) -> Option<Labels> {
        match &self.images {
            Images::Npz(_) => None,
            Images::Dataset(dataset) => Some(Labels {
                classes: dataset.classes.clone(),
                of_images: dataset.labels.as_ref()?.iter().map(|&label| label as usize).collect(),
            }),
            Images::Files(own) => own.labels.clone(),
        }
    }
}

impl Labels {
    /// Of images whose classes are called so; classes are sorted by the bytes of their names.
    pub(super) fn by_name(names: &[&str]) -> Self {
        let mut classes = names.to_vec();
        classes.sort_unstable();
        classes.dedup();
        let of_images = names.iter().filter_map(|name| classes.binary_search(name).ok()).collect();
        Self { of_images, classes: classes.into_iter().map(str::to_owned).collect() }
    }

    /// Of images whose classes have these numbers, by which they are called.
    fn by_number(numbers: &[u32]) -> Self {
        let classes = numbers.iter().max().map_or(0, |&last| last + 1);
        Self {
            classes: (0..classes).map(|number| number.to_string()).collect(),
            of_images: numbers.iter().map(|&number| number as usize).collect(),
        }
    }
}

/// The images of a folder or an archive whose `dataset.json` labels them.
pub(super) fn labelled_by_file(path: &Path) -> Result<Option<Images>, DataError> {
    if path.is_dir() && !path.join(LABEL_FILE).is_file() {
        return Ok(None);
    }
    let tree = ImageTree::open(path, Selection::ALL)?;
    let numbers = stylegan::labels(&tree)?.flatten();
    let files = numbers.map(|numbers| Files {
        files: tree.files,
        kind: "images with dataset.json",
        labels: Some(Labels::by_number(&numbers)),
        left_out: tree.left_out,
    });
    Ok(files.map(Box::new).map(Images::Files))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::files::image_tree::Depth;
    use crate::source::SourceOptions;

    /// Class folders are told by names alone; the files need not be images yet.
    fn write(root: &Path, names: &[&str]) {
        for name in names {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
    }

    fn by_class() -> SourceOptions<'static> {
        let selection = Selection { depth: Depth::Classes, ..Default::default() };
        SourceOptions { selection, ..Default::default() }
    }

    fn parse(path: &Path) -> Result<Source, DataError> {
        Source::open(path, &by_class())
    }

    #[test]
    fn class_folders_are_read_class_by_class() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &["dog/2.png", "cat/1.jpg", "dog/1.png", "cat/notes.txt", ".git/x.png"]);
        let source = parse(root.path()).unwrap();
        let names: Vec<String> = (0..source.len()).map(|index| source.name_of(index)).collect();
        let path = |name: &str| root.path().join(name).display().to_string();
        assert_eq!(names, [path("cat/1.jpg"), path("dog/1.png"), path("dog/2.png")]);
        let labels = source.labels().unwrap();
        assert_eq!(labels.classes, ["cat", "dog"]);
        assert_eq!(labels.of_images, [0, 1, 1]);
        assert!(source.describe().ends_with("(class folders, 3 images)"), "{}", source.describe());
    }

    #[test]
    fn a_folder_with_images_of_its_own_has_no_classes() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &["1.png", "2.png", "cat/3.png"]);
        let source = parse(root.path()).unwrap();
        assert_eq!((source.len(), source.labels()), (2, None));
        let trailing = format!("{}/", root.path().display());
        assert_eq!(Source::open(&trailing, &Default::default()).unwrap().labels(), None);
        fs::create_dir(root.path().join("none")).unwrap();
        assert!(parse(&root.path().join("none")).is_err());
    }

    #[test]
    fn stylegans_labels_are_read() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &["00000/1.png", "00000/2.png", "00001/3.png"]);
        assert_eq!(parse(root.path()).unwrap().labels().unwrap().of_images, [0, 0, 1]);
        let json = r#"{"labels": [["00000/1.png", 2], ["00000/2.png", 0], ["00001/3.png", 2]]}"#;
        fs::write(root.path().join("dataset.json"), json).unwrap();
        let source = parse(root.path()).unwrap();
        let labels = source.labels().unwrap();
        assert_eq!((labels.classes.len(), labels.of_images), (3, vec![2, 0, 2]));
        assert!(source.describe().contains("dataset.json, 3 images"), "{}", source.describe());
        fs::write(root.path().join("dataset.json"), "{").unwrap();
        assert!(parse(root.path()).unwrap_err().to_string().contains("dataset.json"));
    }

    #[test]
    fn the_labels_of_a_split_are_its_classes() {
        let source = Source::open("shapes:test", &by_class()).unwrap();
        let labels = source.labels().unwrap();
        assert_eq!(labels.of_images.len(), source.len());
        assert!(labels.of_images.iter().all(|&label| label < labels.classes.len()));
    }
}
