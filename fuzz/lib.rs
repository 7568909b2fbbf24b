//! What the fuzz targets share.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

/// An empty folder of this process; let `TMPDIR` name one in memory.
pub fn empty_folder(name: &str) -> PathBuf {
    let folder = FOLDER.path().join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the folder can be removed");
    }
    std::fs::create_dir(&folder).expect("the folder can be made");
    folder
}

/// A file of this process with these contents, for readers that want a path.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = FOLDER.path().join(name);
    std::fs::write(&path, bytes).expect("the file can be written");
    path
}

/// The path as text, as the command line gives it.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary folder with a plain name")
}
