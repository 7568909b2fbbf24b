//! Files: written whole or not at all, hashed, and read as images from folders and archives.

pub mod archive;
pub mod decode;
mod error;
mod held;
pub mod image_files;
pub mod image_tree;
pub mod partial;
pub mod png;
pub mod properties;
mod survey;
mod tally;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::path::Path;

use sha2::{Digest, Sha256};

pub use archive::ImageArchive;
pub use decode::{DecodeError, DecodedImage, Treatment};
pub use error::FileError;
pub use image_files::ImageFiles;
pub use image_tree::ImageTree;
pub use survey::{BadImages, Survey};
pub use tally::Tally;

/// The file in which the program says what it filled a folder with.
pub const NOTE_FILE: &str = "bench.json";

/// Bytes read at a time when a file is gone through.
const BLOCK: usize = 1 << 20;

/// Writes `bytes` to `path` so that a reader sees the old file or the new one, never a part.
///
/// Missing parent folders are made. The bytes go to a temporary file in the same folder, are
/// synced to the disk and renamed over `path`; the file's permissions are those that the process'
/// umask gives any new file.
///
/// # Errors
/// [`FileError::Io`] where the folder cannot be made or the file cannot be written; the old file,
/// if any, is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_whole_with(path, |file| {
        file.write_all(bytes)?;
        file.sync_all()
    })?;
    sync_folder(folder_of(path));
    Ok(())
}

/// [`write_atomically`] for one of many files that are easily made again: a reader sees no part of it, but it is left to
/// the system when it reaches the disk.
///
/// # Errors
/// As [`write_atomically`].
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_whole_with(path, |file| file.write_all(bytes))
}

/// [`write_whole`] of what `write` puts into the file. Several processes may do so at once: the last one's file stays.
///
/// # Errors
/// As [`write_atomically`].
pub fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> Result<(), FileError> {
    let failed = |source| FileError::io("write", path, source);
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(|source| FileError::io("create folder", folder, source))?;

    let mut temporary = partial::builder("").tempfile_in(folder).map_err(failed)?;
    write(temporary.as_file_mut()).map_err(failed)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Makes the folder of `path` and a file in it, which is gone again: so that what cannot be written fails before the
/// work whose result it is.
///
/// # Errors
/// [`FileError::Io`] where nothing can be written there, or `path` is a folder.
pub fn check_writable(path: &Path) -> Result<(), FileError> {
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(|source| FileError::io("create folder", folder, source))?;
    let tried = if path.is_dir() {
        Err(std::io::ErrorKind::IsADirectory.into())
    } else {
        tempfile::tempfile_in(folder).map(drop)
    };
    tried.map_err(|source| FileError::io("write", path, source))
}

/// Makes `folder` and a file in it, which is gone again: [`check_writable`] for files whose names are still to come.
///
/// # Errors
/// [`FileError::Io`] where nothing can be written there.
pub fn check_folder_writable(folder: &Path) -> Result<(), FileError> {
    fs::create_dir_all(folder).map_err(|source| FileError::io("create folder", folder, source))?;
    let tried = tempfile::tempfile_in(folder).map(drop);
    tried.map_err(|source| FileError::io("write to", folder, source))
}

/// Lets `write` write to a new file beside `path`, under the same extension, and renames it over `path` once it is whole and
/// on the disk: for writers that want a path rather than give bytes. Several processes may do so at once: the last one's file
/// stays.
///
/// # Errors
/// Those of `write`, and [`FileError::Io`] where the file cannot be made or renamed; the old file, if any, is then
/// untouched, and nothing stays beside it.
pub fn replace_atomically<E: From<FileError>>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |source| FileError::io("write", path, source);
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(|source| FileError::io("create folder", folder, source))?;
    let suffix = format!("-{}", path.file_name().unwrap_or_default().to_string_lossy());
    let beside = partial::builder(&suffix).tempfile_in(folder).map_err(failed)?.into_temp_path();
    write(&beside)?;
    File::open(&beside).and_then(|file| file.sync_all()).map_err(failed)?;
    let name = beside.to_path_buf();
    beside.persist(path).map_err(|error| failed(error.error))?;
    // Where `write` made it a second name of the file at `path`, renaming does nothing.
    let _ = fs::remove_file(name);
    sync_folder(folder);
    Ok(())
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the rename itself durable. Some file systems refuse to sync a folder; the file is whole
/// in either case, so a refusal is no failure.
pub(crate) fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(handle) = File::open(folder) {
        let _ = handle.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// SHA-256 of a file's bytes, 64 lower-case hexadecimal digits. Memory is flat in the file's size.
///
/// # Errors
/// [`FileError::Io`] where the file cannot be read.
pub fn sha256_file(path: &Path) -> Result<String, FileError> {
    let mut hasher = Sha256::new();
    for_each_block(path, |block| hasher.update(block))?;
    Ok(hexadecimal(&hasher.finalize()))
}

/// Hands a file's bytes to `take`, in order, a block at a time.
///
/// # Errors
/// [`FileError::Io`] where the file cannot be read.
pub(crate) fn for_each_block(path: &Path, mut take: impl FnMut(&[u8])) -> Result<(), FileError> {
    let failed = |source| FileError::io("read", path, source);
    let mut file = File::open(path).map_err(failed)?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        take(&block[..read]);
    }
}

/// Two lower-case hexadecimal digits a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_into_missing_folders_and_replaced_whole() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/table.csv");
        write_atomically(&path, b"first, and longer").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let left = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "no temporary file may stay behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_written_file_has_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let plain = root.path().join("plain");
        let atomic = root.path().join("atomic");
        File::create(&plain).unwrap();
        write_atomically(&atomic, b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&atomic), mode(&plain));
    }

    #[test]
    fn what_a_writer_fails_at_leaves_the_old_file_alone_and_nothing_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("state.safetensors");
        let write = |text: &'static [u8], end: Result<(), FileError>| {
            replace_atomically(&path, |beside| {
                assert_eq!(beside.extension(), path.extension());
                fs::write(beside, text).unwrap();
                end
            })
        };
        write(b"old", Ok(())).unwrap();
        let full = FileError::io("write", &path, std::io::ErrorKind::StorageFull.into());
        write(b"n", Err(full)).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_second_name_of_the_same_file_leaves_nothing_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let [path, other] = ["path", "other"].map(|name| root.path().join(name));
        fs::write(&path, b"x").unwrap();
        for _ in 0..2 {
            replace_atomically(&other, |beside| -> Result<(), FileError> {
                fs::remove_file(beside).unwrap();
                fs::hard_link(&path, beside).unwrap();
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(fs::read(&other).unwrap(), b"x");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_killed_processes_have_left_goes_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        for name in [".partial-aBcD12", ".partial-aBcD12-state.safetensors", ".hidden", "partial-1"]
        {
            fs::write(root.path().join(name), b"x").unwrap();
        }
        partial::remove_left(root.path()).unwrap();
        partial::remove_left(&root.path().join("none")).unwrap();
        let left = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, [".hidden", "partial-1"]);
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named_in_the_error() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, b"").unwrap();
        let message = write_atomically(&file.join("below"), b"x").unwrap_err().to_string();
        assert!(message.contains("file"), "{message}");
    }

    #[test]
    fn sha256_of_a_known_text() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("abc");
        fs::write(&path, b"abc").unwrap();
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_file(&path).unwrap(), expected);
        assert!(sha256_file(&root.path().join("none")).is_err());
    }
}
