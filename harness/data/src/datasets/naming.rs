//! What a user calls a dataset: a name that the program knows, or the path of images of their own; and its split.

use std::ffi::OsStr;
use std::ops::Deref;
use std::path::Path;

use super::own_images::OwnImages;
use super::{DATASETS, DataError, DatasetSource, Split};

/// A dataset that was named: one that the program knows, or images at a path.
pub enum Found {
    /// One of [`DATASETS`].
    Known(&'static dyn DatasetSource),
    /// A folder or a `.zip` of images.
    Own(Box<OwnImages>),
}

impl Deref for Found {
    type Target = dyn DatasetSource;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Known(source) => *source,
            Self::Own(images) => &**images,
        }
    }
}

/// The dataset of that name in [`DATASETS`].
#[must_use]
pub fn known(name: impl AsRef<OsStr>) -> Option<&'static dyn DatasetSource> {
    let name = name.as_ref();
    DATASETS.iter().copied().find(|source| name == source.name())
}

/// The dataset of that name or, where there is none, the images at that path; see [`is_path`].
///
/// # Errors
/// [`DataError::UnknownDataset`], with the nearest name if there is one, and those of [`OwnImages::open`].
pub fn find(name: impl AsRef<OsStr>) -> Result<Found, DataError> {
    let name = name.as_ref();
    check_name(name)?;
    match known(name) {
        Some(source) => Ok(Found::Known(source)),
        None => OwnImages::open(Path::new(name)).map(Box::new).map(Found::Own),
    }
}

/// Refuses what is neither the name of a dataset nor a path, without looking into what lies there.
///
/// # Errors
/// [`DataError::UnknownDataset`], with the nearest name if there is one.
pub fn check_name(name: impl AsRef<OsStr>) -> Result<(), DataError> {
    let name = name.as_ref();
    if known(name).is_some() || is_path(name) {
        return Ok(());
    }
    Err(DataError::unknown_dataset(&name.to_string_lossy()))
}

/// Whether `name`, which is no dataset's, means a path: it has a `/`, ends in `.zip`, or lies on the disk.
#[must_use]
pub fn is_path(name: impl AsRef<OsStr>) -> bool {
    let name = name.as_ref();
    let text = name.to_string_lossy();
    let separated = text.contains(std::path::is_separator);
    separated || text.to_lowercase().ends_with(".zip") || Path::new(name).exists()
}

/// `NAME:SPLIT` in its two parts; without a split, the name alone. What is a path as it stands has no split, unless `NAME`
/// is a dataset.
///
/// # Errors
/// [`DataError::UnknownSplit`].
pub fn name_and_split<S: AsRef<OsStr> + ?Sized>(
    text: &S,
) -> Result<(&OsStr, Option<Split>), DataError> {
    let text = text.as_ref();
    match at_last_colon(text) {
        Some((name, split)) if known(name).is_some() || !Path::new(text).exists() => {
            Ok((name, Some(split.to_string_lossy().parse()?)))
        }
        _ => Ok((text, None)),
    }
}

fn at_last_colon(text: &OsStr) -> Option<(&OsStr, &OsStr)> {
    use std::os::unix::ffi::OsStrExt;
    let bytes = text.as_bytes();
    let colon = bytes.iter().rposition(|&byte| byte == b':')?;
    Some((OsStr::from_bytes(&bytes[..colon]), OsStr::from_bytes(&bytes[colon + 1..])))
}
