//! Image files at any depth below a folder or inside a zip archive.

use std::fs;
use std::path::{Path, PathBuf};

use super::DataError;
use crate::files::decode::{MAX_ENCODED_BYTES, has_image_extension};
use crate::files::image_files::{list_images, list_subfolders};
use crate::files::{FileError, ImageArchive, ImageFiles};

/// Most folders inside one another.
const MAX_DEPTH: usize = 8;

const HINT: &str = "rename it or leave it out";

/// The images of a folder or an archive, sorted by the bytes of their paths inside it.
#[derive(Debug)]
pub(crate) struct ImageTree {
    /// The images.
    pub(crate) files: ImageFiles,
    /// Their paths inside the tree, `/` between folders; what is not UTF-8 in a file's name is replaced.
    pub(crate) names: Vec<String>,
    root: Root,
}

#[derive(Debug)]
enum Root {
    Folder(PathBuf),
    Archive(ImageArchive),
}

impl ImageTree {
    /// Lists the images of the folder or `.zip` file `path`, told by their extensions. Names that start with `.` and
    /// `__MACOSX` are left out. Links to images and to folders outside the tree are followed; links to folders inside it,
    /// around it and inside linked folders are left out, so that no image comes twice and no link leads in a circle.
    ///
    /// # Errors
    /// A [`DataError`] naming what cannot be listed, a folder whose name is not UTF-8, or what lies below more than eight folders.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let metadata = fs::metadata(path).map_err(|error| FileError::io("read", path, error))?;
        if metadata.is_dir() {
            let canonical = path.canonicalize();
            let root = canonical.map_err(|error| FileError::io("list folder", path, error))?;
            let mut walk = Walk { root, found: Vec::new() };
            walk.folder(path, "", 0, false)?;
            walk.found.sort();
            let (names, paths) = walk.found.into_iter().unzip();
            let files = ImageFiles::from_paths(paths);
            return Ok(Self { files, names, root: Root::Folder(path.to_owned()) });
        }
        let archive = ImageArchive::open(path)?;
        let is_image = |name: &str| has_image_extension(Path::new(name));
        let members = archive.members().iter().filter(|member| is_image(&member.name));
        let members: Vec<_> = members.cloned().collect();
        let names: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
        if let Some(deep) = names.iter().find(|name| name.matches('/').count() > MAX_DEPTH) {
            return Err(too_deep(&path.join(deep)));
        }
        let files = ImageFiles::from_archive(archive.clone(), members);
        Ok(Self { files, names, root: Root::Archive(archive) })
    }

    /// The file called `name` inside the tree: its path for messages and its bytes; `None` where there is none.
    ///
    /// # Errors
    /// A [`DataError`] where it cannot be read or has more than 512 MiB.
    pub(crate) fn read(&self, name: &str) -> Result<Option<(PathBuf, Vec<u8>)>, DataError> {
        match &self.root {
            Root::Folder(folder) => {
                let path = folder.join(name);
                let Some(metadata) = fs::metadata(&path).ok().filter(fs::Metadata::is_file) else {
                    return Ok(None);
                };
                if metadata.len() > MAX_ENCODED_BYTES {
                    return Err(DataError::malformed(&path, "it is larger than 512 MiB", HINT));
                }
                let bytes = fs::read(&path).map_err(|error| FileError::io("read", &path, error))?;
                Ok(Some((path, bytes)))
            }
            Root::Archive(archive) => {
                let mut members = archive.members().iter();
                let Some(member) = members.find(|member| member.name == name) else {
                    return Ok(None);
                };
                Ok(Some((archive.path_of(member), archive.read(member)?)))
            }
        }
    }
}

fn too_deep(path: &Path) -> DataError {
    DataError::malformed(path, format!("it lies below more than {MAX_DEPTH} folders"), HINT)
}

/// The way through a folder.
struct Walk {
    /// Where the tree really lies.
    root: PathBuf,
    found: Vec<(String, PathBuf)>,
}

impl Walk {
    /// Adds the images in `folder`, whose path inside the tree is `prefix`, and those in folders below it.
    fn folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        depth: usize,
        is_linked: bool,
    ) -> Result<(), DataError> {
        if depth > MAX_DEPTH {
            return Err(too_deep(folder));
        }
        for path in list_images(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.found.push((format!("{prefix}{name}"), path));
        }
        for path in list_subfolders(folder)? {
            let name = path.file_name().unwrap_or_default();
            let Some(name) = name.to_str() else {
                return Err(DataError::malformed(&path, "its name is not UTF-8", HINT));
            };
            let link = path.is_symlink();
            if name != "__MACOSX" && (!link || (!is_linked && self.leads_outside(&path))) {
                self.folder(&path, &format!("{prefix}{name}/"), depth + 1, is_linked || link)?;
            }
        }
        Ok(())
    }

    fn leads_outside(&self, link: &Path) -> bool {
        let target = link.canonicalize();
        target.is_ok_and(|to| !to.starts_with(&self.root) && !self.root.starts_with(&to))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    fn write(root: &Path, names: &[&str]) {
        for name in names {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
    }

    #[test]
    fn links_lead_outside_once_and_never_in_circles() {
        let folder = tempfile::tempdir().unwrap();
        let (root, other) = (folder.path().join("root"), folder.path().join("other"));
        write(&root, &["cat/1.png", "cat/notes.txt", ".git/2.png", "3.PNG"]);
        write(&other, &["4.png", "deep/5.png"]);
        symlink("../../other", root.join("cat/linked")).unwrap();
        symlink("../root", other.join("back")).unwrap();
        symlink("..", root.join("cat/up")).unwrap();
        symlink("/", root.join("cat/around")).unwrap();
        symlink("cat", root.join("again")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        let tree = ImageTree::open(&root).unwrap();
        assert_eq!(tree.names, ["3.PNG", "cat/1.png", "cat/linked/4.png", "cat/linked/deep/5.png"]);
        assert_eq!(tree.files.path_of(1), root.join("cat/1.png"));
        assert!(tree.read("cat/notes.txt").unwrap().is_some());
        assert!(tree.read("cat").unwrap().is_none() && tree.read("none").unwrap().is_none());
    }

    #[test]
    fn odd_names_and_depths_are_refused_by_name() {
        let root = tempfile::tempdir().unwrap();
        let deep = "d/".repeat(MAX_DEPTH + 1);
        write(root.path(), &[&format!("{deep}1.png")]);
        let message = ImageTree::open(root.path()).unwrap_err().to_string();
        assert!(message.contains("below more than 8 folders"), "{message}");
        fs::remove_dir_all(root.path().join("d")).unwrap();
        fs::write(root.path().join(OsStr::from_bytes(b"a\xff.png")), b"").unwrap();
        assert_eq!(ImageTree::open(root.path()).unwrap().names, ["a\u{fffd}.png"]);
        fs::create_dir(root.path().join(OsStr::from_bytes(b"c\xff"))).unwrap();
        let message = ImageTree::open(root.path()).unwrap_err().to_string();
        assert!(message.contains("c\u{fffd}") && message.contains("not UTF-8"), "{message}");
    }
}
