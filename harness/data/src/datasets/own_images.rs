//! A dataset of one's own: a folder or a `.zip` of images, named by its path.
//!
//! These layouts are recognised, with or without folders around everything:
//!
//! - StyleGAN's: `dataset.json` beside the images, which lie at any depth (its labels may be `null`);
//! - `train/<class>/IMAGE` and `test/<class>/IMAGE`, or the same without classes; `val` stands in for `test`;
//! - `<class>/IMAGE`;
//! - `IMAGE`, without classes.
//!
//! Images are sorted by the bytes of their paths. Where there is no test split, a tenth of every class (rounded) is drawn as
//! one. Classes are sorted by the bytes of their names. Each image is decoded to RGB as people see it ([`Treatment::Upright`](crate::files::Treatment)), and one that has not
//! the side asked for is cut to the largest square in the middle and resized, as those of Flowers-102 are. Where no side is
//! asked for, squares of one size stay as they are, and anything else is brought to 64 pixels.

mod layout;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::labelled_files::{Fit, LabelledFiles};
use super::{DataError, DatasetSource, LoadOptions, NativeImages, Split, known};
use crate::files::image_tree::{LeftOut, Selection};
use crate::files::{ImageFiles, ImageTree};
use layout::Arrangement;

/// Side of images of different sizes unless another one is asked for, in pixels.
const SIDE: u32 = 64;

const HINT: &str = "see the layouts in docs/data.md";

/// See the [module](self).
#[derive(Debug)]
pub struct OwnImages {
    path: PathBuf,
    name: String,
    about: String,
    arrangement: Arrangement,
    files: Arc<ImageFiles>,
    left_out: LeftOut,
}

impl OwnImages {
    /// Lists the images at `path` and tells their layout; none is decoded.
    ///
    /// # Errors
    /// A [`DataError`] where nothing is there or it has none of the layouts.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let refused = |reason: &str| DataError::Source {
            text: path.display().to_string(),
            reason: reason.to_owned(),
        };
        if !path.exists() {
            return Err(refused("there is no such file or folder; check the path"));
        }
        let zipped = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
        if !path.is_dir() && !zipped {
            return Err(refused("a dataset is a name, a folder of images or a .zip of them"));
        }
        let tree = ImageTree::open(path, Selection::ALL)?;
        let arrangement = layout::recognise(&tree, path)?;
        let about = format!("your own images: {} in {}", tree.names.len(), arrangement.layout);
        let (files, left_out) = (Arc::new(tree.files), tree.left_out);
        Ok(Self { path: path.to_owned(), name: name_of(path), about, arrangement, files, left_out })
    }

    /// Numbers of the images of a split, in order.
    fn images_of(&self, split: Split) -> Vec<usize> {
        let splits = self.arrangement.splits.iter().enumerate();
        splits.filter(|(_, own)| **own == Some(split)).map(|(index, _)| index).collect()
    }
}

impl DatasetSource for OwnImages {
    fn name(&self) -> &str {
        &self.name
    }

    fn about(&self) -> &str {
        &self.about
    }

    fn classes(&self) -> Vec<&str> {
        self.arrangement.classes.iter().map(String::as_str).collect()
    }

    fn split_len(&self, split: Split) -> usize {
        self.images_of(split).len()
    }

    fn needs_files(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<String> {
        self.left_out.sentences().iter().map(|what| format!("left out are {what}")).collect()
    }

    fn read(
        &self,
        split: Split,
        _data_dir: Option<&Path>,
        options: &LoadOptions<'_>,
    ) -> Result<NativeImages, DataError> {
        let chosen = self.images_of(split);
        if chosen.is_empty() {
            let reason = format!("its {} images leave none for `{split}`", self.files.len());
            return Err(DataError::malformed(&self.path, reason, HINT));
        }
        let labels = self.arrangement.labels.as_ref();
        let labels = labels.map(|labels| chosen.iter().map(|&image| labels[image]).collect());
        let files = LabelledFiles::new(Arc::clone(&self.files), chosen, labels);
        let files = files.limited(options.limit);
        let side = match options.size {
            Some(side) => side,
            None => files.common_side(options)?.unwrap_or(SIDE),
        };
        let layout = &self.arrangement.layout;
        let provenance = format!(
            "{} ({layout}; of images that are not {side}x{side} the middle square, resized)",
            self.path.display()
        );
        Ok(files.fitted(Fit::CentreSquare, side, HINT, provenance))
    }
}

/// The last part of the path without `.zip`, made of letters, digits, `-`, `_` and `.`, and no dataset's of the program.
fn name_of(path: &Path) -> String {
    // `.` and `..` are called otherwise.
    let full = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let last = if full.is_dir() { full.file_name() } else { full.file_stem() };
    let plain = |letter: char| {
        if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '-' }
    };
    let name: String = last.unwrap_or_default().to_string_lossy().chars().map(plain).collect();
    match name.as_str() {
        "" => "images".to_owned(),
        taken if known(taken).is_some() => format!("own-{taken}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests;
