//! The layout `<split>/<class>/<image>`, as folders or inside a zip archive.

use std::path::Path;

use rayon::prelude::*;

use crate::files::image_files::list_images;
use crate::files::{DecodedImage, FileError, ImageArchive, ImageFiles, decode};

use super::{DataError, EncodedImages, LoadOptions, NativeImages, NativePixels, Split};

/// Images decoded between two reports of progress.
const CHUNK: usize = 1024;

const HINT: &str = "put images of the right size into <split>/<class>/ for every class";

/// Encoded images with their labels, class by class and by name within a class.
#[derive(Debug)]
pub(super) struct LabelledFiles {
    files: ImageFiles,
    labels: Vec<u32>,
}

/// Lists `<root>/<split>/<class>/` for every class; `None` where none of those folders is there.
pub(super) fn in_folder(
    root: &Path,
    split: Split,
    classes: &[&str],
    limit: Option<usize>,
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
    let (paths, labels) = flatten(by_class, limit);
    Ok(Some(LabelledFiles { files: ImageFiles::from_paths(paths), labels }))
}

/// Lists the members `<split>/<class>/<image>` of a zip archive, with any folders in front;
/// `None` where there are none.
pub(super) fn in_archive(
    path: &Path,
    split: Split,
    classes: &[&str],
    limit: Option<usize>,
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
    let (members, labels) = flatten(by_class, limit);
    Ok(Some(LabelledFiles { files: ImageFiles::from_archive(archive, members), labels }))
}

/// Strings the classes together. A limit takes the first of every class, then the second, and so
/// on, so that a part of the data is as balanced as the whole.
fn flatten<T>(by_class: Vec<Vec<T>>, limit: Option<usize>) -> (Vec<T>, Vec<u32>) {
    let sizes: Vec<usize> = by_class.iter().map(Vec::len).collect();
    let kept = kept_per_class(&sizes, limit);
    let mut items = Vec::with_capacity(kept.iter().sum());
    let mut labels = Vec::with_capacity(kept.iter().sum());
    for ((label, class), kept) in (0_u32..).zip(by_class).zip(kept) {
        items.extend(class.into_iter().take(kept));
        labels.resize(items.len(), label);
    }
    (items, labels)
}

fn kept_per_class(sizes: &[usize], limit: Option<usize>) -> Vec<usize> {
    let mut left = limit.unwrap_or(usize::MAX);
    let mut kept = vec![0; sizes.len()];
    for round in 0..sizes.iter().copied().max().unwrap_or(0) {
        for (kept, &size) in kept.iter_mut().zip(sizes) {
            if round < size && left > 0 {
                *kept += 1;
                left -= 1;
            }
        }
    }
    kept
}

impl LabelledFiles {
    /// The images, each of which must be `side` pixels square.
    pub(super) fn of_side(self, side: u32, provenance: String) -> NativeImages {
        NativeImages {
            images: NativePixels::Encoded(Box::new(SquareFiles { files: self.files, side })),
            labels: Some(self.labels),
            height: side as usize,
            width: side as usize,
            channels: 3,
            provenance,
            official: false,
        }
    }
}

/// Files of RGB images that are `side` pixels square.
#[derive(Debug)]
struct SquareFiles {
    files: ImageFiles,
    side: u32,
}

impl EncodedImages for SquareFiles {
    fn count(&self) -> usize {
        self.files.len()
    }

    fn content_sha256(&self) -> Result<String, DataError> {
        Ok(self.files.content_sha256()?)
    }

    fn decode(&self, options: &LoadOptions<'_>) -> Result<Vec<u8>, DataError> {
        let Self { files, side } = self;
        let total = files.len();
        let mut images = Vec::with_capacity(total * 3 * (*side as usize).pow(2));
        for start in (0..total).step_by(CHUNK) {
            options.report(start, total);
            let end = total.min(start + CHUNK);
            let chunk: Vec<Result<DecodedImage, FileError>> =
                (start..end).into_par_iter().map(|index| files.decode(index)).collect();
            for (index, decoded) in (start..end).zip(chunk) {
                let decoded = decoded?;
                if (decoded.width, decoded.height) != (*side, *side) {
                    let (width, height) = (decoded.width, decoded.height);
                    let reason = format!("it has {width}x{height} pixels and not {side}x{side}");
                    return Err(DataError::malformed(&files.path_of(index), reason, HINT));
                }
                images.extend_from_slice(&decoded.pixels);
            }
        }
        options.report(total, total);
        Ok(images)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_spread_evenly_over_the_classes() {
        assert_eq!(kept_per_class(&[5, 5, 5], Some(7)), [3, 2, 2]);
        assert_eq!(kept_per_class(&[1, 5, 2], Some(6)), [1, 3, 2]);
        assert_eq!(kept_per_class(&[1, 5, 2], None), [1, 5, 2]);
    }
}
