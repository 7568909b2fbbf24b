//! The files of a folder and of those below it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Depth, Entry, FileError, Kind, MAX_DEPTH, Selection, kind_of};
use crate::files::DecodeError;

/// Most files of subfolders that are looked at where none of them is taken, so that a wrong folder, such as `/`, costs no
/// time.
const MOST_BELOW: usize = 100_000;

/// The way through a folder.
struct Walk<'a> {
    selection: Selection<'a>,
    /// Where the tree really lies.
    root: PathBuf,
    found: Vec<Entry<PathBuf>>,
    /// Folders to be listed.
    open: Vec<Folder>,
}

struct Folder {
    path: PathBuf,
    /// Its path inside the tree, with a `/` at its end; empty for the root.
    prefix: String,
    depth: usize,
    is_linked: bool,
}

/// What is in the folder and below it; where subfolders are not searched, only as much as tells what is left out.
///
/// # Errors
/// A [`FileError`] naming a folder that cannot be listed, or what lies too deep, where all are looked for.
pub(super) fn entries(
    path: &Path,
    selection: Selection<'_>,
) -> Result<Vec<Entry<PathBuf>>, FileError> {
    let failed = |error| FileError::io("list folder", path, error);
    let root = path.canonicalize().map_err(failed)?;
    let mut walk = Walk { selection, root, found: Vec::new(), open: Vec::new() };
    let first = Folder { path: path.to_owned(), prefix: String::new(), depth: 0, is_linked: false };
    walk.list(&first)?;
    while let Some(folder) = walk.open.pop() {
        if selection.depth == Depth::All {
            if folder.depth > MAX_DEPTH {
                let reason = DecodeError::TooDeep(MAX_DEPTH);
                return Err(FileError::Image { path: folder.path, reason });
            }
            walk.list(&folder)?;
        } else if walk.found.len() < MOST_BELOW && folder.depth <= MAX_DEPTH {
            // What cannot be listed here was not to be taken.
            match walk.list(&folder) {
                Err(error) if selection.depth == Depth::Classes && folder.depth == 1 => {
                    return Err(error);
                }
                _ => {}
            }
        }
    }
    Ok(walk.found)
}

impl Walk<'_> {
    /// Adds the files in `folder`, and the folders in it to those that are to be listed.
    fn list(&mut self, folder: &Folder) -> Result<(), FileError> {
        let failed = |error| FileError::io("list folder", &folder.path, error);
        for entry in fs::read_dir(&folder.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let file_type = entry.file_type().map_err(failed)?;
            let path = entry.path();
            let name = format!("{}{}", folder.prefix, entry.file_name().to_string_lossy());
            let is_link = file_type.is_symlink();
            // A link says what it leads to only when it is followed.
            let is_folder = file_type.is_dir() || (is_link && path.is_dir());
            let kind = kind_of(&name, self.selection);
            if !is_folder {
                self.found.push(Entry { name, kind, place: path });
            } else if is_link && (folder.is_linked || !self.leads_outside(&path)) {
                self.found.push(Entry { name, kind: Kind::Link, place: path });
            } else if kind != Kind::Hidden {
                let (prefix, depth) = (format!("{name}/"), folder.depth + 1);
                let is_linked = folder.is_linked || is_link;
                self.open.push(Folder { path, prefix, depth, is_linked });
            }
        }
        Ok(())
    }

    fn leads_outside(&self, link: &Path) -> bool {
        let target = link.canonicalize();
        target.is_ok_and(|to| !to.starts_with(&self.root) && !self.root.starts_with(&to))
    }
}
