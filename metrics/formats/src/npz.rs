//! Archives of arrays as numpy's `savez` and `savez_compressed` write them: a zip file of `.npy` members.
//!
//! Read are `u8`, `i64`, `f32`, `f64` and short texts of either byte order, in C and in Fortran order, stored or
//! deflated. Object arrays, which are pickles, are refused. Memory follows what is really in the file: a header's
//! shape is checked against the member's size before anything is reserved.

mod array;
mod header;
mod writer;

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::error::FormatError;

pub use array::ArrayReader;
pub use header::Element;
use header::Header;
pub use writer::{Value, write};

/// Names that an error text lists at most.
const SHOWN_KEYS: usize = 8;

/// An open `.npz` file.
#[derive(Debug)]
pub struct NpzFile {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

impl NpzFile {
    /// Opens an archive and reads its directory.
    ///
    /// # Errors
    /// [`FormatError::Unreadable`], and [`FormatError::Unusable`] if the file is no zip archive or two arrays have one name.
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        let failed = |reason| FormatError::Unreadable { path: path.to_owned(), reason };
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
        }
        let file = BufReader::new(File::open(path).map_err(failed)?);
        let refused = |reason: String| FormatError::Unusable {
            path: path.to_owned(),
            reason,
            hint: "write the file again with numpy.savez",
        };
        let archive =
            ZipArchive::new(file).map_err(|error| refused(format!("no npz archive: {error}")))?;
        if archive.has_duplicate_names() {
            return Err(refused("two arrays have the same name".to_owned()));
        }
        Ok(Self { path: path.to_owned(), archive })
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is an array called `key`.
    pub fn contains(&self, key: &str) -> bool {
        self.archive.index_for_name(&member(key)).is_some()
    }

    /// The array called `key`: its header now, its elements on demand.
    ///
    /// # Errors
    /// [`FormatError::Unusable`] if there is no such array, its elements are of another kind than this module reads, or its
    /// shape does not fit the size of its data.
    pub fn array(&mut self, key: &str) -> Result<ArrayReader<'_>, FormatError> {
        let Some(index) = self.archive.index_for_name(&member(key)) else {
            return Err(FormatError::Unusable {
                path: self.path.clone(),
                reason: format!("it has no array `{key}`, {}", self.listing()),
                hint: "check that it is the right file",
            });
        };
        let failed = |reason: String| array::refused(&self.path, key, reason);
        let member = self.archive.by_index(index).map_err(|error| failed(error.to_string()))?;
        ArrayReader::new(&self.path, key, member)
    }

    /// The names of the arrays that there are.
    pub fn keys(&self) -> Vec<String> {
        let names = self.archive.file_names().flatten();
        names.filter_map(|name| name.strip_suffix(".npy").map(str::to_owned)).collect()
    }

    /// The arrays that there are, for error texts.
    fn listing(&self) -> String {
        let keys = self.keys();
        match keys.len() {
            0 => "nor any other".to_owned(),
            1..=SHOWN_KEYS => format!("only {}", keys.join(", ")),
            more => {
                format!("only {} and {} more", keys[..SHOWN_KEYS].join(", "), more - SHOWN_KEYS)
            }
        }
    }
}

/// What the header of the `.npy` file at `path` says: the type of its elements and its shape.
///
/// # Errors
/// [`FormatError::Unreadable`], and [`FormatError::Unusable`] if it is no such file.
pub fn describe_npy(path: &Path) -> Result<(Element, Vec<usize>), FormatError> {
    let failed = |reason| FormatError::Unreadable { path: path.to_owned(), reason };
    let header = Header::read(&mut BufReader::new(File::open(path).map_err(failed)?));
    let header = header.map_err(|reason| FormatError::Unusable {
        path: path.to_owned(),
        reason,
        hint: "write the file again with numpy.save",
    })?;
    Ok((header.element, header.shape))
}

/// The archive member that holds the array `key`.
fn member(key: &str) -> String {
    format!("{key}.npy")
}
