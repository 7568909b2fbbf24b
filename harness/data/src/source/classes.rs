//! Which class every image of a source shows, where that is known.

use std::path::Path;

use crate::datasets::image_tree::ImageTree;
use crate::datasets::{DataError, LoadOptions, stylegan};
use crate::files::ImageFiles;
use crate::files::image_files::{list_images, list_subfolders};

use super::{Images, Source};

/// The classes of the images of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Class names.
    pub classes: Vec<String>,
    /// Index into `classes` of every image, in the order of the images, bad ones included.
    pub of_images: Vec<usize>,
}

impl Source {
    /// [`Source::parse_with`], but of what has labels in StyleGAN's `dataset.json` the images at any depth are taken, and of
    /// a folder without images of its own those in its subfolders, one folder a class: `DIR/<class>/<image>`, class by
    /// class, both sorted by the bytes of their names.
    ///
    /// # Errors
    /// As [`Source::parse`], and where a `dataset.json` is damaged.
    pub fn parse_classes(
        text: &str,
        data_dir: Option<&Path>,
        options: &LoadOptions<'_>,
    ) -> Result<Self, DataError> {
        let path = Path::new(text);
        if let Some(images) = labelled_by_file(path)? {
            return Ok(Self { text: text.to_owned(), images });
        }
        if path.is_dir() && list_images(path)?.is_empty() {
            let mut paths = Vec::new();
            for folder in list_subfolders(path)? {
                paths.extend(list_images(&folder)?);
            }
            if !paths.is_empty() {
                let files = ImageFiles::from_paths(paths);
                let images = Images::Files {
                    files,
                    kind: "class folders",
                    numbers: None,
                    left_out: Vec::new(),
                };
                return Ok(Self { text: text.to_owned(), images });
            }
        }
        Self::parse_with(text, data_dir, options)
    }

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
            Images::Files { numbers: Some(numbers), .. } => {
                let classes = numbers.iter().max().map_or(0, |&last| last + 1);
                Some(Labels {
                    classes: (0..classes).map(|number| number.to_string()).collect(),
                    of_images: numbers.iter().map(|&number| number as usize).collect(),
                })
            }
            Images::Files { files, .. } => {
                let root = Path::new(&self.text);
                let class_of = |index| {
                    let path = files.path_of(index);
                    let folder = path.parent().filter(|folder| *folder != root)?;
                    Some(folder.file_name()?.to_string_lossy().into_owned())
                };
                let names: Vec<String> = (0..files.len()).map(class_of).collect::<Option<_>>()?;
                let mut classes = names.clone();
                classes.sort();
                classes.dedup();
                let of_images = names.iter().filter_map(|name| classes.binary_search(name).ok());
                Some(Labels { of_images: of_images.collect(), classes })
            }
        }
    }
}

/// The images of a folder or an archive whose `dataset.json` labels them.
fn labelled_by_file(path: &Path) -> Result<Option<Images>, DataError> {
    let zipped = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    let may_be_labelled = match path.is_dir() {
        true => path.join(stylegan::FILE_NAME).is_file(),
        false => zipped && path.is_file(),
    };
    if !may_be_labelled {
        return Ok(None);
    }
    let tree = ImageTree::open(path)?;
    let numbers = stylegan::labels(&tree)?.flatten();
    let images = |numbers| Images::Files {
        files: tree.files,
        kind: "images with dataset.json",
        numbers: Some(numbers),
        left_out: Vec::new(),
    };
    Ok(numbers.map(images))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Class folders are told by names alone; the files need not be images yet.
    fn write(root: &Path, names: &[&str]) {
        for name in names {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
    }

    fn parse(path: &Path) -> Result<Source, DataError> {
        Source::parse_classes(path.to_str().unwrap(), None, &LoadOptions::default())
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
        assert_eq!(Source::parse(&trailing, None).unwrap().labels(), None);
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
        let source = Source::parse_classes("shapes:test", None, &LoadOptions::default()).unwrap();
        let labels = source.labels().unwrap();
        assert_eq!(labels.of_images.len(), source.len());
        assert!(labels.of_images.iter().all(|&label| label < labels.classes.len()));
    }
}
