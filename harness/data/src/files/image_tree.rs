//! The image files of a folder or a zip archive: which of them are taken, in which order, and what is left out.
//!
//! A folder and an archive of one tree give the same images in the same order, and leave the same out.

mod archive;
mod folder;
mod left_out;

use std::fs;
use std::path::{Path, PathBuf};

use super::NOTE_FILE;
use super::archive::{ArchiveMember, ImageArchive};
use super::decode::{IMAGE_EXTENSIONS, MAX_ENCODED_BYTES, has_image_extension};
use super::error::FileError;
use super::image_files::ImageFiles;

pub use left_out::LeftOut;

/// The file that StyleGAN's tools keep labels in: no image, and nothing that is left out.
pub(crate) const LABEL_FILE: &str = "dataset.json";

/// Most folders inside one another.
const MAX_DEPTH: usize = 8;

/// How deep images are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// In one folder: the tree's root or, where all images lie in one folder below it and none beside that, this one.
    #[default]
    Flat,
    /// In the folders of that one folder, a class each, unless it has images of its own.
    Classes,
    /// Everywhere.
    All,
}

/// The order of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileOrder {
    /// By the bytes of their paths inside the tree.
    #[default]
    ByName,
    /// By the bytes of the paths that they really lie at, links followed.
    ByRealPath,
}

/// Which files of a tree are taken, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection<'a> {
    /// Endings of names without the dot, in lower case if any case counts.
    pub extensions: &'a [&'a str],
    /// Whether capital and small letters are the same in endings.
    pub any_case: bool,
    /// How deep images are looked for.
    pub depth: Depth,
    /// The order of the images.
    pub order: FileOrder,
}

impl Selection<'static> {
    /// Every image in the tree, by name.
    pub const ALL: Self = Self {
        extensions: &IMAGE_EXTENSIONS,
        any_case: true,
        depth: Depth::All,
        order: FileOrder::ByName,
    };
}

impl Default for Selection<'_> {
    fn default() -> Self {
        Self { depth: Depth::Flat, ..Selection::ALL }
    }
}

/// The images of a folder or an archive.
#[derive(Debug)]
pub struct ImageTree {
    /// The images.
    pub files: ImageFiles,
    /// Their paths inside the tree, `/` between folders; what is not UTF-8 in a name is replaced.
    pub names: Vec<String>,
    /// What the tree has besides.
    pub left_out: LeftOut,
    /// The folders that hold all images, with a `/` at the end, if they are passed over.
    base: String,
    root: Root,
}

#[derive(Debug)]
enum Root {
    Folder(PathBuf),
    Archive(ImageArchive),
}

/// A file in a tree.
#[derive(Clone, Debug)]
struct Entry<P> {
    /// The path inside the tree, `/` between folders.
    name: String,
    kind: Kind,
    /// Where its bytes are.
    place: P,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Its name ends as that of an image that is wanted.
    Image,
    /// Its name ends as that of an image, of a kind that is not wanted.
    OtherImage,
    /// What tells of the images: their labels, or what made them.
    About,
    /// Any other file.
    Other,
    /// A file whose name starts with `.`, or what macOS adds.
    Hidden,
    /// A link that is not followed.
    Link,
}

impl ImageTree {
    /// Lists the images of the folder or `.zip` file `path`, told by their extensions. Names that start with `.` and
    /// `__MACOSX` are left out. Of a folder, links to images and to folders outside the tree are followed; links to
    /// folders inside it, around it and inside linked folders are left out, so that no image comes twice and no link
    /// leads in a circle. Of an archive, links are left out.
    ///
    /// # Errors
    /// A [`FileError`] naming what cannot be listed, or what lies below more than eight folders where all is looked for.
    pub fn open(path: &Path, selection: Selection<'_>) -> Result<Self, FileError> {
        let metadata = fs::metadata(path).map_err(|error| FileError::io("read", path, error))?;
        if metadata.is_dir() {
            let entries = folder::entries(path, selection)?;
            let Chosen { mut taken, left_out, base } = choose(entries, selection.depth);
            order_paths(&mut taken, selection.order);
            let (names, paths) = taken.into_iter().map(|entry| (entry.name, entry.place)).unzip();
            let files = ImageFiles::from_paths(paths);
            return Ok(Self { files, names, left_out, base, root: Root::Folder(path.to_owned()) });
        }
        let archive = ImageArchive::open(path)?;
        let entries = archive::entries(&archive, selection)?;
        // An archive is read in place: what its members are called is where they really lie.
        let Chosen { taken, left_out, base } = choose(entries, selection.depth);
        let (names, members) = taken.into_iter().map(|entry| (entry.name, entry.place)).unzip();
        let files = ImageFiles::from_archive(archive.clone(), members);
        Ok(Self { files, names, left_out, base, root: Root::Archive(archive) })
    }

    /// The folder that each image lies in, if none lies directly in the tree or in the one folder that holds everything.
    #[must_use]
    pub fn folders<'a>(&'a self) -> Option<Vec<&'a str>> {
        let folder_of = |name: &'a str| {
            let (folders, _) = name.strip_prefix(self.base.as_str())?.rsplit_once('/')?;
            folders.rsplit('/').next()
        };
        self.names.iter().map(|name| folder_of(name)).collect()
    }

    /// The file called `name` inside the tree: its path for messages and its bytes; `None` where there is none.
    ///
    /// # Errors
    /// A [`FileError`] where it cannot be read or has more than 512 MiB.
    pub fn read(&self, name: &str) -> Result<Option<(PathBuf, Vec<u8>)>, FileError> {
        match &self.root {
            Root::Folder(folder) => {
                let path = folder.join(name);
                let Some(metadata) = fs::metadata(&path).ok().filter(fs::Metadata::is_file) else {
                    return Ok(None);
                };
                if metadata.len() > MAX_ENCODED_BYTES {
                    let error = std::io::Error::from(std::io::ErrorKind::FileTooLarge);
                    return Err(FileError::io("read", &path, error));
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

/// What of a tree is taken, by name.
struct Chosen<P> {
    taken: Vec<Entry<P>>,
    left_out: LeftOut,
    base: String,
}

/// Which of the files of a tree are taken, and what is left out.
fn choose<P>(mut entries: Vec<Entry<P>>, depth: Depth) -> Chosen<P> {
    entries.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    let images: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.kind == Kind::Image)
        .map(|entry| entry.name.as_str())
        .collect();
    let base = match depth {
        Depth::Flat => wrapper(&images, 1),
        Depth::Classes => wrapper(&images, 2),
        Depth::All => "",
    }
    .to_owned();
    let level = |name: &str| name.strip_prefix(&base).map(|rest| rest.matches('/').count());
    let deepest = match depth {
        Depth::Flat => 0,
        Depth::Classes if images.iter().any(|name| level(name) == Some(0)) => 0,
        Depth::Classes => 1,
        Depth::All => usize::MAX,
    };
    let is_within = |name: &str| level(name).is_some_and(|level| level <= deepest);
    let mut left_out = LeftOut::default();
    for entry in &entries {
        left_out.add(&entry.name, entry.kind, is_within(&entry.name));
    }
    entries.retain(|entry| entry.kind == Kind::Image && is_within(&entry.name));
    Chosen { taken: entries, left_out, base }
}

/// The folders that all images lie in, as archives of a folder have them, as long as at least `levels` parts of every name
/// are left: `a/b/` for `a/b/1.png` and `a/b/2.png`; empty where there is none.
fn wrapper<'a>(images: &[&'a str], levels: usize) -> &'a str {
    let Some(&first) = images.first() else { return "" };
    let ends = first.match_indices('/').map(|(at, _)| &first[..=at]);
    let holds_all = |prefix: &&str| {
        images.iter().all(|name| {
            let rest = name.strip_prefix(*prefix);
            rest.is_some_and(|rest| rest.split('/').count() >= levels)
        })
    };
    ends.take_while(holds_all).last().unwrap_or("")
}

fn order_paths(taken: &mut [Entry<PathBuf>], order: FileOrder) {
    let real = |entry: &Entry<PathBuf>| {
        let path = fs::canonicalize(&entry.place).unwrap_or_else(|_| entry.place.clone());
        path.into_os_string().into_encoded_bytes()
    };
    match order {
        // Names are replaced where they are not UTF-8; their bytes are not.
        FileOrder::ByName => taken.sort_by(|a, b| {
            let bytes =
                |entry: &Entry<PathBuf>| entry.place.as_os_str().as_encoded_bytes().to_vec();
            (a.name.as_bytes(), bytes(a)).cmp(&(b.name.as_bytes(), bytes(b)))
        }),
        FileOrder::ByRealPath => taken.sort_by_cached_key(real),
    }
}

/// What a file is whose last part of the path is `name`, if it is no link.
fn kind_of(name: &str, selection: Selection<'_>) -> Kind {
    let name = Path::new(name);
    let extension = name.extension().unwrap_or_default();
    let is_wanted = selection.extensions.iter().any(|known| match selection.any_case {
        true => extension.eq_ignore_ascii_case(known),
        false => extension == *known,
    });
    let last = name.file_name().unwrap_or_default();
    match () {
        () if is_hidden(&last.to_string_lossy()) => Kind::Hidden,
        () if is_wanted => Kind::Image,
        () if has_image_extension(name) => Kind::OtherImage,
        () if last == LABEL_FILE || last == NOTE_FILE => Kind::About,
        () => Kind::Other,
    }
}

/// Whether a part of a path says that what lies there is no one's image.
pub(super) fn is_hidden(part: &str) -> bool {
    part == "__MACOSX" || (part.starts_with('.') && part != "." && part != "..")
}

#[cfg(test)]
mod tests;
