//! The layout `<split>/<class>/<image>`, as folders or inside a zip archive.

use std::path::Path;

use crate::files::image_files::list_images;
use crate::files::{ImageArchive, ImageFiles, decode};

use super::labelled_files::LabelledFiles;
use super::{DataError, Split};

/// What to do about images that are missing or of another size.
pub(super) const HINT: &str = "put images of the right size into <split>/<class>/ for every class";

/// Lists `<root>/<split>/<class>/` for every class, class by class and by name within a class; `None` where none of those
/// folders is there.
pub(super) fn in_folder(
    root: &Path,
    split: Split,
    classes: &[&str],
) -> Result<Option<LabelledFiles>, DataError> {
    let split_folder = root.join(split.name());
    let folders: Vec<_> = classes.iter().map(|class| split_folder.join(class)).collect();
    if !folders.iter().any(|folder| folder.is_dir()) {
        return Ok(None);
    }
    let mut by_class = Vec::with_capacity(classes.len());
    for folder in &folders {
        if !folder.is_dir() {
            return Err(DataError::malformed(folder, "the class folder is missing", HINT));
        }
        let images = list_images(folder)?;
        if images.is_empty() {
            return Err(DataError::malformed(folder, "the class folder has no images", HINT));
        }
        by_class.push(images);
    }
    let (paths, labels) = flatten(by_class);
    Ok(Some(LabelledFiles::all(ImageFiles::from_paths(paths), labels)))
}

/// Lists the members `<split>/<class>/<image>` of a zip archive, with any folders in front;
/// `None` where there are none.
pub(super) fn in_archive(
    path: &Path,
    split: Split,
    classes: &[&str],
) -> Result<Option<LabelledFiles>, DataError> {
    let archive = ImageArchive::open(path)?;
    let mut by_class = vec![Vec::new(); classes.len()];
    for member in archive.members() {
        let mut parts = member.name.rsplit('/');
        let (Some(file), Some(class), Some(folder)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let label = classes.iter().position(|&known| known == class);
        if let Some(label) = label
            && folder == split.name()
            && decode::has_image_extension(Path::new(file))
        {
            by_class[label].push(member.clone());
        }
    }
    if by_class.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    if let Some(missing) = by_class.iter().position(Vec::is_empty) {
        let reason = format!("it has no images in {split}/{}/", classes[missing]);
        return Err(DataError::malformed(path, reason, HINT));
    }
    let (members, labels) = flatten(by_class);
    Ok(Some(LabelledFiles::all(ImageFiles::from_archive(archive, members), labels)))
}

/// Strings the classes together.
fn flatten<T>(by_class: Vec<Vec<T>>) -> (Vec<T>, Vec<u32>) {
    let mut items = Vec::new();
    let mut labels = Vec::new();
    for (label, class) in (0_u32..).zip(by_class) {
        items.extend(class);
        labels.resize(items.len(), label);
    }
    (items, labels)
}
