//! `.tar.gz` archives, read in place: nothing is unpacked to the disk, so no member's name leads out of a folder and no
//! link is followed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use tar::{Archive, Entry};

use super::DataError;
use crate::files::FileError;

/// Most bytes that an archive is unpacked to, some three times those of the largest that is published.
const MAX_UNPACKED: u64 = 1 << 30;

/// A reader that fails once it has read more than so many bytes.
pub(super) struct Bounded<R> {
    reader: R,
    max: u64,
    read: u64,
}

/// Opens an archive.
///
/// # Errors
/// [`DataError::File`] where it cannot be opened.
pub(super) fn open(path: &Path) -> Result<Archive<Bounded<impl Read>>, DataError> {
    open_bounded(path, MAX_UNPACKED)
}

fn open_bounded(path: &Path, max: u64) -> Result<Archive<Bounded<impl Read>>, DataError> {
    let file = File::open(path).map_err(|source| FileError::io("read", path, source))?;
    let reader = GzDecoder::new(BufReader::new(file));
    Ok(Archive::new(Bounded { reader, max, read: 0 }))
}

/// The regular files of an archive, in its order. Headers that extend others (long names, attributes) are not
/// interpreted: published archives do without, and they would have to be held in memory.
pub(super) fn files<R: Read>(
    archive: &mut Archive<R>,
) -> io::Result<impl Iterator<Item = io::Result<Entry<'_, R>>>> {
    let is_file = |entry: &io::Result<Entry<'_, R>>| match entry {
        Ok(entry) => entry.header().entry_type().is_file(),
        Err(_) => true,
    };
    Ok(archive.entries()?.raw(true).filter(is_file))
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read += read as u64;
        if self.read > self.max {
            return Err(io::Error::other(format!("it unpacks to more than {} bytes", self.max)));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{EntryType, Header};

    use super::*;

    /// A header whose name and size are written as they are given, whatever follows it.
    fn header(name: &str, kind: EntryType, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_cksum();
        header
    }

    fn member(name: &str, kind: EntryType, contents: &[u8]) -> Vec<u8> {
        let mut bytes = header(name, kind, contents.len() as u64).as_bytes().to_vec();
        bytes.extend(contents);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    /// Most bytes that the archives of these tests unpack to.
    const MAX: u64 = 1 << 20;

    /// Names and contents of all files of an archive with these bytes, or the first error.
    fn read(write: impl FnOnce(&mut dyn Write)) -> Result<Vec<(String, Vec<u8>)>, String> {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("archive.tar.gz");
        let mut gzip = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
        write(&mut gzip);
        gzip.finish().unwrap();
        let mut archive = open_bounded(&path, MAX).map_err(|error| error.to_string())?;
        let mut found = Vec::new();
        for entry in files(&mut archive).map_err(|error| error.to_string())? {
            let mut entry = entry.map_err(|error| error.to_string())?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents).map_err(|error| error.to_string())?;
            found.push((name, contents));
        }
        let left = std::fs::read_dir(root.path()).unwrap().count();
        assert_eq!(left, 1, "nothing is unpacked");
        Ok(found)
    }

    #[test]
    fn names_lead_nowhere_and_links_are_passed_over() {
        let mut link = header("link", EntryType::Symlink, 0);
        link.set_link_name("/etc/passwd").unwrap();
        link.set_cksum();
        let found = read(|tar| {
            tar.write_all(&member("../../escape", EntryType::Regular, b"a")).unwrap();
            tar.write_all(link.as_bytes()).unwrap();
            tar.write_all(&member("/etc/absolute", EntryType::Regular, b"b")).unwrap();
            tar.write_all(&member("folder", EntryType::Directory, b"")).unwrap();
            tar.write_all(&[0; 1024]).unwrap();
        });
        let expected = [("../../escape", b"a"), ("/etc/absolute", b"b")];
        assert_eq!(found.unwrap(), expected.map(|(name, text)| (name.to_owned(), text.to_vec())));
    }

    #[test]
    fn a_member_that_declares_more_than_it_has_is_an_error() {
        let error = read(|tar| {
            tar.write_all(header("short", EntryType::Regular, 10_000_000_000).as_bytes()).unwrap();
            tar.write_all(&[1; 512]).unwrap();
        });
        assert!(error.as_ref().is_err_and(|error| error.contains("unexpected EOF")), "{error:?}");
    }

    #[test]
    fn what_unpacks_to_far_more_than_any_dataset_is_refused() {
        for kind in
            [EntryType::Regular, EntryType::Symlink, EntryType::GNULongName, EntryType::XHeader]
        {
            let error = read(|tar| {
                tar.write_all(header("zeros", kind, 10 << 30).as_bytes()).unwrap();
                tar.write_all(&vec![0; 2 * MAX as usize]).unwrap();
            });
            let error = error.unwrap_err();
            assert!(error.contains("more than 1048576 bytes"), "{kind:?}: {error}");
        }
    }
}
